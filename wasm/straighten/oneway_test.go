package main

import (
	"maps"
	"slices"
	"testing"

	"sortition/wasm/internal/wasmfile"
)

func TestCallsThatNeverComeBackLeave(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"one that never comes back", "call 2; gget 0; set 1; br_if 3; nop; end", "call 2; return; nop; end"},
		{"one that may end the function in another way", "call 2; eqz; br_if 3; nop; end", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, calls := range []oneWay{{0: true}, {1: true}, {}} {
				want := ""
				if calls[0] {
					want = test.want
				}
				checkRewrite(t, calls.leave, test.code, want)
			}
		})
	}
}

func TestFunctionsThatNeverComeBackAreKnownByName(t *testing.T) {
	names := namesOf("runtime.sigpanic", "runtime.mcall", "runtime.goPanicSliceAlen", "runtime.panicCheck1", "main.throw", "runtime.throw")
	calls := oneWay{}
	calls.readNames(names)
	if got := slices.Sorted(maps.Keys(calls)); !slices.Equal(got, []int64{0, 2, 5}) {
		t.Errorf("got %v", got)
	}
	for size := range names { // what ends too early ends there
		calls := oneWay{}
		calls.readNames(names[:size])
		if len(calls) > 3 {
			t.Errorf("of %d bytes: %v", size, calls)
		}
	}
}

// namesOf is the content of a section with the names of functions.
func namesOf(names ...string) []byte {
	functions := []byte{byte(len(names))}
	for i, name := range names {
		functions = wasmfile.AppendSized(append(functions, byte(i)), []byte(name))
	}
	return wasmfile.AppendSized(append(wasmfile.AppendSized(nil, []byte("name")), 1), functions)
}
