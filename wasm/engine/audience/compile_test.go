package audience

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"sortition/wasm/engine/internal/jsontext"
)

// is is a condition on the attribute x.
func is(match, value string) string {
	return `{"type":"custom_attribute","name":"x","match":"` + match + `","value":` + value + `}`
}

func mustCompile(tb testing.TB, conditions string) *Program {
	tb.Helper()
	parser := jsontext.New(conditions)
	p := NewCompiler().Conditions(parser)
	if err := parser.End(); err != nil {
		tb.Fatalf("%s: %v", conditions, err)
	}
	return &p
}

// evalText evaluates conditions for a user whose attribute x is a text.
func evalText(tb testing.TB, conditions, x string) Truth {
	tb.Helper()
	return mustEval(tb, mustCompile(tb, conditions), &User{Attributes: []Value{OfText(x)}})
}

// mustEval returns what Eval gives, which Matches must agree with.
func mustEval(tb testing.TB, p *Program, u *User) Truth {
	tb.Helper()
	truth := p.Eval(u)
	if matches := p.Matches(u); matches != (truth == True) {
		tb.Errorf("it matches: %v, but is %v", matches, truth)
	}
	return truth
}

// Where a test says the official SDK, 6.6.1 was run with these inputs.

func TestAudienceListsAreReadAsTheOfficialSDKReadsThem(t *testing.T) {
	yes, no := &Program{}, &Program{nodes: []node{constant(False)}}
	audiences := map[string]*Program{"1": yes, "2": no, "12": yes, "true": yes, "null": yes, "1.5": yes, "and2": yes}
	for list, want := range map[string]Truth{
		// Everyone.
		`[]`: True, ` [ ] `: True, `""`: True, `null`: True, `0`: True, `false`: True,
		// One leaf.
		`"1"`: True, `"2"`: False, `"nope"`: Unknown, `12`: True, `{}`: Unknown, `{"a":1}`: Unknown,
		// Without an operator: text begins an or, anything else is lost.
		`["1"]`: True, `["2"]`: False, `["nope"]`: Unknown, `["1","2"]`: True, `["2","1"]`: True, `["AND","2"]`: Unknown, `["and2"]`: True,
		`[[]]`: False, `[12]`: False, `[12,"x"]`: Unknown, `[null,12]`: True,
		// With one.
		`["not"]`: Unknown, `["not","1"]`: False, `["not","2"]`: True, `["not","nope"]`: Unknown, `["not",[]]`: True, `["not","2","1"]`: True,
		`["and","1","nope"]`: Unknown, `["or","nope","1"]`: True, `["and","1",["not","2"]]`: True, `["not",["and","nope","2"]]`: True,
		`["or","and","1"]`: True, `["not",["or","nope"]]`: Unknown,
		// Ids become names as keys of an object do.
		`["or",12]`: True, `["or",12.0]`: True, `["or",1.2e1]`: True, `["or",1.5]`: True, `["or",true]`: True, `["or",null]`: True, `["or",{}]`: Unknown,
	} {
		p := CompileList(jsontext.New(list), among(audiences))
		if got := p.Eval(&User{}); got != want {
			t.Errorf("%s: %v, want %v", list, got, want)
		}
	}
}

func TestProgramsHoldNothingNeedless(t *testing.T) {
	a, b := is("exact", `"a"`), is("exact", `"b"`)
	for conditions, want := range map[string][]op{
		`["and",["or",["or",` + a + `]]]`:                              {opText},
		`["and",["or",["or",` + a + `,` + b + `]]]`:                    {opOr, opText, opText},
		`["or",["or",` + a + `,["or",` + b + `]],` + a + `]`:           {opOr, opText, opText, opText},
		`["and",["or",["or",` + a + `]],["or",["or",` + b + `]]]`:      {opAnd, opText, opText},
		`["not",["and",` + a + `,["or",` + a + `,` + b + `]]]`:         {opOr, opText, opAnd, opText, opText},
		`["or",` + a + `,["not",["and",` + a + `,` + b + `]]]`:         {opOr, opText, opText, opText},
		`["not",["not",["and",["not",` + a + `],` + b + `]]]`:          {opAnd, opText, opText},
		`["and",["or",` + a + `,` + b + `],["and",` + a + `,[]]]`:      {opAnd, opOr, opText, opText, opText, opConstant},
		`["and",` + is("gt", `"5"`) + `]`:                              {opConstant},
		`["not",` + a + `,["or",` + a + `,` + b + `]]`:                 {opText},
		`[` + a + `,` + b + `]`:                                        {opText},
		`["xor",` + a + `]`:                                            {opOr, opConstant, opText},
		`["not"]`:                                                      {opConstant},
		`["and",["and"],["or"]]`:                                       {opAnd, opConstant, opConstant},
		`["and",["not",["or",` + a + `,["not",` + b + `]]],` + a + `]`: {opAnd, opText, opText, opText},
	} {
		p := mustCompile(t, conditions)
		var got []op
		for i := range p.nodes {
			got = append(got, p.nodes[i].op)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: nodes %v, want %v", conditions, got, want)
		}
		if p.nodes[0].size != int32(len(p.nodes)) {
			t.Errorf("%s: the root spans %d of %d nodes", conditions, p.nodes[0].size, len(p.nodes))
		}
	}
}

func TestEveryAttributeKeyGetsOneSlot(t *testing.T) {
	c := NewCompiler()
	if c.Slot("plan") != 0 || c.Slot("age") != 1 || c.Slot("plan") != 0 {
		t.Error("slots are not numbered in order of appearance")
	}
	c.Conditions(jsontext.New(`["and",` + is("exists", `null`) + `,{"type":"custom_attribute","name":"age","match":"gt","value":1},{"type":"third_party_dimension","name":"odp.audiences","value":"s"}]`))
	if got, want := strings.Join(c.Keys(), " "), "plan age x"; got != want {
		t.Errorf("keys %q, want %q", got, want)
	}
}

func TestManyAttributeKeysKeepTheirSlots(t *testing.T) {
	c := NewCompiler()
	for round := range 2 {
		for slot := range 1000 {
			if got := c.Slot(strconv.Itoa(slot)); got != slot {
				t.Fatalf("in round %d the key %d has the slot %d", round, slot, got)
			}
		}
	}
	if slot, ok := c.Find("999"); !ok || slot != 999 {
		t.Errorf("the last key is found at %d, %v", slot, ok)
	}
	if _, ok := c.Find("1000"); ok || len(c.Keys()) != 1000 {
		t.Errorf("a key that is only looked for was found, or got one of %d slots", len(c.Keys()))
	}
}

func TestSourceIsKept(t *testing.T) {
	conditions := `[ "and", ` + is("exact", `"a"`) + ` ]`
	p := mustCompile(t, " "+conditions+"\n")
	if p.Source != conditions {
		t.Errorf("got %q", p.Source)
	}
}

func TestAProgramWithoutConditionsIsMetByEveryone(t *testing.T) {
	var p Program
	if got := p.Eval(&User{}); got != True {
		t.Error(got)
	}
}

func TestAnAttributeBeyondTheUsersIsAbsent(t *testing.T) {
	for match, want := range map[string]Truth{"exact": Unknown, "exists": False} {
		p := mustCompile(t, is(match, `"a"`))
		if got := p.Eval(&User{}); got != want {
			t.Errorf("%s: %v, want %v", match, got, want)
		}
	}
}

func among(audiences map[string]*Program) func(string) *Program {
	return func(id string) *Program { return audiences[id] }
}
