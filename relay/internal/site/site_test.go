package site_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/site"
)

func get(handler http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "http://shop.example:8080"+target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	return answer
}

func shop() fstest.MapFS {
	files := fstest.MapFS{}
	for _, name := range []string{"index.html", "results.html", "pages/store.js", "styles/a.css", "demo/items.json",
		"demo/images/mug.svg", "sdk/index.js", "sdk/index.d.ts", "sdk/engine/engine.wasm", "favicon.ico", ".hidden"} {
		files[name] = &fstest.MapFile{Data: []byte("the content of " + name)}
	}
	return files
}

func TestPagesMayReachTheOriginsTheyAreToldOf(t *testing.T) {
	answer := get(site.New(published(), true, "https://cdn.example"), "/")
	if policy := answer.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' https://cdn.example ws://") {
		t.Errorf("the policy is %q", policy)
	}
}

func TestTypes(t *testing.T) {
	s := site.New(shop(), true)
	tests := map[string]string{
		"/":                        "text/html; charset=utf-8",
		"/index.html":              "text/html; charset=utf-8",
		"/results.html":            "text/html; charset=utf-8",
		"/pages/store.js":          "text/javascript; charset=utf-8",
		"/styles/a.css":            "text/css; charset=utf-8",
		"/demo/items.json":         "application/json",
		"/demo/images/mug.svg":     "image/svg+xml",
		"/sdk/engine/engine.wasm":  "application/wasm",
		"/sdk/index.d.ts":          "text/plain; charset=utf-8",
		"/favicon.ico":             "image/x-icon",
		"/pages/../pages/store.js": "text/javascript; charset=utf-8",
	}
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			answer := get(s, path)
			if got := answer.Header().Get("Content-Type"); answer.Code != http.StatusOK || got != want {
				t.Errorf("%d %s, want %s", answer.Code, got, want)
			}
			if got := answer.Header().Get("Cache-Control"); got != "no-cache" {
				t.Errorf("Cache-Control: %s", got)
			}
		})
	}
}

// published is the shop as the build command leaves it.
func published() fstest.MapFS {
	files := shop()
	files[".fingerprint"] = &fstest.MapFile{Data: []byte("assets-1")}
	for _, name := range []string{"index.html", "pages/store.js", "sdk/index.js", "sdk/engine/engine.wasm"} {
		files[name+".br"] = &fstest.MapFile{Data: []byte(name + " in brotli")}
		files[name+".gz"] = &fstest.MapFile{Data: packed("the content of " + name)}
		delete(files, name)
	}
	return files
}

// packed is a text in gzip.
func packed(text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func TestAssetsUnderThePrefixAreKeptForEver(t *testing.T) {
	const forever = "public, max-age=31536000, immutable"
	tests := map[string]struct {
		code  int
		cache string
	}{
		"/assets-1/pages/store.js":         {200, forever},
		"/assets-1/sdk/engine/engine.wasm": {200, forever},
		"/assets-1/demo/images/mug.svg":    {200, forever},
		"/pages/store.js":                  {200, "no-cache"},
		"/sdk/index.js":                    {200, "no-cache"},
		"/":                                {200, "no-cache"},
		"/assets-1/index.html":             {404, "no-store"},
		"/assets-1/":                       {404, "no-store"},
		"/assets-2/pages/store.js":         {404, "no-store"},
		"/assets-1/assets-1/favicon.ico":   {404, "no-store"},
		"/.fingerprint":                    {404, "no-store"},
	}
	s := site.New(published(), true)
	for path, want := range tests {
		t.Run(path, func(t *testing.T) {
			answer := get(s, path)
			if got := answer.Header().Get("Cache-Control"); answer.Code != want.code || got != want.cache {
				t.Errorf("%d %q, want %d %q", answer.Code, got, want.code, want.cache)
			}
		})
	}
}

func TestAFileIsSentInTheBestEncodingThatTheClientTakes(t *testing.T) {
	tests := []struct {
		name, path, accept     string
		body, encoding, suffix string
	}{
		{"brotli first", "/pages/store.js", "gzip, deflate, br", "pages/store.js in brotli", "br", "-br"},
		{"gzip alone", "/pages/store.js", "gzip", string(packed("the content of pages/store.js")), "gzip", "-gz"},
		{"under the prefix", "/assets-1/pages/store.js", "br", "pages/store.js in brotli", "br", "-br"},
		{"a page", "/", "br", "index.html in brotli", "br", "-br"},
		{"none that is known", "/pages/store.js", "zstd", "the content of pages/store.js", "", ""},
		{"none for a page", "/", "", "the content of index.html", "", ""},
		{"one that was no smaller", "/styles/a.css", "br, gzip", "the content of styles/a.css", "", ""},
	}
	s := site.New(published(), true)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plain := strings.Trim(get(s, test.path).Header().Get("ETag"), `"`)
			answer := get(s, test.path, "Accept-Encoding", test.accept)
			h := answer.Header()
			if answer.Body.String() != test.body || h.Get("Content-Encoding") != test.encoding || h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q, %v", answer.Body, h)
			}
			etag := h.Get("ETag")
			if etag != `"`+plain+test.suffix+`"` {
				t.Errorf("ETag %s, while the plain one is %s", etag, plain)
			}
			again := get(s, test.path, "Accept-Encoding", test.accept, "If-None-Match", etag)
			if again.Code != http.StatusNotModified || again.Header().Get("Vary") != "Accept-Encoding" || again.Header().Get("ETag") != etag {
				t.Errorf("%d %v", again.Code, again.Header())
			}
			if other := get(s, test.path, "Accept-Encoding", test.accept, "If-Match", `"x"`); other.Code != http.StatusPreconditionFailed || other.Header().Get("Content-Length") != "" {
				t.Errorf("only if it is another: %d %v", other.Code, other.Header())
			}
			if ranged := get(s, test.path, "Accept-Encoding", test.accept, "Range", "bytes=1-2"); test.encoding != "" && ranged.Code != http.StatusOK {
				t.Errorf("a range of an encoded file: %d", ranged.Code)
			}
		})
	}
}

func TestAFileIsUnpackedForWhoTakesNoEncoding(t *testing.T) {
	s := site.New(published(), true)
	part := get(s, "/sdk/engine/engine.wasm", "Range", "bytes=4-10")
	if part.Code != http.StatusPartialContent || part.Body.String() != "content" {
		t.Errorf("a range of it: %d %q", part.Code, part.Body)
	}
	etag := part.Header().Get("ETag")
	if again := get(s, "/sdk/engine/engine.wasm", "If-None-Match", etag); etag == "" || again.Code != http.StatusNotModified {
		t.Errorf("with its ETag %s: %d", etag, again.Code)
	}
	if whole := get(s, "/sdk/engine/engine.wasm"); whole.Body.String() != "the content of sdk/engine/engine.wasm" {
		t.Errorf("the whole of it after that: %q", whole.Body)
	}
	if !s.Built() {
		t.Error("a site whose pages are packed counts as not built")
	}
}

func TestAFolderIsServedAsItLies(t *testing.T) {
	files := shop()
	files["pages/store.js.br"] = &fstest.MapFile{Data: []byte("in brotli")}
	files[".fingerprint"] = &fstest.MapFile{Data: []byte("assets-1")}
	answer := get(site.New(files, false), "/pages/store.js", "Accept-Encoding", "br")
	if answer.Header().Get("Content-Encoding") != "" || answer.Body.String() != "the content of pages/store.js" {
		t.Errorf("%q, %v", answer.Body, answer.Header())
	}
	if answer := get(site.New(files, false), "/assets-1/pages/store.js"); answer.Code != http.StatusNotFound {
		t.Errorf("%d", answer.Code)
	}
	if answer := get(site.New(published(), false), "/pages/store.js"); answer.Code != http.StatusNotFound {
		t.Errorf("a folder's file was unpacked: %d", answer.Code)
	}
}

func TestNotFound(t *testing.T) {
	s := site.New(shop(), true)
	for _, path := range []string{"/nothing", "/demo", "/demo/", "/.hidden", "/../index.go", "/sdk/engine/", "/index.html/", "/sdk/index.js/", "/results.html//"} {
		t.Run(path, func(t *testing.T) {
			answer := get(s, path)
			if answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), `"error"`) {
				t.Errorf("%d %s", answer.Code, answer.Body)
			}
		})
	}
}

func TestRevalidation(t *testing.T) {
	s := site.New(shop(), true)
	etag := get(s, "/index.html").Header().Get("ETag")
	if len(etag) != 18 || get(s, "/results.html").Header().Get("ETag") == etag {
		t.Fatalf("ETag %s", etag)
	}
	if again := get(s, "/index.html", "If-None-Match", etag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Fatalf("%d %s", again.Code, again.Body)
	}
	if other := get(s, "/index.html", "If-None-Match", `"0"`); other.Code != http.StatusOK {
		t.Fatalf("%d", other.Code)
	}
}

func TestPolicy(t *testing.T) {
	s := site.New(shop(), true)
	page := get(s, "/").Header()
	csp := page.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';",
		"connect-src 'self' ws://shop.example:8080 wss://shop.example:8080;", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("no %q in %s", part, csp)
		}
	}
	if strings.Contains(csp, "manifest-src") {
		t.Errorf("WebKit does not know manifest-src, and calls it an error on each page: %s", csp)
	}
	if page.Get("Access-Control-Allow-Origin") != "" {
		t.Error("other sites may read the page")
	}
	sdk := get(s, "/sdk/index.js").Header()
	if sdk.Get("Access-Control-Allow-Origin") != "*" || sdk.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
		t.Errorf("other sites may not import the SDK: %v", sdk)
	}
	t.Run("a Host that is none stays out of it", func(t *testing.T) {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Host = "x; script-src *"
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, request)
		if csp := answer.Header().Get("Content-Security-Policy"); strings.Contains(csp, "script-src *") {
			t.Error(csp)
		}
	})
}

func TestNothingBuilt(t *testing.T) {
	answer := get(site.New(fstest.MapFS{".gitkeep": {}}, true), "/")
	if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), "make build") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestTheEmbeddedSiteAnswers(t *testing.T) {
	s := site.New(site.Embedded(), true)
	want := http.StatusServiceUnavailable
	if s.Built() {
		want = http.StatusOK
	}
	if answer := get(s, "/"); answer.Code != want {
		t.Errorf("%d", answer.Code)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	index := filepath.Join(dir, "index.html")
	relaytest.MustWrite(t, index, "one")
	relaytest.MustWrite(t, filepath.Join(dir, "..", "secret"), "secret")
	if err := os.Symlink("../secret", filepath.Join(dir, "link.html")); err != nil {
		t.Fatal(err)
	}
	files, err := site.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := site.New(files, false)
	one := get(s, "/")
	relaytest.MustWrite(t, index, "two")
	two := get(s, "/", "If-None-Match", one.Header().Get("ETag"))
	if one.Body.String() != "one" || two.Body.String() != "two" {
		t.Errorf("%q, then %q", one.Body, two.Body)
	}
	if link := get(s, "/link.html"); link.Code != http.StatusNotFound {
		t.Errorf("a link out of the folder was followed: %s", link.Body)
	}
	relaytest.MustWrite(t, filepath.Join(dir, ".git", "config"), "secret")
	relaytest.MustWrite(t, filepath.Join(dir, "sdk", ".cache", "deep", "key"), "secret")
	relaytest.MustWrite(t, filepath.Join(dir, ".well-known", "security.txt"), "whom to write to")
	if told := get(s, "/.well-known/security.txt"); told.Code != http.StatusOK {
		t.Errorf("what is well known is not served: %d", told.Code)
	}
	for _, path := range []string{"/.git/config", "/sdk/.cache/deep/key", "/%2egit/config", "/sdk/../.git/config"} {
		if hidden := get(s, path); hidden.Code != http.StatusNotFound {
			t.Errorf("%s is served: %s", path, hidden.Body)
		}
	}
	if _, err := site.Folder(filepath.Join(dir, "missing")); err == nil {
		t.Error("a folder that is missing was taken")
	}
}

func TestClientsThatTakeNoEncodingShareWhatWasUnpacked(t *testing.T) {
	big := strings.Repeat("a long text; ", 100_000)
	s := site.New(fstest.MapFS{"index.html.gz": {Data: packed(big)}}, true)
	get(s, "/")
	request := httptest.NewRequest(http.MethodHead, "/", nil)
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			s.ServeHTTP(httptest.NewRecorder(), request)
		}
	})
	if perRequest := result.AllocedBytesPerOp(); perRequest > int64(len(big)/10) {
		t.Errorf("a request takes %d bytes for a file of %d", perRequest, len(big))
	}
}
