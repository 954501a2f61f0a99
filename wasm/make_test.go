package main_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A disk that is full ends a build in the midst of a file, which is then newer than all that it is made of.
func TestAnEngineThatIsHalfWrittenIsNotTakenForBuilt(t *testing.T) {
	makefile, err := filepath.Abs("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	const engine = "public/sdk/engine/engine.wasm"
	for name, content := range map[string]string{
		".ci/engine.sh": "#!/bin/sh\necho half >$2\nexit 1\n", "wasm/default.pgo": "", "go.mod": "", filepath.Dir(engine) + "/engine.js": "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if output, err := exec.Command("make", "-f", makefile, engine).CombinedOutput(); err == nil {
		t.Fatalf("the build did not fail:\n%s", output)
	}
	if _, err := os.Stat(engine); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half of an engine is there: %v", err)
	}
}
