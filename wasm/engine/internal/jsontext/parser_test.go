package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParserAcceptsWhatJSONAccepts(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `0`, `-0`, `12.5e-3`, `1e400`, `""`, `"a\u00e9\n"`, `[]`, `{}`, ` [1 , {"a":[ ]}] `,
		``, ` `, `nul`, `truefalse`, `01`, `1.`, `.5`, `+1`, `-`, `1e`, `"`, `"\x"`, `"\u12"`, "\"\n\"", `[1,]`, `[,1]`, `[1 2]`,
		`{"a"}`, `{"a":}`, `{a:1}`, `{"a":1,}`, `{"a":1 "b":2}`, `[`, `{`, `{"a":[1,2`, `1 2`, "\ufeff1", `'a'`,
	} {
		p := New(text)
		p.Skip()
		err := p.End()
		if want := json.Valid([]byte(text)); (err == nil) != want {
			t.Errorf("%q: error %v, but encoding/json says valid is %v", text, err, want)
		}
	}
}

func TestReadersReturnValuesAndConsumeOtherKinds(t *testing.T) {
	var name, id, odd string
	var count float64
	var on bool
	var items []string
	p := New(`{"name":"A\u0026B \ud83d\ude42","id":12,"odd":[1],"count":-1.5,"on":true,"items":["x",7,null],"more":{"a":[{}]}}`)
	p.Object(func(key string) {
		switch key {
		case "name":
			name = p.String()
		case "id":
			id = p.Text()
		case "odd":
			odd = p.Text()
		case "count":
			count = p.Number()
		case "on":
			on = p.Bool()
		case "items":
			p.Array(func(int) { items = append(items, p.Text()) })
		default:
			p.Skip()
		}
	})
	if err := p.End(); err != nil {
		t.Fatal(err)
	}
	if name != "A&B 🙂" || id != "12" || odd != "" || count != -1.5 || !on || strings.Join(items, ",") != "x,7," {
		t.Errorf("got %q %q %q %v %v %q", name, id, odd, count, on, items)
	}
}

func TestANumberThatBreaksOffIsAnErrorAndZero(t *testing.T) {
	for _, text := range []string{"-", "1.", "0.", "1e", "1e+", "-x", "2.5e-"} {
		p := New(text)
		if n := p.Number(); n != 0 || p.End() == nil {
			t.Errorf("%s is %v and error %v", text, n, p.End())
		}
	}
}

func TestErrorsNameThePlaceAndThePath(t *testing.T) {
	for text, want := range map[string]string{
		"{\"a\":\n [1, {\"b\": x}]}": `line 2, column 12 (a[1].b): expected a value`,
		`[[1], [2, 3`:                `line 1, column 12 ([1]): the text ends too early: expected ','`,
		`{"a":1}}`:                   `line 1, column 8: unexpected text after the value`,
		``:                           `line 1, column 1: the text ends too early: expected a value`,
	} {
		p := New(text)
		p.Skip()
		if err := p.End(); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestNestingIsBounded(t *testing.T) {
	for depth, ok := range map[int]bool{maxNested - 1: true, maxNested: true, maxNested + 1: true, maxDepth: true, maxDepth + 1: false, 200_000: false} {
		p := New(strings.Repeat("[", depth) + strings.Repeat("]", depth))
		p.Skip()
		if err := p.End(); (err == nil) != ok {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
}

func TestALongPathIsCutShortInAMessage(t *testing.T) {
	p := New(strings.Repeat("[", maxDepth+1))
	p.Skip()
	if err := p.End(); err == nil || len(err.Error()) > 250 || !strings.HasSuffix(err.Error(), "[0]...): "+tooDeep) {
		t.Errorf("got %v", err)
	}
}

// Where each level has a long name, all of the path would be a copy of the text, made anew for each level.
func TestALongPathIsNeverMade(t *testing.T) {
	p := New(strings.Repeat(`{"`+strings.Repeat("k", maxPath-2)+`":`, 3))
	p.Skip()
	var err *Error
	if !errors.As(p.End(), &err) || err.Path != strings.Repeat("k", maxPath-2)+".k..." {
		t.Errorf("got %v", err)
	}
}

func TestALongPathThatIsNoUTF8IsCutShortToo(t *testing.T) {
	p := New(`{"` + strings.Repeat("\xad", 2*maxPath) + `":}`)
	p.Skip()
	if err := p.End(); err == nil || !strings.Contains(err.Error(), "\xad...): ") {
		t.Errorf("got %v", err)
	}
}

func TestLoneSurrogatesSurviveBothWays(t *testing.T) {
	for text, want := range map[string]string{
		`"\ud800"`:             `"\ud800"`,
		`"a\udfffb"`:           `"a\udfffb"`,
		`"\ud800\u0041"`:       `"\ud800A"`,
		`"\ud83d\ude42"`:       `"🙂"`,
		`"\ud83d\ud83d\ude42"`: `"\ud83d🙂"`,
		`"\u0000\b\t\/\u001F"`: `"\u0000\b\t/\u001f"`,
		`"퟿"`:                  `"퟿"`,
	} {
		p := New(text)
		s := p.String()
		if err := p.End(); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if got := string(AppendQuote(nil, s)); got != want {
			t.Errorf("%s: wrote %s, want %s", text, got, want)
		}
	}
}

func FuzzParser(f *testing.F) {
	f.Add(`{"a":[1,2.5e3,"x\u00e9",null,true,{"b":{}}]}`)
	f.Add(`"\ud800\udc00"`)
	f.Fuzz(func(t *testing.T, text string) {
		p := New(text)
		raw := p.Raw()
		slow := New(text)
		if slow.walk(); slow.pos != p.pos {
			t.Fatalf("%q: passed over up to %d, but walked to %d", text, p.pos, slow.pos)
		}
		err := p.End()
		if deep := strings.Count(text, "[")+strings.Count(text, "{") > maxDepth; !deep && (err == nil) != json.Valid([]byte(text)) {
			t.Fatalf("%q: %v", text, err)
		}
		if err == nil && strings.TrimSpace(text) != strings.TrimSpace(raw) {
			t.Fatalf("%q: Raw gave %q", text, raw)
		}
		if strings.Contains(text, "\xed") {
			return // may hold a surrogate pair as two halves, which is no WTF-8; lone ones have their own test
		}
		q := New(string(AppendQuote(nil, text)))
		if s := q.String(); q.End() != nil || s != text {
			t.Fatalf("%q: quoted and read again: %q, %v", text, s, q.End())
		}
	})
}

func TestASpecialByteIsQuotedWhereverItStands(t *testing.T) {
	for c := range byte(0x80) {
		for length := range 20 {
			for at := range length {
				text := []byte(strings.Repeat("a", length))
				text[at] = c
				want := strings.Replace(strings.Repeat("a", at)+"|"+strings.Repeat("a", length-at-1), "|", alone(c), 1)
				if got := string(AppendQuote(nil, string(text))); got != `"`+want+`"` {
					t.Fatalf("%q is quoted as %s, want %s", text, got, want)
				}
			}
		}
	}
}

func TestAPlainTextEndsWhereverASpecialByteStands(t *testing.T) {
	for c := range 0x100 {
		for length := range 20 {
			for at := range length {
				text := []byte(strings.Repeat("é", length)[:length])
				text[at] = byte(c)
				want := length
				if c < ' ' || c == '"' || c == '\\' {
					want = at
				}
				if got := PlainEnd(string(text), 0); got != want {
					t.Fatalf("%q: %d, want %d", text, got, want)
				}
			}
		}
	}
}

// alone is a byte of ASCII as JSON has it in a string.
func alone(c byte) string {
	if short := strings.IndexByte("\b\t\n\f\r\"\\", c); short >= 0 {
		return `\` + `btnfr"\`[short:short+1]
	}
	if c < ' ' {
		return fmt.Sprintf(`\u%04x`, c)
	}
	return string(c)
}
