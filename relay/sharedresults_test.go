package main

import (
	"bytes"
	"strings"
	"testing"

	"sortition/relay/internal/acceptencoding"
)

func TestWhatAnotherRelayPublishesIsInflatedUpToABound(t *testing.T) {
	const object = `{"sdkKey":"demo"}`
	most := bytes.Repeat([]byte("x"), 1000)
	cut := acceptencoding.Gzip([]byte(object))
	for _, c := range []struct {
		name, problem string
		zipped        []byte
		want          []byte
	}{
		{"results", "", acceptencoding.Gzip([]byte(object)), []byte(object)},
		{"as much as may be", "", acceptencoding.Gzip(most), most},
		{"one byte more", "more than 1000 bytes", acceptencoding.Gzip(append(most, 'x')), nil},
		{"no gzip", "invalid header", []byte(object + object), nil},
		{"gzip that breaks off", "unexpected EOF", cut[:len(cut)-9], nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := unzip(c.zipped, len(most))
			if !bytes.Equal(got, c.want) {
				t.Errorf("%d bytes, want %d", len(got), len(c.want))
			}
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("error %v, want %q", err, c.problem)
			}
		})
	}
}
