package main

import "testing"

// checkRewrite compares what becomes of code with what is wanted; "" stands for the code itself.
func checkRewrite(t *testing.T, rewrite rewrite, code, want string) {
	t.Helper()
	if want == "" {
		want = code
	}
	if got := disassemble(t, apply(assemble(t, code), rewrite)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestABodyThatCannotBeReadStaysAsItIs(t *testing.T) {
	for _, body := range []string{"", "\x80", "\x01\x01", "\x00\xff"} {
		if got := apply([]byte(body), narrow); string(got) != body {
			t.Errorf("%x became %x", body, got)
		}
	}
}
