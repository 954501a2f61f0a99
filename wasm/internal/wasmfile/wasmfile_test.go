package wasmfile_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sortition/wasm/internal/wasmfile"
)

func TestModulesThatAreNone(t *testing.T) {
	for _, test := range []struct{ name, wasm, says string }{
		{"nothing", "", "no WebAssembly module"},
		{"a script", "#!/bin/sh\necho", "no WebAssembly module"},
		{"a later version", "\x00asm\x02\x00\x00\x00", "no WebAssembly module of version 1"},
		{"a section without its size", wasmfile.Preamble + "\x07", "section 7: it ends before it should"},
		{"a section that is cut off", wasmfile.Preamble + "\x07\x03ab", "section 7: it ends before it should"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := wasmfile.Split([]byte(test.wasm)); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one with %q", err, test.says)
			}
		})
	}
}

func TestSignedNumbersReadAsTheyWereWritten(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 63, 64, -64, -65, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64} {
		var got int64
		written := wasmfile.AppendSigned(nil, n)
		for i, b := range written {
			got |= int64(b&0x7f) << (7 * i)
			if shift := 7 * (i + 1); b&0x40 != 0 && i == len(written)-1 && shift < 64 {
				got |= -1 << shift
			}
		}
		if got != n {
			t.Errorf("%d was written as % x, which is %d", n, written, got)
		}
	}
}

func TestRewrite(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "to")
	if err := os.WriteFile(from, []byte("ab"), 0o600); err != nil {
		t.Fatal(err)
	}
	twice := func(wasm []byte) ([]byte, error) { return append(wasm, wasm...), nil }
	if err := wasmfile.Rewrite([]string{from, to}, twice); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(to); err != nil || string(got) != "abab" {
		t.Errorf("%q, %v", got, err)
	}
	for _, test := range []struct {
		name, says string
		args       []string
	}{
		{"one file", "two arguments", []string{from}},
		{"a file that is not there", "nowhere", []string{"nowhere", to}},
		{"what can't be rewritten", from + ": no module", []string{from, to}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := wasmfile.Rewrite(test.args, func([]byte) ([]byte, error) { return nil, errors.New("no module") })
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one with %q", err, test.says)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add([]byte(wasmfile.Preamble + "\x07\x02ab\x00\x00"))
	f.Fuzz(func(t *testing.T, wasm []byte) {
		sections, err := wasmfile.Split(wasm)
		if err != nil {
			return
		}
		again, err := wasmfile.Split(wasmfile.Join(sections))
		if err != nil || len(again) != len(sections) {
			t.Fatalf("%d sections became %d, %v", len(sections), len(again), err)
		}
		for i := range sections {
			if again[i].ID != sections[i].ID || !bytes.Equal(again[i].Content, sections[i].Content) {
				t.Errorf("section %d became another", i)
			}
		}
	})
}
