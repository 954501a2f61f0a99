package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/site/published"
)

// shop is a small site: path to content.
func shop() map[string]string {
	return map[string]string{
		"index.html":             `<!doctype html><html><head><link rel="icon" href="favicon.svg"><script type="module" src="pages/store.js"></script></head><body><a href="./">Home</a></body></html>`,
		"favicon.svg":            `<svg xmlns="http://www.w3.org/2000/svg"><rect width="10.0" height="10"/></svg>`,
		"config.json":            "{\n  \"relayUrl\": \"\"\n}\n",
		"demo/datafile.json":     "{\n  \"version\": \"4\"\n}\n",
		"demo/items.json":        "[ 1, 2 ]\n",
		"styles/a.css":           "p {\n  margin: 0px;\n}\n",
		"pages/store.js":         "// The store.\nimport { createInstance } from '../sdk/index.js';\n\ncreateInstance();\n",
		"pages/store.test.js":    "not published",
		"lib/.swp":               "not published",
		"jsconfig.json":          "not published",
		"sdk/index.js":           "export const createInstance = () => new URL('./engine/engine.wasm', import.meta.url);\n",
		"sdk/index.d.ts":         "export {};\n",
		"service-worker.js":      "// Keeps.\nconst BUILD = '';\nself.build = BUILD;\n",
		"sdk/engine/engine.wasm": strings.Repeat("\x00asm", 100),
	}
}

func MustWriteAll(tb testing.TB, dir string, contents map[string]string) {
	tb.Helper()
	for name, content := range contents {
		if err := write(dir, name, []byte(content)); err != nil {
			tb.Fatal(err)
		}
	}
}

func MustBuild(tb testing.TB, contents map[string]string, dist, cache string) {
	tb.Helper()
	public := tb.TempDir()
	MustWriteAll(tb, public, contents)
	if _, err := build(public, dist, cache); err != nil {
		tb.Fatal(err)
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

// MustRead returns the original of a file of the site.
func MustRead(tb testing.TB, dist, name string) string {
	tb.Helper()
	content, err := published.Read(os.DirFS(dist), name)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

func TestBuildReplacesTheOldSite(t *testing.T) {
	dist := t.TempDir()
	MustWriteAll(t, dist, map[string]string{placeholder: "", "old.html": "", "old/file.js": ""})
	MustBuild(t, shop(), dist, t.TempDir())
	var plain []string
	for _, name := range MustList(t, dist) {
		if original := strings.TrimSuffix(name, published.Packed); filepath.Ext(original) != ".br" {
			plain = append(plain, original)
		}
	}
	want := []string{published.Fingerprint, placeholder, "config.json", "demo/datafile.json", "demo/items.json", "favicon.svg", "index.html",
		"pages/store.js", "sdk/engine/engine.wasm", "sdk/index.d.ts", "sdk/index.js", "service-worker.js", "styles/a.css"}
	if diff := cmp.Diff(want, plain); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBuildMinifiesEachKindOfFile(t *testing.T) {
	dist := t.TempDir()
	MustBuild(t, shop(), dist, t.TempDir())
	want := map[string]string{
		"favicon.svg":        `<svg xmlns="http://www.w3.org/2000/svg"><rect width="10" height="10"/></svg>`,
		"demo/items.json":    "[1,2]",
		"styles/a.css":       "p{margin:0}",
		"pages/store.js":     `var e=()=>new URL("../sdk/engine/engine.wasm",import.meta.url);e()`,
		"config.json":        shop()["config.json"],
		"demo/datafile.json": shop()["demo/datafile.json"],
		"sdk/index.d.ts":     shop()["sdk/index.d.ts"],
	}
	for name, content := range want {
		t.Run(name, func(t *testing.T) {
			if got := MustRead(t, dist, name); got != content {
				t.Errorf("got %s, want %s", got, content)
			}
		})
	}
}

func TestAPageRefersToThePrefixAndAnnouncesWhatItsModulesFetch(t *testing.T) {
	dist := t.TempDir()
	MustBuild(t, shop(), dist, t.TempDir())
	prefix := MustRead(t, dist, published.Fingerprint)
	if !regexp.MustCompile(`^assets-[0-9a-f]{16}$`).MatchString(prefix) {
		t.Fatalf("the prefix is %q", prefix)
	}
	want := `<!doctype html><html><head><link rel=icon href=P/favicon.svg><link rel=preload as=fetch crossorigin href=P/sdk/engine/engine.wasm>` +
		`<link rel=modulepreload href=P/pages/store.js><script type=module src=P/pages/store.js></script>` +
		`</head><body><a href=./>Home</a></body></html>`
	if diff := cmp.Diff(want, strings.ReplaceAll(MustRead(t, dist, "index.html"), prefix, "P")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPageHasOneStyleSheetOfThoseItNamesInTheirOrder(t *testing.T) {
	site := shop()
	site["styles/b.css"] = "p {\n  margin: 1px;\n}\n"
	site["index.html"] = "<html><head>\n  <link rel=\"stylesheet\" href=\"styles/b.css\">\n  <link rel=\"stylesheet\" href=\"styles/a.css\">\n</head></html>"
	site["more/results.html"] = `<html><head><link rel="stylesheet" href="../styles/a.css"></head></html>`
	dist := t.TempDir()
	MustBuild(t, site, dist, t.TempDir())
	prefix := MustRead(t, dist, published.Fingerprint)
	for name, want := range map[string]string{
		"index.html": "<html><head><link rel=stylesheet href=P/pages/index.css></head></html>", "pages/index.css": "p{margin:1px}p{margin:0}",
		"more/results.html": "<html><head><link rel=stylesheet href=../P/pages/more/results.css></head></html>", "pages/more/results.css": "p{margin:0}",
	} {
		if diff := cmp.Diff(want, strings.ReplaceAll(MustRead(t, dist, name), prefix, "P")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := published.Read(os.DirFS(dist), "styles/a.css"); err == nil {
		t.Error("a part is still there by itself")
	}
}

func TestAStyleSheetThatRefersToAnotherFileIsRefused(t *testing.T) {
	for _, style := range []string{"p { background: url(a.svg); }", "@import 'b.css';"} {
		public := t.TempDir()
		MustWriteAll(t, public, shop())
		MustWriteAll(t, public, map[string]string{"styles/a.css": style, "index.html": `<head><link rel="stylesheet" href="styles/a.css"></head>`})
		if _, err := build(public, t.TempDir(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "styles/a.css refers to another file") {
			t.Errorf("%s: %v", style, err)
		}
	}
}

func TestWhatTwoPagesImportIsOneFileThatBothAnnounce(t *testing.T) {
	site := shop()
	site["results.html"] = `<html><head><script type="module" src="pages/results.js"></script></head></html>`
	site["pages/results.js"] = "import { find } from '../lib/dom.js';\nfind('results');\n"
	site["lib/dom.js"] = "export const find = (name) => document.querySelector(`.js-${name}`);\n"
	site["pages/store.js"] += "import { find } from '../lib/dom.js';\nfind('shelf');\n"
	dist := t.TempDir()
	MustBuild(t, site, dist, t.TempDir())
	shared := regexp.MustCompile(`modulepreload href=assets-[0-9a-f]+/(pages/shared-\w+\.js)`)
	var names []string
	for _, page := range []string{"index.html", "results.html"} {
		match := shared.FindStringSubmatch(MustRead(t, dist, page))
		if match == nil {
			t.Fatalf("%s announces none: %s", page, MustRead(t, dist, page))
		}
		names = append(names, match[1])
	}
	if names[0] != names[1] || !strings.Contains(MustRead(t, dist, names[0]), "document.querySelector") {
		t.Errorf("they share %v, which is %s", names, MustRead(t, dist, names[0]))
	}
	if _, err := published.Read(os.DirFS(dist), "lib/dom.js"); err == nil {
		t.Error("the module is still there by itself")
	}
}

func TestWhatNoPageAsksForLaterIsNoFile(t *testing.T) {
	site := shop()
	site["pages/store.js"] = "import { follow } from '../lib/follow.js';\nfollow();\n"
	site["lib/follow.js"] = "export const follow = () => import('./wire.js');\nexport const poll = () => import('./timer.js');\n"
	site["lib/wire.js"] = "import { ask } from './ask.js';\nexport const reply = ask('the relay');\n"
	site["lib/timer.js"] = "import { ask } from './ask.js';\nexport const answer = ask('a timer');\n"
	site["lib/ask.js"] = "export const ask = (whom) => fetch(whom);\n"
	dist := t.TempDir()
	MustBuild(t, site, dist, t.TempDir())
	chunks, err := filepath.Glob(filepath.Join(dist, "pages/shared-*.js"))
	if err != nil || len(chunks) != 1 {
		t.Fatalf("got %v, %v", chunks, err)
	}
	if chunk := MustRead(t, filepath.Dir(chunks[0]), filepath.Base(chunks[0])); !strings.Contains(chunk, "the relay") || !strings.Contains(chunk, "fetch") {
		t.Errorf("what comes later is %s", chunk)
	}
}

func TestOtherSitesGetAModuleOfTheSDKInOneFileWithItsImports(t *testing.T) {
	site := shop()
	site["sdk/index.js"] = "export { createInstance } from './client.js';\n"
	site["sdk/client.js"] = "export const createInstance = () => 'made';\n"
	site["sdk/index.min.js"] = "const make=()=>'made';export{make as createInstance};\n"
	dist := t.TempDir()
	MustBuild(t, site, dist, t.TempDir())
	for name, part := range map[string]string{"sdk/index.js": "as createInstance", "sdk/client.js": "createInstance=", "pages/store.js": "made"} {
		if got := MustRead(t, dist, name); !strings.Contains(got, part) {
			t.Errorf("%s is %s", name, got)
		}
	}
}

func TestAModuleInOneFileIsTheSameBytesByEitherName(t *testing.T) {
	site := shop()
	bundled := "const second=1,first=2;export{first as createInstance,second as ready};\n"
	site["sdk/index.min.js"] = bundled
	dist := t.TempDir()
	MustBuild(t, site, dist, t.TempDir())
	for _, name := range []string{"sdk/index.min.js", "sdk/index.js"} {
		if got := MustRead(t, dist, name); got != bundled {
			t.Errorf("%s became %s", name, got)
		}
	}
}

func TestTheServiceWorkerIsAnotherOneForEveryBuild(t *testing.T) {
	dist := t.TempDir()
	MustBuild(t, shop(), dist, t.TempDir())
	want := `const BUILD="` + MustRead(t, dist, published.Fingerprint) + `";self.build=BUILD`
	if got := MustRead(t, dist, published.Worker); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestThePrefixIsTheAssetsAlone(t *testing.T) {
	tests := []struct {
		name    string
		change  func(site map[string]string)
		changes bool
	}{
		{"nothing changed", func(map[string]string) {}, false},
		{"a comment changed", func(site map[string]string) { site["pages/store.js"] += "// bye\n" }, false},
		{"the service worker changed", func(site map[string]string) { site["service-worker.js"] += "self.more = 1;" }, false},
		{"the settings changed", func(site map[string]string) { site["config.json"] = "{}" }, false},
		{"a page's text changed", func(site map[string]string) { site["index.html"] += "!" }, false},
		{"a style changed", func(site map[string]string) { site["styles/a.css"] = "p{color:red}" }, true},
		{"the SDK changed", func(site map[string]string) { site["sdk/index.js"] += "export const two = 2;" }, true},
		{"a file was renamed", func(site map[string]string) {
			site["styles/b.css"] = site["styles/a.css"]
			delete(site, "styles/a.css")
		}, true},
	}
	dist, cache := t.TempDir(), t.TempDir()
	MustBuild(t, shop(), dist, cache)
	before := MustRead(t, dist, published.Fingerprint)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := shop()
			test.change(changed)
			MustBuild(t, changed, dist, cache)
			if after := MustRead(t, dist, published.Fingerprint); (after != before) != test.changes {
				t.Errorf("from %s to %s", before, after)
			}
		})
	}
}

func TestOnlyWhatShrinksIsEncodedAndTheCacheForgetsWhatIsGone(t *testing.T) {
	dist, cache := t.TempDir(), t.TempDir()
	MustBuild(t, shop(), dist, cache)
	wasm := MustRead(t, dist, "sdk/engine/engine.wasm.br")
	if len(wasm) >= len(shop()["sdk/engine/engine.wasm"]) {
		t.Errorf("%d bytes", len(wasm))
	}
	for _, name := range []string{"config.json.br", "demo/items.json.br", "demo/items.json.gz"} {
		if _, err := os.Stat(filepath.Join(dist, name)); err == nil {
			t.Errorf("%s is there", name)
		}
	}

	kept := MustList(t, cache)
	for _, name := range kept {
		MustWriteAll(t, cache, map[string]string{name: "cached"})
	}
	MustBuild(t, shop(), dist, cache)
	if again := MustRead(t, dist, "sdk/engine/engine.wasm.br"); again != "cached" {
		t.Error("what had not changed was encoded again")
	}
	fewer := shop()
	delete(fewer, "styles/a.css")
	MustBuild(t, fewer, dist, cache)
	if now := len(MustList(t, cache)); now != len(kept)-2 {
		t.Errorf("%d files are kept, before there were %d", now, len(kept))
	}
}

func TestBuildWritesUndefinedWithoutALookup(t *testing.T) {
	site, dist := shop(), t.TempDir()
	site["sdk/index.js"] = "export const createInstance = (a, list0) => (a === undefined ? list0[0] : f(undefined, void 0));"
	MustBuild(t, site, dist, t.TempDir())
	want := `export const createInstance=(e,t)=>e===void 0?t[0]:f(void 0,void 0)`
	if got := MustRead(t, dist, "sdk/index.js"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBuildSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name, file, content, complaint string
	}{
		{"a page without its style sheet", "index.html", `<head><link rel="stylesheet" href="styles/b.css"></head>`, "index.html refers to styles/b.css"},
		{"a page without its picture", "index.html", `<img src=demo/x.svg>`, "index.html refers to demo/x.svg"},
		{"a module without what it imports", "pages/store.js", "export * from './missing.js';", "pages/store.js imports pages/missing.js"},
		{"a module that is out of the site", "pages/store.js", "import('../../secret.js');", "pages/store.js imports ../secret.js"},
		{"a module that is no JavaScript", "lib/dom.js", "const = 1;", "lib/dom.js"},
		{"a module with what the minifier writes for undefined", "lib/dom.js", "export const one = (0[0]);", "lib/dom.js: 0[0]"},
		{"a module that imports what only a bundler finds", "pages/store.js", "import 'react';", "pages/store.js imports react"},
		{"an engine that is not named by its path", "pages/store.js", "export const engine = new URL('../sdk/engine/engine.wasm', import.meta.url);", "in another way"},
		{"a service worker without a place for the prefix", "service-worker.js", "", "service-worker.js has no line"},
		{"data that is no JSON", "demo/items.json", "[1,", "demo/items.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			public, dist := t.TempDir(), t.TempDir()
			MustWriteAll(t, public, shop())
			MustWriteAll(t, public, map[string]string{test.file: test.content})
			MustWriteAll(t, dist, map[string]string{"old.html": ""})
			if _, err := build(public, dist, t.TempDir()); err == nil || !strings.Contains(err.Error(), test.complaint) {
				t.Errorf("got %v", err)
			}
			if len(MustList(t, dist)) != 1 {
				t.Error("the old site is gone")
			}
		})
	}
}

func TestBuildNeedsTheEngine(t *testing.T) {
	public := t.TempDir()
	MustWriteAll(t, public, map[string]string{"index.html": ""})
	if _, err := build(public, t.TempDir(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "make build") {
		t.Fatalf("got %v", err)
	}
}
