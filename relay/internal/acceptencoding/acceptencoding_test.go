package acceptencoding_test

import (
	"testing"

	"sortition/relay/internal/acceptencoding"
)

func TestAllows(t *testing.T) {
	tests := []struct {
		header   string
		br, gzip bool
	}{
		{"", false, false},
		{"gzip, deflate, br, zstd", true, true},
		{"GZIP", false, true},
		{"br;q=0, gzip;q=0.5", false, true},
		{"*", true, true},
		{"*, br; q=0", false, true},
		{"identity, *;q=0.000", false, false},
		{"br;q=much", false, false},
		{"xbr, gzipped", false, false},
	}
	for _, test := range tests {
		t.Run(test.header, func(t *testing.T) {
			br, gzip := acceptencoding.Allows(test.header, "br"), acceptencoding.Allows(test.header, "gzip")
			if br != test.br || gzip != test.gzip {
				t.Errorf("br %t, gzip %t", br, gzip)
			}
		})
	}
}
