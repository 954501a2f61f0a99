package server

import (
	"net/url"
	"slices"
	"testing"
)

func FuzzAParameterIsWhatURLValuesHave(f *testing.F) {
	for _, query := range []string{"", "keys=a", "keys=a&keys=b&key=c", "k%65ys=%41+b&keys", "keys=%zz&keys=;&;keys=a&keys=c=d", "&&=&keys="} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		if got := parameter(query, "keys"); !slices.Equal(got, values["keys"]) {
			t.Errorf("%q: %q, want %q", query, got, values["keys"])
		}
	})
}
