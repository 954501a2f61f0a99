package audience

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
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
			if len(p.Walk.steps) == 0 {
				t.Fatalf("%s has no steps", list)
			}
			if got, want := p.Matches(u), p.Eval(u) == True; got != want {
				t.Errorf("%s over 1 = %s, 2 = %s for %s: matches is %v, want %v", list, one.Source, two.Source, test.Attributes, got, want)
			}
		}
	}
}

func TestAttributesThatAWalkDoesNotAskAboutChangeNothing(t *testing.T) {
	cases := enginetest.MustVectors(t).Audiences.Cases
	spared := 0
	for i, test := range cases {
		c := NewCompiler()
		for k := range i % 40 {
			c.Slot("nobody asks about " + strconv.Itoa(k))
		}
		one := c.Conditions(jsontext.New(string(test.Conditions)))
		two := c.Conditions(jsontext.New(string(cases[(i*7+3)%len(cases)].Conditions)))
		p := CompileList(jsontext.New(`["or",["not","1"],["and","1","2"]]`), among(map[string]*Program{"1": &one, "2": &two}))
		u := userOf(t, c, test.Attributes)
		u.Segments = test.Segments
		want := p.Matches(u)
		for slot := range u.Attributes {
			if p.Walk.Asked()>>(slot%32)&1 == 0 {
				u.Attributes[slot] = Value{}
				spared++
			}
		}
		if got := p.Matches(u); got != want {
			t.Errorf("%s over 1 = %s, 2 = %s for %s: matches is %v, want %v", p.Source, one.Source, two.Source, test.Attributes, got, want)
		}
	}
	if spared == 0 {
		t.Error("every attribute was asked about")
	}
}

func TestAWalkAsksOfItsConditionsAttributesAlone(t *testing.T) {
	for list, want := range map[string]uint32{
		`[]`:                      0,
		`"1"`:                     1 << 0,
		`["or","1",["not","2"]]`:  1<<0 | 1<<1,
		`["and","1","far"]`:       1<<0 | 1<<(40%32),
		`["and","1","1","large"]`: ^uint32(0),
	} {
		c := NewCompiler()
		compiled := func(conditions string) *Program {
			p := c.Conditions(jsontext.New(conditions))
			return &p
		}
		on := func(name string) string { return strings.Replace(is("exact", `"a"`), `"x"`, `"`+name+`"`, 1) }
		audiences := map[string]*Program{"1": compiled(on("a")), "2": compiled(on("b"))}
		for k := range 38 {
			c.Slot("another " + strconv.Itoa(k))
		}
		audiences["far"] = compiled(on("of slot 40"))
		audiences["large"] = compiled(`["and",` + strings.Repeat(on("a")+",", maxSteps) + on("b") + `]`)
		p := CompileList(jsontext.New(list), among(audiences))
		if got := p.Walk.Asked(); got != want {
			t.Errorf("%s: %b, want %b", list, got, want)
		}
	}
}

func TestARowGivesTheFirstListThatTheUserMeets(t *testing.T) {
	cases := enginetest.MustVectors(t).Audiences.Cases
	for i, test := range cases {
		c := NewCompiler()
		audiences := map[string]*Program{}
		for k := range 3 {
			p := c.Conditions(jsontext.New(string(cases[(i*7+k*3)%len(cases)].Conditions)))
			audiences[string(rune('1'+k))] = &p
		}
		u := userOf(t, c, test.Attributes)
		u.Segments = test.Segments
		var lists []*Program
		for _, list := range []string{`"1"`, `["and","2","3"]`, `["not",["or","1","3"]]`, `["or",["not","2"],["and","1","3"]]`, `"9"`, `[]`, `"2"`} {
			p := CompileList(jsontext.New(list), among(audiences))
			lists = append(lists, &p)
		}
		begins := make([]int32, len(lists))
		var room Room
		w, ok := room.Walk(lists, func(list int, at int32) { begins[list] = at })
		if !ok {
			t.Fatal("there is no walk")
		}
		for from, begin := range begins {
			want := int32(from)
			for int(want) < len(lists) && lists[want].Eval(u) != True {
				want++
			}
			if got := w.First(u, begin); got != want && (int(want) < len(lists) || got >= 0) {
				t.Errorf("of %d from list %d on: %d, want %d", i, from, got, want)
			}
		}
	}
}

func TestMatchesIsWhetherEvalGivesTrueAtTheEdgesOfValues(t *testing.T) {
	numbers := []string{"-9007199254740992", "-1.5", "-0", "0", "5e-324", "1", "18", "18.5", "9007199254740992"}
	texts := []string{`""`, `"a"`, `"b"`, `"eight by"`, `"eight bz"`, `"nine byte"`, `"nine bytf"`, `"a\u0000"`, `"ein Paar Schuhe mit plan"`, `"2.1"`, `"2.1.0"`, `"2.10.3"`}
	var conditions []string
	for _, value := range slices.Concat(numbers, texts, []string{"true", "false", "null"}) {
		for _, match := range []string{"exact", "exists", "substring", "gt", "ge", "lt", "le", "semver_eq", "semver_gt", "semver_ge", "semver_lt", "semver_le"} {
			conditions = append(conditions, is(match, value))
		}
	}
	values := []Value{{}, {Kind: Null}, {Kind: Other}, OfBool(true), OfBool(false), OfNumber(math.NaN()), OfNumber(math.Inf(1)), OfNumber(1 << 54), {Kind: Text, Text: "a"}, {Kind: Number, Number: 18}}
	for _, n := range numbers {
		values = append(values, ReadValue(jsontext.New(n)))
	}
	for _, s := range texts {
		values = append(values, ReadValue(jsontext.New(s)))
	}
	for i, condition := range conditions {
		next := conditions[(i*7+1)%len(conditions)]
		for _, text := range []string{condition, `["not",` + condition + `]`, `["or",["not",` + condition + `],` + next + `]`, `["and",` + next + `,["not",` + condition + `]]`} {
			c := NewCompiler()
			one := c.Conditions(jsontext.New(text))
			p := CompileList(jsontext.New(`"1"`), among(map[string]*Program{"1": &one}))
			for _, v := range values {
				u := &User{Attributes: []Value{v}}
				if got, want := p.Matches(u), p.Eval(u) == True; got != want {
					t.Errorf("%s for %+v: matches is %v, want %v", text, v, got, want)
				}
			}
		}
	}
}

func TestPlainVersionsCompareAsAllVersionsDo(t *testing.T) {
	for name, c := range map[string]struct {
		longest         int
		letters, wanted string
		compare         func(*wantedVersion, string) (order, bool)
	}{
		"short ones": {8, "0123456789....-", "0123456789....", func(v *wantedVersion, user string) (order, bool) { return v.front.compare(TextKey(user)) }},
		"any": {14, "0123456789.....--+b ä", "0123456789....-+b", func(v *wantedVersion, user string) (order, bool) {
			return v.front.compareText(user, v.isPlain)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			version := func(longest int, letters string) string {
				s := make([]byte, 1+random.IntN(longest))
				for i := range s {
					s[i] = letters[random.IntN(len(letters))]
				}
				return string(s)
			}
			compared := 0
			for range 400_000 {
				wanted, user := parseVersion(version(6, c.wanted)), version(c.longest, c.letters)
				if wanted == nil || !wanted.hasFront {
					continue
				}
				o, ok := c.compare(wanted, user)
				if !ok {
					continue
				}
				compared++
				if want, isVersion := wanted.compareParts(user); !isVersion || o != want {
					t.Fatalf("%q against %v: %v, want %v (%v)", user, wanted.parts, o, want, isVersion)
				}
			}
			if compared < 1000 {
				t.Fatalf("%d pairs were plain", compared)
			}
		})
	}
}

func TestMatchesFallsBackWhereAListUnfoldsTooFar(t *testing.T) {
	c := NewCompiler()
	large := c.Conditions(jsontext.New(`["and",` + strings.Repeat(is("exact", `"a"`)+",", 1000) + is("exact", `"a"`) + `]`))
	p := CompileList(jsontext.New(`["and","1","1","1","1","1"]`), among(map[string]*Program{"1": &large}))
	if len(p.Walk.steps) != 1 {
		t.Fatalf("%d steps", len(p.Walk.steps))
	}
	for value, want := range map[string]bool{"a": true, "b": false} {
		if got := p.Matches(&User{Attributes: []Value{OfText(value)}}); got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}
