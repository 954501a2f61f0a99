package audience

import (
	"testing"

	"sortition/wasm/engine/internal/jsontext"
)

func BenchmarkEvalNoAlloc(b *testing.B) {
	for _, c := range []struct {
		name, conditions string
		x                Value
	}{
		{"text", `["and",["or",["or",` + is("exact", `"gold"`) + `,` + is("exact", `"silver"`) + `]]]`, OfText("silver")},
		{"number", `["and",["or",["or",` + is("ge", `18`) + `]],["or",["or",` + is("lt", `65`) + `]]]`, OfNumber(40)},
		{"version", `["and",["or",["or",` + is("semver_ge", `"3.10.2-beta"`) + `]]]`, OfText("3.10.2-beta.4")},
		{"missing", `["not",["or",` + is("substring", `"a"`) + `,` + is("exists", `null`) + `]]`, Value{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := mustCompile(b, c.conditions)
			u := &User{Attributes: []Value{c.x}}
			b.ReportAllocs()
			for b.Loop() {
				p.Eval(u)
			}
		})
	}
}

// BenchmarkAudienceListNoAlloc asks a list of audiences in both ways.
func BenchmarkAudienceListNoAlloc(b *testing.B) {
	gold := mustCompile(b, is("exact", `"gold"`))
	silver := mustCompile(b, is("exact", `"silver"`))
	list := CompileList(jsontext.New(`["or","1","2"]`), among(map[string]*Program{"1": gold, "2": silver}))
	u := &User{Attributes: []Value{OfText("silver")}}
	b.Run("Eval", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list.Eval(u)
		}
	})
	b.Run("Matches", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list.Matches(u)
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	conditions := `["and",["or",["or",` + is("exact", `"gold"`) + `,` + is("exact", `"silver"`) + `]],["or",["or",` + is("semver_ge", `"3.1"`) + `]]]`
	b.ReportAllocs()
	for b.Loop() {
		NewCompiler().Conditions(jsontext.New(conditions))
	}
}

func TestEvalAllocatesNothing(t *testing.T) {
	for _, conditions := range []string{
		`["and",["not",` + is("exact", `"b"`) + `],["or",` + is("semver_gt", `"1.2.3-x"`) + `,` + is("substring", `"2"`) + `]]`,
		is("gt", `1`), is("exists", `1`), `["xor"]`,
	} {
		p := mustCompile(t, conditions)
		u := &User{Attributes: []Value{OfText("1.2.3-y")}}
		if n := testing.AllocsPerRun(100, func() { p.Eval(u) }); n != 0 {
			t.Errorf("%s: %v allocations", conditions, n)
		}
	}
}
