package event

import (
	"math"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
)

// Tag is one of the details a conversion is tracked with. The tags revenue and value have a meaning of their own.
type Tag struct {
	Key   string
	Value audience.Value
	Raw   string // JSON text of a Value of Kind Other, such as `[7]`
}

func readTag(key string, p *jsontext.Parser) Tag {
	if k := p.Kind(); k == jsontext.Array || k == jsontext.Object {
		return Tag{Key: key, Value: audience.Value{Kind: audience.Other}, Raw: p.Raw()}
	}
	return Tag{Key: key, Value: audience.ReadValue(p)}
}

// fillAmounts takes what the event lacks of revenue and value from its tags, where some SDKs leave them.
func (e *Event) fillAmounts() {
	if e.Tags == "" || e.Revenue.Valid && e.Value.Valid {
		return
	}
	p := jsontext.New(e.Tags)
	p.Object(func(key string) {
		switch {
		case key == "revenue" && !e.Revenue.Valid:
			e.Revenue = readTag(key, p).revenue()
		case key == "value" && !e.Value.Valid:
			e.Value = readTag(key, p).value()
		default:
			p.Skip()
		}
	})
}

// revenue reads the tag as the official SDK reads revenue: text by parseInt, anything else cut to an integer, and what is then
// not finite is no revenue.
func (t Tag) revenue() Amount {
	if t.Value.Kind == audience.Text {
		return finite(ecma.ParseInt(t.Value.Text, 0))
	}
	return finite(math.Trunc(t.number()))
}

// value reads the tag as the official SDK reads value: text by parseFloat, anything else as the number it is.
func (t Tag) value() Amount {
	if t.Value.Kind == audience.Text {
		return finite(ecma.ParseFloat(t.Value.Text))
	}
	return finite(t.number())
}

// number is what JavaScript makes of a value that is not text where it wants a number.
func (t Tag) number() float64 {
	switch t.Value.Kind {
	case audience.Number:
		return t.Value.Number
	case audience.Boolean:
		if t.Value.Bool {
			return 1
		}
		return 0
	case audience.Other:
		return arrayNumber(jsontext.New(t.Raw))
	default:
		return math.NaN()
	}
}

// arrayNumber consumes an array or object and gives what Number() gives of it: an array is first turned into text, so [] is 0,
// [7] and ["7"] and [[7]] are 7, and all else is NaN.
func arrayNumber(p *jsontext.Parser) float64 {
	if p.Kind() != jsontext.Array {
		p.Skip()
		return math.NaN()
	}
	n := 0.0
	p.Array(func(i int) {
		if i > 0 {
			n = math.NaN()
			p.Skip()
			return
		}
		n = elementNumber(p)
	})
	return n
}

// elementNumber consumes the one element of an array and gives what Number() makes of it as text, where null is no text.
func elementNumber(p *jsontext.Parser) float64 {
	switch p.Kind() {
	case jsontext.Array:
		return arrayNumber(p)
	case jsontext.Null:
		p.Skip()
		return 0
	case jsontext.String:
		return ecma.ToNumber(p.String())
	case jsontext.Number:
		return p.Number()
	default:
		p.Skip()
		return math.NaN()
	}
}

func finite(n float64) Amount {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return Amount{}
	}
	return Amount{Number: n, Valid: true}
}
