package datasource

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sortition/relay/internal/relaytest"
)

// Of a thousand projects each would read the names of all the others' files, three times over.
func TestAFolderIsSearchedOnceForWhatCrashesLeftOfAllProjects(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".one.json.1", ".two.json.2"} {
		relaytest.MustWrite(t, filepath.Join(dir, name), "")
	}
	left := leftovers{}
	if err := left.sweep(dir, ".one.json."); err != nil {
		t.Fatal(err)
	}
	relaytest.MustWrite(t, filepath.Join(dir, ".two.json.3"), "") // which only another search would find
	if err := left.sweep(dir, ".two.json."); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if !slices.Equal(names, []string{".two.json.3"}) {
		t.Errorf("there is still %q", names)
	}
}
