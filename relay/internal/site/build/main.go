// Command build makes the site that is embedded into the relay: it copies public/ to relay/internal/site/dist/. Run it in
// the repository's root, after the engine is built into public/.
//
// Everything goes through publish, file by file; that is where a file may be made smaller on its way.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	from = "public"
	to   = "relay/internal/site/dist"
	// placeholder stays, so that the folder can be embedded in a clone where nothing was built.
	placeholder = ".gitkeep"
)

func main() {
	count, err := build(from, to)
	if err != nil {
		fmt.Fprintln(os.Stderr, "build the site:", err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stdout, "%d files from %s to %s\n", count, from, to)
}

// build replaces what is in dist by what is in public, and returns how many files that is.
func build(public, dist string) (count int, err error) {
	if _, err := os.Stat(filepath.Join(public, "sdk", "engine", "engine.wasm")); err != nil {
		return 0, errors.New("the engine is missing: run `make build`, which makes it first")
	}
	if err := clear(dist); err != nil {
		return 0, err
	}
	err = filepath.WalkDir(public, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !wanted(entry.Name()) {
			return err
		}
		name, err := filepath.Rel(public, path)
		if err != nil {
			return err
		}
		count++
		return publish(path, filepath.Join(dist, name))
	})
	return count, err
}

// clear empties dist but for the placeholder.
func clear(dist string) error {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == placeholder {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dist, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// wanted tells whether a file of public is for visitors rather than for those who work on it.
func wanted(name string) bool {
	return !strings.HasSuffix(name, ".test.js") && name != "jsconfig.json" && !strings.HasPrefix(name, ".")
}

func publish(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}
