package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"sortition/wasm/internal/wasmtest"
)

func TestAStartedProgramDoesTheSame(t *testing.T) {
	built := wasmtest.MustBuild(t, "./testdata/program", "-buildmode=c-shared")
	started := mustPrestart(t, built)
	want, got := answers(t, built), answers(t, started)
	if !strings.Contains(want, "next [37] next [38] answer [40] deep [90]") || got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !bytes.Equal(mustPrestart(t, built), started) {
		t.Error("started again, the same module is another")
	}
	if m, err := readModule(started); err != nil || len(m.exports) != 6 {
		t.Errorf("exports %v, %v: not the memory and the program's own", m.exports, err)
	}
}

func mustPrestart(t *testing.T, wasm []byte) []byte {
	t.Helper()
	started, err := prestart(wasm)
	if err != nil {
		t.Fatal(err)
	}
	return started
}

// answers are those of two instances of a program, which has to be started if it has the export for it.
func answers(t *testing.T, wasm []byte) string {
	t.Helper()
	ctx := t.Context()
	runtime := wasmtest.MustMakeRuntime(t, wazero.NewRuntimeConfigInterpreter())
	var out strings.Builder
	for _, name := range []string{"first", "second"} {
		config := wazero.NewModuleConfig().WithName(name).WithStartFunctions(initialize)
		instance, err := runtime.InstantiateWithConfig(ctx, wasm, config)
		if err != nil {
			t.Fatal(err)
		}
		ask(ctx, t, &out, instance)
	}
	return out.String()
}

func ask(ctx context.Context, t *testing.T, out *strings.Builder, instance api.Module) {
	t.Helper()
	for _, question := range []struct {
		name      string
		arguments []uint64
	}{
		{"word", []uint64{0}}, {"word", []uint64{1}}, {"word", []uint64{2}}, {"collect", []uint64{5}}, {"next", nil}, {"next", nil}, {"answer", nil}, {"deep", []uint64{60}},
	} {
		results, err := instance.ExportedFunction(question.name).Call(ctx, question.arguments...)
		if err != nil {
			t.Fatalf("%s: %v", question.name, err)
		}
		fmt.Fprintf(out, "%s %v ", question.name, results)
	}
}
