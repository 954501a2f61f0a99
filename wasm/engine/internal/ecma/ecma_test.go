package ecma

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"sortition/wasm/engine/internal/jsontext"
)

// answers were recorded from Node 20; every number stands as the text String(n) gave, -0 apart.
type answers struct {
	Parse []struct{ In, Int, Int10, Float, Number string }
	Order []struct {
		A, B  json.RawMessage
		Order int
	} `json:"compare"`
	Format []struct{ In, Out string }
}

func mustRead(tb testing.TB) answers {
	tb.Helper()
	text, err := os.ReadFile("testdata/node.json")
	if err != nil {
		tb.Fatal(err)
	}
	var a answers
	if err := json.Unmarshal(text, &a); err != nil {
		tb.Fatal(err)
	}
	return a
}

func mustNumber(tb testing.TB, s string) float64 {
	tb.Helper()
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestNumbersAreReadAsNodeReadsThem(t *testing.T) {
	for _, c := range mustRead(t).Parse {
		for _, one := range []struct {
			name, want string
			got        float64
		}{
			{"parseInt", c.Int, ParseInt(c.In, 0)},
			{"parseInt radix 10", c.Int10, ParseInt(c.In, 10)},
			{"parseFloat", c.Float, ParseFloat(c.In)},
			{"Number", c.Number, ToNumber(c.In)},
		} {
			want := mustNumber(t, one.want)
			same := math.Float64bits(one.got) == math.Float64bits(want) || math.IsNaN(one.got) && math.IsNaN(want)
			if !same {
				t.Errorf("%s(%q) = %v, want %s", one.name, c.In, one.got, one.want)
			}
		}
	}
}

func TestNumbersAreWrittenAsNodeWritesThem(t *testing.T) {
	for _, c := range mustRead(t).Format {
		if got := string(AppendNumber(nil, mustNumber(t, c.In))); got != c.Out {
			t.Errorf("%s: wrote %s, want %s", c.In, got, c.Out)
		}
	}
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := string(AppendNumber(nil, n)); got != "null" {
			t.Errorf("%v: wrote %s, want null", n, got)
		}
	}
}

func TestStringsAreOrderedByUTF16Units(t *testing.T) {
	for _, c := range mustRead(t).Order {
		// Read by jsontext: encoding/json would replace the lone surrogates.
		a, b := jsontext.New(string(c.A)).String(), jsontext.New(string(c.B)).String()
		if got := Compare(a, b); got != c.Order {
			t.Errorf("Compare(%s, %s) = %d, want %d", c.A, c.B, got, c.Order)
		}
		if got := Compare(b, a); got != -c.Order {
			t.Errorf("Compare(%s, %s) = %d, want %d", c.B, c.A, got, -c.Order)
		}
	}
}

func FuzzNumbers(f *testing.F) {
	f.Add(1.5e-7, "0x1F")
	f.Fuzz(func(t *testing.T, n float64, s string) {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			n = 0
		}
		text := AppendNumber(nil, n)
		if back := ToNumber(string(text)); back != n {
			t.Fatalf("%v was written %s and read %v", n, text, back)
		}
		if !json.Valid(text) {
			t.Fatalf("%v was written %s", n, text)
		}
		// Whatever is a number as a whole is the same number as a prefix.
		whole, prefix := ToNumber(s), ParseFloat(s)
		if !math.IsNaN(whole) && !math.IsNaN(prefix) && whole != prefix && prefix != 0 {
			t.Fatalf("%q: Number gives %v, parseFloat %v", s, whole, prefix)
		}
	})
}
