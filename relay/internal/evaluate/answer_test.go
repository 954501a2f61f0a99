package evaluate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestADecisionWritesItselfAsEncodingJSONDoes(t *testing.T) {
	whole := Decision{VariationKey: "on", Enabled: true, RuleKey: "rule", FlagKey: "flag", UserContext: UserContext{"Matt", json.RawMessage(`{"plan":"gold"}`)},
		Reasons: []string{"one", `"two"`}, Variables: json.RawMessage(`{"columns":3}`), IsEveryoneElseVariation: true}
	none := Decision{UserContext: UserContext{Attributes: json.RawMessage("{}")}, Reasons: []string{}}
	for name, d := range map[string]Decisions{"no decision": {}, "every member": {whole}, "nothing decided": {none}, "several": {whole, none, whole}} {
		t.Run(name, func(t *testing.T) {
			want, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			var written bytes.Buffer
			w := bufio.NewWriter(&written)
			d.WriteJSON(w)
			_ = w.Flush() // a bytes.Buffer takes everything
			if diff := cmp.Diff(string(want), written.String()); diff != "" {
				t.Errorf("-encoding/json +ours:\n%s", diff)
			}
		})
	}
}

func TestAttributesAndVariablesAreAnsweredAsTheyCame(t *testing.T) {
	const attributes, variables = `{ "plan" : "<gold>" }`, `{"theme":{ "dark": true }}`
	d := Decision{UserContext: UserContext{"Matt", json.RawMessage(attributes)}, Variables: json.RawMessage(variables)}
	written := d.appendJSON(nil)
	if !bytes.Contains(written, []byte(attributes)) || !bytes.Contains(written, []byte(variables)) || !json.Valid(written) {
		t.Errorf("got %s", written)
	}
}

func FuzzATextIsWrittenAsEncodingJSONDoes(f *testing.F) {
	for _, text := range []string{"", "Matt", "<a href=\"x\">&</a>", "\\ \n \x00 \x7f", "é 🙂 \u2028", "\xff", "\xed\xa0\x80"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want, _ := json.Marshal(text)
		if got := appendText(nil, text); !bytes.Equal(got, want) {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	})
}

func FuzzPlainTextsAreReadAsByEncodingJSON(f *testing.F) {
	for _, source := range []string{`[]`, `["A"]`, ` [ "A" , "B,C" ]`, `["]"]`, `[["A"]]`, `["A",1]`, `[null]`, `["\u0041"]`, `[{"A":"B"}]`, `["A"`, `{}`, `7`} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		var want []string
		list, ok := plainTexts(source)
		if !ok || !json.Valid([]byte(source)) || !utf8.ValidString(source) {
			return // it is both when it comes here
		}
		if err := json.Unmarshal([]byte(source), &want); err != nil || !slices.Equal(list, want) {
			t.Errorf("%s: %q, want %q (%v)", source, list, want, err)
		}
	})
}
