package audience

import (
	"encoding/json"
	"strings"
	"testing"

	"sortition/wasm/engine/internal/jsontext"
)

// reference evaluates a tree the way the rules are written down, without compiling groups: the oracle for FuzzConditions.
func reference(conditions json.RawMessage, leaf func(json.RawMessage) Truth) Truth {
	var list []json.RawMessage
	if !strings.HasPrefix(strings.TrimLeft(string(conditions), " \t\r\n"), "[") || json.Unmarshal(conditions, &list) != nil {
		return leaf(conditions)
	}
	operator := "or"
	if len(list) > 0 {
		var first any
		if json.Unmarshal(list[0], &first) == nil {
			switch text, isText := first.(string); {
			case text == "and", text == "or", text == "not":
				operator, list = text, list[1:]
			case !isText:
				list = list[1:]
			}
		}
	}
	if operator == "not" {
		if len(list) == 0 {
			return Unknown
		}
		return -reference(list[0], leaf)
	}
	return fold(operator, list, leaf)
}

func fold(operator string, list []json.RawMessage, leaf func(json.RawMessage) Truth) Truth {
	and, or := True, False
	for _, operand := range list {
		t := reference(operand, leaf)
		and, or = min(and, t), max(or, t)
	}
	if operator == "and" {
		return and
	}
	return or
}

func FuzzConditions(f *testing.F) {
	a, b := is("exact", `"a"`), is("semver_ge", `"1.2"`)
	for _, conditions := range []string{
		`["and",["or",["not",` + a + `]],` + b + `]`,
		`["not",["and",` + a + `,["or",` + b + `,[]]]]`,
		`[` + a + `,["xor",` + b + `],["not"],"and"]`,
		is("gt", `5`),
	} {
		f.Add(conditions, "a", 1.5)
	}
	f.Fuzz(func(t *testing.T, conditions, text string, number float64) {
		parser := jsontext.New(conditions)
		if parser.Skip(); parser.End() != nil {
			return
		}
		for _, x := range []Value{{}, {Kind: Null}, OfText(text), OfNumber(number), OfBool(true), {Kind: Other}} {
			eval := func(conditions string) Truth {
				c := NewCompiler()
				p := c.Conditions(jsontext.New(conditions))
				u := User{Attributes: make([]Value, len(c.Keys())), Segments: []string{text}}
				for i := range u.Attributes {
					u.Attributes[i] = x
				}
				return p.Eval(&u)
			}
			want := reference(json.RawMessage(conditions), func(leaf json.RawMessage) Truth { return eval(string(leaf)) })
			if got := eval(conditions); got != want {
				t.Fatalf("%s for %+v: %v, want %v", conditions, x, got, want)
			}
		}
	})
}
