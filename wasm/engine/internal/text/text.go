// Package text is the handful of package strings that the engine needs. Package strings brings Unicode's tables with it, 10 KB of
// the module's download after compression; these functions bring nothing.
package text

import "sortition/wasm/engine/internal/lean"

// HasPrefix tells whether s begins with prefix.
func HasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

// Finder looks for one part in many texts, as JavaScript does: by UTF-16 code units.
type Finder struct {
	_     lean.Uncompared
	part  string
	Short Short
	split bool // part begins or ends with half of a character: it is kept, and looked for, in halves
}

// Short is a part of one to eight bytes, none of them zero. The zero Short is none.
type Short struct {
	_    lean.Uncompared
	Word uint64 // its bytes, the first one lowest
	Mask uint64 // ones where Word has a byte
}

// NewFinder returns a Finder of part.
func NewFinder(part string) *Finder {
	f := &Finder{part: part}
	if hasHalf(part) {
		f.part, f.split = halves(part), true
		return f
	}
	if len(part) > 0 && len(part) <= 8 && indexByte(part, 0) < 0 {
		for i := 0; i < len(part); i++ {
			f.Short.Word |= uint64(part[i]) << (8 * i)
			f.Short.Mask |= 0xFF << (8 * i)
		}
	}
	return f
}

// In tells whether the part is in s.
func (f *Finder) In(s string) bool {
	switch {
	case f.split:
		return f.inLong(halves(s))
	case f.Short.Mask != 0 && len(s) >= 8:
		return f.Short.InLong(s)
	default:
		return f.inLong(s)
	}
}

// InWord is In for a text of up to eight bytes, the first one lowest, behind which there are zeros.
func (p Short) InWord(word uint64) bool {
	for ; word != 0; word >>= 8 {
		if word&p.Mask == p.Word {
			return true
		}
	}
	return false
}

// InLong is In for a text of at least eight bytes.
func (p Short) InLong(s string) bool {
	for ; len(s) > 8; s = s[1:] {
		if Word(s)&p.Mask == p.Word {
			return true
		}
	}
	return p.InWord(Word(s))
}

func (f *Finder) inLong(s string) bool {
	n := len(f.part)
	for i := 0; i+n <= len(s); i++ {
		if s[i:i+n] == f.part {
			return true
		}
	}
	return false
}

// hasHalf tells whether s begins with a second surrogate or ends with a first one, which may be halves of a text's characters.
func hasHalf(s string) bool {
	n := len(s)
	return n >= 3 && (s[0] == 0xED && s[1] >= 0xB0 || s[n-3] == 0xED && s[n-2] >= 0xA0 && s[n-2] < 0xB0)
}

// halves returns s with each character beyond U+FFFF as its two surrogates, three bytes each.
func halves(s string) string {
	b := make([]byte, 0, len(s)+len(s)/2)
	for len(s) > 0 {
		if s[0] < 0xF0 || len(s) < 4 {
			b, s = append(b, s[0]), s[1:]
			continue
		}
		c := rune(s[0]&7)<<18 | rune(s[1]&0x3F)<<12 | rune(s[2]&0x3F)<<6 | rune(s[3]&0x3F) - 0x10000
		b, s = appendSurrogate(appendSurrogate(b, 0xD800|c>>10), 0xDC00|c&0x3FF), s[4:]
	}
	return string(b)
}

func appendSurrogate(b []byte, c rune) []byte {
	return append(b, 0xED, 0x80|byte(c>>6&0x3F), 0x80|byte(c&0x3F))
}

// indexByte returns the first index of c in s, or -1.
func indexByte(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// IsDigits tells whether s is made of ASCII digits, of one at least.
func IsDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// IndexEither returns the first index of a or b in s, or -1.
func IndexEither(s string, a, b byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == a || s[i] == b {
			return i
		}
	}
	return -1
}

// Cut splits s around the first sep; more is false, and before all of s, when there is none.
func Cut(s string, sep byte) (before, after string, more bool) {
	if i := indexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// Append appends s to dst. A call is a fifth of the code that append itself is at each of its many places.
//
//go:noinline
func Append(dst []byte, s string) []byte { return append(dst, s...) }
