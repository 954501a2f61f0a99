package audience

import (
	"strings"
	"testing"

	"sortition/wasm/engine/enginetest"
	"sortition/wasm/engine/internal/jsontext"
)

func TestMatchesIsWhetherEvalGivesTrue(t *testing.T) {
	lists := []string{
		`"1"`, `["or","1"]`, `["not","1"]`, `["not",["not","1"]]`, `["and","1",["not","1"]]`, `["or","9","1"]`, `["and",["not","9"],"1"]`,
		`["or",["not",["and","1","2"]],["and","2",["or","1","9"]]]`, `["not",["or",["and","1",["not","2"]],["and","2",["not","1"]]]]`,
	}
	cases := enginetest.MustVectors(t).Audiences.Cases
	for i, test := range cases {
		c := NewCompiler()
		one := c.Conditions(jsontext.New(string(test.Conditions)))
		two := c.Conditions(jsontext.New(string(cases[(i*7+3)%len(cases)].Conditions)))
		u := userOf(t, c, test.Attributes)
		u.Segments = test.Segments
		for _, list := range lists {
			p := CompileList(jsontext.New(list), among(map[string]*Program{"1": &one, "2": &two}))
			if len(p.steps) == 0 {
				t.Fatalf("%s has no steps", list)
			}
			if got, want := p.Matches(u), p.Eval(u) == True; got != want {
				t.Errorf("%s over 1 = %s, 2 = %s for %s: matches is %v, want %v", list, one.Source, two.Source, test.Attributes, got, want)
			}
		}
	}
}

func TestMatchesFallsBackWhereAListUnfoldsTooFar(t *testing.T) {
	c := NewCompiler()
	large := c.Conditions(jsontext.New(`["and",` + strings.Repeat(is("exact", `"a"`)+",", 1000) + is("exact", `"a"`) + `]`))
	p := CompileList(jsontext.New(`["and","1","1","1","1","1"]`), among(map[string]*Program{"1": &large}))
	if p.steps != nil {
		t.Fatalf("%d steps", len(p.steps))
	}
	for value, want := range map[string]bool{"a": true, "b": false} {
		if got := p.Matches(&User{Attributes: []Value{OfText(value)}}); got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}
