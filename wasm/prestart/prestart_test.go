package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

func TestAStartedProgramDoesTheSame(t *testing.T) {
	built := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", built, "./testdata/program")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	started := prestart(t, built)
	want, got := answers(t, read(t, built)), answers(t, started)
	if !strings.Contains(want, "next [37] next [38] answer [40]") || got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !bytes.Equal(prestart(t, built), started) {
		t.Error("started again, the same module is another")
	}
	if m, err := readModule(started); err != nil || len(m.exports) != 5 {
		t.Errorf("exports %v, %v: not the memory and the program's own", m.exports, err)
	}
}

// prestart runs the command on a file and returns what it wrote.
func prestart(t *testing.T, file string) []byte {
	t.Helper()
	output := filepath.Join(t.TempDir(), "started.wasm")
	if err := run(t.Context(), []string{file, output}); err != nil {
		t.Fatal(err)
	}
	return read(t, output)
}

// answers are those of two instances of a program, which has to be started if it has the export for it.
func answers(t *testing.T, wasm []byte) string {
	t.Helper()
	ctx := context.Background()
	runtime := wazero.NewRuntime(ctx)
	defer func() {
		if err := runtime.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
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
		{"word", []uint64{0}}, {"word", []uint64{1}}, {"word", []uint64{2}}, {"collect", []uint64{5}}, {"next", nil}, {"next", nil}, {"answer", nil},
	} {
		results, err := instance.ExportedFunction(question.name).Call(ctx, question.arguments...)
		if err != nil {
			t.Fatalf("%s: %v", question.name, err)
		}
		fmt.Fprintf(out, "%s %v ", question.name, results)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
