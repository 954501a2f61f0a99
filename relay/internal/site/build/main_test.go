package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func MustWriteAll(tb testing.TB, dir string, names ...string) {
	tb.Helper()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

func MustList(tb testing.TB, dir string) (names []string) {
	tb.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return names
}

func TestBuild(t *testing.T) {
	public, dist := t.TempDir(), t.TempDir()
	MustWriteAll(t, public, "index.html", "sdk/engine/engine.wasm", "sdk/index.js", "sdk/index.test.js", "jsconfig.json", "lib/.swp")
	MustWriteAll(t, dist, placeholder, "old.html", "old/file.js")
	count, err := build(public, dist)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{placeholder, "index.html", "sdk/engine/engine.wasm", "sdk/index.js"}
	if diff := cmp.Diff(want, MustList(t, dist)); diff != "" || count != 3 {
		t.Errorf("%d files, (-want +got):\n%s", count, diff)
	}
}

func TestBuildNeedsTheEngine(t *testing.T) {
	public, dist := t.TempDir(), t.TempDir()
	MustWriteAll(t, public, "index.html")
	MustWriteAll(t, dist, "old.html")
	if _, err := build(public, dist); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Fatalf("got %v", err)
	}
	if len(MustList(t, dist)) != 1 {
		t.Error("the old site is gone")
	}
}
