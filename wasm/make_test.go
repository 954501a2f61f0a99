package main_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What is there after a build that ended in the midst of a file is newer than all that it is made of.
func TestAnEngineThatIsHalfWrittenIsNotTakenForBuilt(t *testing.T) {
	makefile, err := filepath.Abs("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	const engine = "public/sdk/engine/engine.wasm"
	for name, end := range map[string]string{"by a disk that is full": "exit 1", "by a kill of everyone": "kill -9 0"} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, content := range map[string]string{
				".ci/engine.sh": "#!/bin/sh\necho half >$2\n" + end + "\n", "wasm/default.pgo": "", "go.mod": "", filepath.Dir(engine) + "/engine.js": "",
			} {
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			build := exec.Command("setsid", "make", "-f", makefile, engine) // so that the kill is not ours
			if output, err := build.CombinedOutput(); err == nil {
				t.Fatalf("the build did not fail:\n%s", output)
			}
			if _, err := os.Stat(engine); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("half of an engine is there: %v", err)
			}
		})
	}
}
