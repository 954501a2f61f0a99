package audience

import (
	"encoding/json"
	"testing"

	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/internal/jsontext"
)

// mustValue turns a value of the vectors into what the engine sees.
func mustValue(tb testing.TB, raw json.RawMessage) Value {
	tb.Helper()
	switch v := enginetest.Value(tb, raw).(type) {
	case enginetest.Undefined:
		return Value{}
	case float64:
		return OfNumber(v)
	default:
		return ReadValue(jsontext.New(string(raw)))
	}
}

func userOf(tb testing.TB, c *Compiler, attributes map[string]json.RawMessage) *User {
	tb.Helper()
	u := &User{Attributes: make([]Value, len(c.Keys()))}
	for key, raw := range attributes {
		if slot, known := c.Find(key); known {
			u.Attributes[slot] = mustValue(tb, raw)
		}
	}
	return u
}

func truth(b *bool) Truth {
	if b == nil {
		return Unknown
	}
	return truthOf(*b)
}

func TestConditionsGiveTheGoldenTruth(t *testing.T) {
	cases := enginetest.MustVectors(t).Audiences.Cases
	if len(cases) < 203 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, test := range cases {
		c := NewCompiler()
		p := c.Conditions(jsontext.New(string(test.Conditions)))
		u := userOf(t, c, test.Attributes)
		u.Segments = test.Segments
		if got, want := mustEval(t, &p, u), truth(test.JS); got != want {
			t.Errorf("%s for %s, segments %q: %v, want %v", test.Conditions, test.Attributes, test.Segments, got, want)
		}
	}
}

func TestVersionsCompareAsTheGoldenCasesDo(t *testing.T) {
	cases := enginetest.MustVectors(t).Semver.Cases
	if len(cases) < 99 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, test := range cases {
		for match, holds := range map[string]func(order int) bool{
			"semver_eq": func(order int) bool { return order == 0 },
			"semver_gt": func(order int) bool { return order > 0 },
			"semver_ge": func(order int) bool { return order >= 0 },
			"semver_lt": func(order int) bool { return order < 0 },
			"semver_le": func(order int) bool { return order <= 0 },
		} {
			want := Unknown
			if test.JS != nil {
				want = truthOf(holds(*test.JS))
			}
			c := NewCompiler()
			p := c.Conditions(jsontext.New(`{"type":"custom_attribute","name":"v","match":"` + match + `","value":` + string(test.Condition) + `}`))
			u := userOf(t, c, map[string]json.RawMessage{"v": test.Attribute})
			if got := mustEval(t, &p, u); got != want {
				t.Errorf("%s %s %s: %v, want %v", test.Attribute, match, test.Condition, got, want)
			}
		}
	}
}
