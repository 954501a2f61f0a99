package site_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/site"
)

// built is a site as the build command leaves it.
func built(prefix string) fstest.MapFS {
	page := `<meta content="connect-src 'self' https:"><script src=` + prefix + `/pages/store.js></script>`
	return fstest.MapFS{
		".gitkeep":           {},
		".fingerprint":       {Data: []byte(prefix)},
		"index.html":         {Data: []byte(page)},
		"index.html.br":      {Data: []byte("encoded")},
		"config.json":        {Data: []byte(`{"relayUrl":""}`)},
		"pages/store.js":     {Data: []byte("store")},
		"pages/store.js.br":  {Data: []byte("store in brotli")},
		"sdk/index.js.gz":    {Data: packed("sdk")},
		"demo/datafile.json": {Data: []byte("{}")},
		"service-worker.js":  {Data: []byte("worker")},
	}
}

func MustExport(tb testing.TB, files fs.FS, dir string, o site.ExportOptions) {
	tb.Helper()
	if _, err := site.Export(files, dir, o); err != nil {
		tb.Fatal(err)
	}
}

// MustList returns the paths of the files in a folder, but for those that begin with a dot.
func MustList(tb testing.TB, dir string) (names []string) {
	tb.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return names
}

func TestExportPutsEverythingWhereThePagesLookForIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	MustExport(t, built("assets-1"), dir, site.ExportOptions{Config: []byte("the config")})
	want := []string{
		"assets-1/demo/datafile.json", "assets-1/pages/store.js", "assets-1/pages/store.js.br", "assets-1/sdk/index.js",
		"assets-1/sdk/index.js.gz", "config.json", "index.html", "index.html.br", "index.html.gz", "sdk/index.js", "sdk/index.js.gz",
		"service-worker.js",
	}
	if diff := cmp.Diff(want, MustList(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if config := relaytest.MustRead(t, filepath.Join(dir, "config.json")); config != "the config" {
		t.Errorf("config.json is %s", config)
	}
	if sdk := relaytest.MustRead(t, filepath.Join(dir, "sdk/index.js")); sdk != "sdk" {
		t.Errorf("sdk/index.js is %q", sdk)
	}
}

func TestExportReplacesAPageAsAWhole(t *testing.T) {
	dir := t.TempDir()
	MustExport(t, built("assets-1"), dir, site.ExportOptions{})
	before := relaytest.MustRead(t, filepath.Join(dir, "index.html"))
	served, err := os.Open(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	MustExport(t, built("assets-2"), dir, site.ExportOptions{})
	rest, err := io.ReadAll(served)
	if err != nil || string(rest) != before {
		t.Errorf("whoever was being sent the page gets %q, %v", rest, err)
	}
}

func TestExportAllowsThePagesToConnect(t *testing.T) {
	dir := t.TempDir()
	MustExport(t, built("assets-1"), dir, site.ExportOptions{Connect: []string{"http://10.0.0.5:8080", "ws://10.0.0.5:8080"}})
	page := relaytest.MustRead(t, filepath.Join(dir, "index.html"))
	if !strings.Contains(page, "connect-src 'self' http://10.0.0.5:8080 ws://10.0.0.5:8080 https:") {
		t.Error(page)
	}
	without := built("assets-1")
	without["index.html"].Data = []byte("<p>")
	if _, err := site.Export(without, t.TempDir(), site.ExportOptions{Connect: []string{"http://x"}}); err == nil {
		t.Error("a page without a policy was exported as if it had one")
	}
}

func TestExportReplacesOnlyWhatItWrote(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	MustExport(t, built("assets-1"), dir, site.ExportOptions{})
	relaytest.MustWrite(t, filepath.Join(dir, "CNAME"), "shop.example")
	MustExport(t, built("assets-2"), dir, site.ExportOptions{})
	names := MustList(t, dir)
	if !slices.Contains(names, "CNAME") || !slices.Contains(names, "assets-2/pages/store.js") {
		t.Errorf("something is missing: %v", names)
	}
	if _, err := os.Stat(filepath.Join(dir, "assets-1")); err == nil {
		t.Error("the first export is still there")
	}
	if page := relaytest.MustRead(t, filepath.Join(dir, "index.html")); !strings.Contains(page, "assets-2/") {
		t.Error(page)
	}
}

func TestExportRemovesWhatAKilledOneLeft(t *testing.T) {
	dir := t.TempDir()
	MustExport(t, built("assets-one"), dir, site.ExportOptions{})
	relaytest.MustWrite(t, filepath.Join(dir, "assets-one", "pages", ".store.js.new"), "half of it")
	relaytest.MustWrite(t, filepath.Join(dir, ".gitignore"), "mine")
	MustExport(t, built("assets-two"), dir, site.ExportOptions{})
	if _, err := os.Stat(filepath.Join(dir, "assets-one")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of the export before is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".gitignore")); err != nil {
		t.Error(err)
	}
}

func TestExportRefuses(t *testing.T) {
	t.Run("a folder with files of somebody else", func(t *testing.T) {
		dir := t.TempDir()
		relaytest.MustWrite(t, filepath.Join(dir, "thesis.txt"), "years of work")
		if _, err := site.Export(built("assets-1"), dir, site.ExportOptions{}); !errors.Is(err, site.ErrForeign) || !strings.Contains(err.Error(), dir) {
			t.Errorf("got %v", err)
		}
		if names := MustList(t, dir); len(names) != 1 {
			t.Errorf("it wrote %v", names)
		}
	})
	t.Run("a path that is a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		relaytest.MustWrite(t, file, "")
		if _, err := site.Export(built("assets-1"), file, site.ExportOptions{}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a receipt that leads out of the folder", func(t *testing.T) {
		dir := t.TempDir()
		outside := filepath.Join(filepath.Dir(dir), "outside")
		relaytest.MustWrite(t, outside, "")
		relaytest.MustWrite(t, filepath.Join(dir, ".relay-export"), "../outside\n")
		if _, err := site.Export(built("assets-1"), dir, site.ExportOptions{}); err == nil {
			t.Error("it was followed")
		}
		if _, err := os.Stat(outside); err != nil {
			t.Error(err)
		}
	})
	t.Run("a site that is not built", func(t *testing.T) {
		_, err := site.Export(fstest.MapFS{".gitkeep": {}}, t.TempDir(), site.ExportOptions{})
		if err == nil || !strings.Contains(err.Error(), "make build") {
			t.Errorf("got %v", err)
		}
	})
}
