package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"sortition/wasm/internal/wasmtest"
)

func TestAProgramDoesTheSame(t *testing.T) {
	built := wasmtest.MustBuild(t, "./testdata/program", "-ldflags=-w") // with names
	straightened, err := straighten(built)
	if err != nil {
		t.Fatal(err)
	}
	want, got := output(t, built), output(t, straightened)
	if !strings.Contains(want, "sequence [0 3 6 9]") || got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if before, after := jumps(built), jumps(straightened); after > before/5 {
		t.Errorf("%d of %d jumps still go through tables", after, before)
	}
}

// output runs a program and returns what it printed.
func output(t *testing.T, wasm []byte) string {
	t.Helper()
	var out, errs bytes.Buffer
	config := wazero.NewModuleConfig().WithStdout(&out).WithStderr(&errs)
	if _, err := wasmtest.MustMakeRuntime(t, wazero.NewRuntimeConfig()).InstantiateWithConfig(t.Context(), wasm, config); err != nil {
		t.Fatalf("%v\n%s\n%s", err, &out, &errs)
	}
	return out.String()
}

// jumps counts those through tables, by the number that is set right before them.
func jumps(wasm []byte) int { return bytes.Count(wasm, []byte{opLocalSet, 0, opBr}) }
