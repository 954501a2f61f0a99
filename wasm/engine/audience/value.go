package audience

import (
	"math"

	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
)

// Kind is the type of an attribute's value, of a condition's value, or of an event tag.
type Kind uint8

// The kinds. Absent, the zero Kind, is no value at all (JavaScript's undefined); Other is present but of no scalar type of
// JSON: an array or an object, of which conditions only ask whether it exists.
const (
	Absent Kind = iota
	Null
	Boolean
	Number
	Text
	Other
)

// Value is a value of any Kind; the field of that kind holds it, the others mean nothing. The zero Value is Absent.
type Value struct {
	_      lean.Uncompared
	Kind   Kind
	Bool   bool
	Number float64
	Text   string

	// Key is the value once more as an integer, for values that conditions compare in one step: equal values of one kind have
	// equal Keys, and those of numbers are ordered as the numbers are. It is zero for a value that has none (see TextKey,
	// NumberKey and BoolKey), and who fills a Value may leave it zero: the value is then compared in full.
	Key uint64
}

// LongKey is the Key of every text longer than eight bytes: it tells them from shorter ones, not from each other. No UTF-8 has it
// as its bytes.
const LongKey = ^uint64(0)

// TextKey returns the Key of a text: its bytes, the first one lowest, when there are up to eight, none of them zero.
func TextKey(s string) (key uint64) {
	if len(s) > 8 {
		return LongKey
	}
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == 0 {
			return 0
		}
		key = key<<8 | uint64(s[i])
	}
	return key
}

// NumberKey returns the Key of a number that conditions compare: its bits, so changed that their order is that of the numbers.
func NumberKey(n float64) uint64 {
	if !(math.Abs(n) <= MaxNumber) {
		return 0
	}
	bits := math.Float64bits(n + 0) // which makes -0 a 0
	return bits ^ (uint64(int64(bits)>>63) | 1<<63)
}

// BoolKey returns the Key of a boolean.
func BoolKey(b bool) uint64 {
	if b {
		return 2
	}
	return 1
}

// MaxNumber is the largest magnitude of a number that conditions compare and events carry: 2^53, inclusive, as in the
// official SDK. Fractions are fine; NaN and the infinities are not.
const MaxNumber = 1 << 53

// OfBool returns a Boolean.
func OfBool(b bool) Value { return Value{Kind: Boolean, Bool: b, Key: BoolKey(b)} }

// OfNumber returns a Number.
func OfNumber(n float64) Value { return Value{Kind: Number, Number: n, Key: NumberKey(n)} }

// OfText returns a Text.
func OfText(s string) Value { return Value{Kind: Text, Text: s, Key: TextKey(s)} }

// Finite tells whether v is a number that conditions compare and events carry, see MaxNumber.
func (v *Value) Finite() bool {
	// A comparison with NaN is false, so NaN fails as it should.
	return v.Kind == Number && math.Abs(v.Number) <= MaxNumber
}

// ReadValue consumes the next value of p.
func ReadValue(p *jsontext.Parser) Value {
	switch p.Kind() {
	case jsontext.Null:
		p.Skip()
		return Value{Kind: Null}
	case jsontext.Bool:
		return OfBool(p.Bool())
	case jsontext.Number:
		return OfNumber(p.Number())
	case jsontext.String:
		return OfText(p.String())
	default:
		p.Skip()
		return Value{Kind: Other}
	}
}

// ReadMembers calls each with the members of a JSON object, in order: with the value of a scalar, and of an array or an object, whose
// value is Other, with its source. The error says what is wrong with the text, and where.
func ReadMembers(object string, each func(key string, value Value, source string)) error {
	p := jsontext.New(object)
	if p.Kind() != jsontext.Object {
		p.Fail("must be an object")
	}
	p.Object(func(key string) {
		if k := p.Kind(); k == jsontext.Array || k == jsontext.Object {
			each(key, Value{Kind: Other}, p.Raw())
			return
		}
		each(key, ReadValue(p), "")
	})
	return p.End()
}
