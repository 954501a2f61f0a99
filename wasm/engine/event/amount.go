package event

import (
	"math"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
)

// Amount is a number that may be missing; Revenue is in cents, Value in whatever the application counts.
type Amount struct {
	Number float64
	Valid  bool
}

// appendAmounts writes the members value and revenue of a conversion, as far as its tags have them.
func appendAmounts(dst []byte, tags []Tag) []byte {
	if t := find(tags, "value"); t != nil {
		if amount := t.value(); amount.Valid {
			dst = append(dst, `,"value":`...)
			if t.Value.Kind == audience.Text {
				dst = ecma.AppendNumber(dst, amount.Number)
			} else {
				dst = t.appendValue(dst) // true stays true and [7] stays [7]: the SDK checks, but does not convert
			}
		}
	}
	if t := find(tags, "revenue"); t != nil {
		if amount := t.revenue(); amount.Valid {
			dst = ecma.AppendNumber(append(dst, `,"revenue":`...), amount.Number)
		}
	}
	return dst
}

func find(tags []Tag, key string) *Tag {
	for i := range tags {
		if tags[i].Key == key {
			return &tags[i]
		}
	}
	return nil
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
			tag := readTag(key, p)
			e.Revenue = tag.revenue()
		case key == "value" && !e.Value.Valid:
			tag := readTag(key, p)
			e.Value = tag.value()
		default:
			p.Skip()
		}
	})
}

// revenue reads the tag as the official SDK reads revenue: text by parseInt, anything else cut to an integer, and what is then
// not finite is no revenue.
func (t *Tag) revenue() Amount {
	if t.Value.Kind == audience.Text {
		return finite(ecma.ParseInt(t.Value.Text, 0))
	}
	return finite(math.Trunc(t.number()))
}

// value reads the tag as the official SDK reads value: text by parseFloat, anything else as the number it is.
func (t *Tag) value() Amount {
	if t.Value.Kind == audience.Text {
		return finite(ecma.ParseFloat(t.Value.Text))
	}
	return finite(t.number())
}

// number is what JavaScript makes of a value that is not text where it wants a number.
func (t *Tag) number() float64 {
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
