package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

func TestAProgramDoesTheSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "program.wasm")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", file, "./testdata/program")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	straightened := filepath.Join(t.TempDir(), "straightened.wasm")
	if err := run([]string{file, straightened}); err != nil {
		t.Fatal(err)
	}
	want, got := output(t, file), output(t, straightened)
	if !strings.Contains(want, "sequence [0 3 6 9]") || got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if before, after := jumps(t, file), jumps(t, straightened); after > before/5 {
		t.Errorf("%d of %d jumps still go through tables", after, before)
	}
}

// output runs a program and returns what it printed.
func output(t *testing.T, file string) string {
	t.Helper()
	ctx := context.Background()
	runtime := wazero.NewRuntime(ctx)
	defer func() {
		if err := runtime.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	var out, errs bytes.Buffer
	if _, err := runtime.InstantiateWithConfig(ctx, read(t, file), wazero.NewModuleConfig().WithStdout(&out).WithStderr(&errs)); err != nil {
		t.Fatalf("%v\n%s\n%s", err, &out, &errs)
	}
	return out.String()
}

// jumps counts those through tables, by the number that is set right before them.
func jumps(t *testing.T, file string) int {
	t.Helper()
	return bytes.Count(read(t, file), []byte{opLocalSet, 0, opBr})
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
