// Package wasmtest builds and runs WebAssembly modules for tests.
package wasmtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// MustBuild builds a package of Go and returns the module.
func MustBuild(tb testing.TB, pkg string, flags ...string) []byte {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "built.wasm")
	build := exec.Command("go", append(append([]string{"build", "-ldflags=-s -w", "-o", file}, flags...), pkg)...)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if output, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v\n%s", pkg, err, output)
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return wasm
}

// MustMakeRuntime makes a runtime with what Go imports, which is closed when the test ends. One that interprets suits programs that
// run for a moment: to compile them takes longer.
func MustMakeRuntime(tb testing.TB, config wazero.RuntimeConfig) wazero.Runtime {
	tb.Helper()
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	tb.Cleanup(func() {
		if err := runtime.Close(ctx); err != nil {
			tb.Error(err)
		}
	})
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	return runtime
}
