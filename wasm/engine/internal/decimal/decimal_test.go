package decimal

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// texts are literals around everything that can go wrong: ranges, halves, subnormals, many digits.
var texts = []string{
	"0", "-0", "1", "-1", "10000", "123456789012345", "9007199254740992", "9007199254740993", "9007199254740993.0000001",
	"0.1", "0.3", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e308", "1e309", "1e310", "1e999999999999",
	"4.9e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "2.2250738585072011e-308", "2.2250738585072014e-308", "1e-400", "1e-999999999999",
	".5", "5.", "00012", "0.00000000000000000000000000000000001", "1e22", "1e23", "1e-22", "1e-23", "8.5e22", "123456789012345e22",
	"6631236846766476612", "7.2057594037927933e16", "1." + strings.Repeat("0", 900) + "1", strings.Repeat("9", 400), "0." + strings.Repeat("0", 900) + "1e900",
	"9007199254740993" + strings.Repeat("0", 800) + "1e-801", "-9007199254740993" + strings.Repeat("0", 1200) + "e-1200",
	"0e5", "0.0e-5", "1E+5", "5e-324", "3e-324",
}

func TestParseGivesTheNearestDouble(t *testing.T) {
	for _, text := range texts {
		check(t, text)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		n := math.Float64frombits(r.Uint64())
		if math.IsNaN(n) || math.IsInf(n, 0) {
			continue
		}
		check(t, strconv.FormatFloat(n, 'e', r.IntN(25), 64))
		check(t, strconv.FormatFloat(n, 'g', -1, 64))
	}
}

func TestParseHexGivesTheNearestDouble(t *testing.T) {
	for _, digits := range []string{"0", "1f", "1FFFFFFFFFFFFF", "20000000000001", "20000000000003", "fffffffffffffbff", "fffffffffffffc00",
		strings.Repeat("f", 256), strings.Repeat("f", 257), "1" + strings.Repeat("0", 255), "000" + strings.Repeat("0", 300) + "a"} {
		want, _ := strconv.ParseFloat("0x"+digits+"p0", 64)
		if got := ParseHex(digits); got != want {
			t.Errorf("%s: got %v, want %v", digits, got, want)
		}
	}
}

// Anybody may send the relay a batch that is full of such numbers.
func BenchmarkParseOfTheTiniest(b *testing.B) {
	for b.Loop() {
		Parse("1e-320")
	}
}

func FuzzParseGivesTheNearestDouble(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 800 && strings.Trim(text, "0123456789.eE+-") == "" && len(text) > 0 {
			check(t, text)
		}
	})
}

func check(t *testing.T, text string) {
	t.Helper()
	want, ok := nearest(text)
	if !ok {
		return
	}
	if got := Parse(text); got != want || math.Signbit(got) != math.Signbit(want) {
		t.Errorf("%s: got %v, want %v", text, got, want)
	}
}

// nearest is what strconv gives; where it miscounts, beyond 800 digits, exact arithmetic.
func nearest(text string) (n float64, ok bool) {
	if len(text) > 800 {
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			return 0, false
		}
		n, _ = exact.Float64()
		return n, true
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, !errors.Is(err, strconv.ErrSyntax)
}
