package e2e

import (
	"bufio"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// shown is what a sample's page tells.
const shown = `document.querySelector('output').textContent`

func TestApplicationsOfEachKindDecideUnderAStrictPolicyAndTellWhenTheyCannot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		folder, page string
		ownEngine    bool // it comes from where the page does
	}{
		"Vite":                    {"vite", "dist/", true},
		"webpack":                 {"webpack", "dist/", true},
		"esbuild":                 {"esbuild", "dist/", true},
		"OpenFeature":             {"openfeature", "dist/", true},
		"a module without bundle": {"script", "module.html", false},
		"a classic script":        {"script", "classic.html", false},
	}
	tarball := mustPack(t)
	b := mustBrowser(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := mustMakeSample(t, test.folder, "sortition-sdk", tarball)
			page := mustOpenInTrouble(t, b, s.host.URL+"/"+test.page, "")
			defer page.Close()
			page.until(shown + ` === ` + quote(mustDecideNatively(t, "Matt")))
			mustCountUntil(t, s.relay, counts{Visitors: 1, Conversions: 1})
			page.mustBeContent()
			for name, trouble := range troubles() {
				if test.ownEngine || trouble.treat == nil {
					t.Run(name, func(t *testing.T) { mustTell(t, b, s, test.page, trouble) })
				}
			}
		})
	}
}

func TestAnApplicationForTheOfficialSDKLearnsTheSameFromOursUnderItsName(t *testing.T) {
	t.Parallel()
	const official = "@optimizely/optimizely-sdk"
	b := mustBrowser(t)
	learn := func(tarball []byte) string {
		s := mustMakeSample(t, "official", official, tarball)
		page := mustOpenInTrouble(t, b, s.host.URL+"/dist/", "")
		defer page.Close()
		page.until(shown + `.startsWith('[')`)
		mustCountUntil(t, s.relay, counts{Visitors: 5, Conversions: 5})
		page.mustBeContent()
		return eval[string](page, shown)
	}
	theirs := learn(nil)
	if ours := learn(mustPack(t)); ours != theirs || !strings.Contains(theirs, `"ab-test"`) {
		t.Errorf("with the official SDK the page learns\n%s\nwith ours\n%s", theirs, ours)
	}
}

// trouble is why a page has no engine.
type trouble struct {
	treat  func(w http.ResponseWriter, r *http.Request) (done bool)
	script string // runs before the page's own
	told   string
}

func troubles() map[string]trouble {
	return map[string]trouble{
		"without the engine's file": {told: "answered 404. Is engine.wasm there?", treat: func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, ".wasm") {
				http.NotFound(w, r)
				return true
			}
			return false
		}},
		"with a page in its place": {told: "Is engine.wasm what http://", treat: func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, ".wasm") {
				_, _ = w.Write([]byte("<!doctype html><title>Welcome</title>")) // a page that has gone by then is no failure
				return true
			}
			return false
		}},
		"under a policy that forbids it": {told: "add 'wasm-unsafe-eval' to its script-src", treat: func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; connect-src *; img-src data:")
			return false
		}},
		"in a browser without WebAssembly": {told: "This browser has no WebAssembly", script: `delete globalThis.WebAssembly;`},
	}
}

// mustTell opens a sample that has no engine, and checks that it says why and goes on with its defaults.
func mustTell(t *testing.T, b *browser.Browser, s *sample, path string, trouble trouble) {
	t.Helper()
	s.treat.Store(&trouble.treat)
	defer s.treat.Store(nil)
	page := mustOpenInTrouble(t, b, s.host.URL+"/"+path, trouble.script)
	defer page.Close()
	page.notice(trouble.told)
	if order := eval[string](page, shown); order != "our own order" {
		t.Errorf("the page shows %s", order)
	}
}

func TestAClassicScriptRunsNoOtherEngineThanItsOwn(t *testing.T) {
	t.Parallel()
	s := mustMakeSample(t, "script", "sortition-sdk", mustPack(t))
	path := filepath.Join(s.dir, "classic.html")
	relaytest.MustWrite(t, path, strings.Replace(relaytest.MustRead(t, path), " crossorigin>", ` crossorigin data-engine="other.wasm">`, 1))
	relaytest.MustWrite(t, filepath.Join(s.dir, "other.wasm"), "\x00asm\x01\x00\x00\x00")
	mustTell(t, mustBrowser(t), s, "classic.html", trouble{told: "Is it the file whose integrity is sha384-"})
}

func TestTwoCopiesOfTheSDKOnOnePageBothDecideAndAreToldOfOnce(t *testing.T) {
	t.Parallel()
	s := mustMakeSample(t, "script", "sortition-sdk", mustPack(t))
	page := mustOpenInTrouble(t, mustBrowser(t), s.host.URL+"/classic.html", "")
	page.until(shown + ` === ` + quote(mustDecideNatively(t, "Matt")))
	eval[bool](page, `(async () => {
		const copies = [sortition];
		const script = Object.assign(document.createElement('script'), { src: document.scripts[0].src, crossOrigin: '' });
		await new Promise((loaded) => document.head.append(Object.assign(script, { onload: loaded })));
		copies.push(sortition);
		globalThis.warnings = [];
		const clients = copies.map((sdk) => sdk.createInstance({
			projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'demo', urlTemplate: relay.relayUrl + '/datafiles/%s.json' }),
			logger: sdk.createLogger({ level: sdk.WARN, logHandler: { log: (_, line) => warnings.push(line) } }),
		}));
		await Promise.all(clients.map((client) => client.onReady()));
		globalThis.variations = clients.map((client) => client.getVariation('item-sort', 'Matt'));
	})(), true`)
	page.until(`globalThis.variations?.length === 2`)
	if variations := eval[[]string](page, `variations`); variations[0] != variations[1] {
		t.Errorf("the two copies decide %v", variations)
	}
	if warnings := eval[[]string](page, `warnings`); len(warnings) != 1 || !strings.Contains(warnings[0], "2 copies of the SDK") {
		t.Errorf("they are told of by %q", warnings)
	}
	page.mustBeContent()
}

func TestWhileDevelopingWithViteAHotReloadLeavesOneClient(t *testing.T) {
	t.Parallel()
	const counted = `globalThis.lines = new Set();
		globalThis.WebSocket = class extends WebSocket {
			constructor(...args) {
				super(...args);
				if (!this.url.endsWith('/v1/stream')) return;
				lines.add(this);
				this.addEventListener('close', () => lines.delete(this));
			}
		};`
	s := &sample{dir: t.TempDir()}
	must(t, os.CopyFS(s.dir, os.DirFS("samples/vite")))
	mustInstall(t, s.dir, "sortition-sdk", mustPack(t))
	address := mustServeByVite(t, s.dir)
	s.relay = mustStart(t, process.Options{Args: []string{"--allow-origin", address}})
	s.mustRefer(t)

	page := mustOpenInTrouble(t, mustBrowser(t), address, counted)
	decided := shown + ` === ` + quote(mustDecideNatively(t, "Matt")) + ` && lines.size === 1`
	page.until(decided)
	main := filepath.Join(s.dir, "main.js")
	relaytest.MustWrite(t, main, relaytest.MustRead(t, main)+"\ndocument.body.dataset.version = 'next';\n")
	page.until(`document.body.dataset.version === 'next' && ` + decided)
	page.mustBeContent()
}

// mustServeByVite runs Vite's server for development and returns its address.
func mustServeByVite(t *testing.T, dir string) (address string) {
	t.Helper()
	lines := mustListen(t, dir, "node_modules/.bin/vite", "--port", "0", "--clearScreen", "false")
	for lines.Scan() {
		if found := regexp.MustCompile(`http://localhost:\d+`).FindString(lines.Text()); found != "" {
			return found
		}
	}
	t.Fatal("Vite does not say where it listens")
	return ""
}

// mustListen runs a program until the test ends, and returns what it says.
func mustListen(t *testing.T, dir, name string, args ...string) *bufio.Scanner {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, name, args...)
	command.Dir, command.Env, command.Stderr = dir, append(os.Environ(), "PORT=0", "NO_COLOR=1"), os.Stderr
	stdout, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() { cancel(); _ = command.Wait() })
	return bufio.NewScanner(stdout)
}

func TestAServerInNodeRendersWhatAPageWouldDecide(t *testing.T) {
	t.Parallel()
	s := mustMakeSample(t, "node", "sortition-sdk", mustPack(t))
	lines := mustListen(t, s.dir, "node", "server.js")
	if !lines.Scan() {
		t.Fatal("the server does not say where it listens")
	}
	want := "<output>" + mustDecideNatively(t, "Matt") + "</output>"
	if answer := relaytest.MustGet(t, lines.Text()+"/?visitor=Matt"); !strings.Contains(answer.Body, want) {
		t.Errorf("the server answers %s, without %s", answer.Body, want)
	}
}

// packed is the SDK as npm would publish it, packed once for all tests.
var packed = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sortition-package-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	command := exec.Command("npm", "pack", "--silent", "--pack-destination", dir)
	command.Dir = "../../public/sdk"
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm pack: %w: %s", err, said)
	}
	tarballs, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(tarballs) != 1 {
		return nil, fmt.Errorf("npm pack left %v: %w", tarballs, err)
	}
	return os.ReadFile(tarballs[0])
})

func mustPack(t *testing.T) (tarball []byte) {
	t.Helper()
	tarball, err := packed()
	must(t, err)
	return tarball
}

// mustInstall gives an application the packages of the tests, and the tarball's under a name; nil is none.
func mustInstall(t *testing.T, dir, name string, tarball []byte) {
	t.Helper()
	if tarball != nil {
		installed := filepath.Join(dir, "node_modules", name)
		must(t, os.MkdirAll(installed, 0o755))
		relaytest.MustWrite(t, filepath.Join(dir, "package.tgz"), string(tarball))
		mustExecute(t, installed, "tar", "--extract", "--strip-components=1", "--file", filepath.Join(dir, "package.tgz"))
	}
	must(t, os.MkdirAll(filepath.Join(dir, "node_modules"), 0o755))
	others, err := filepath.Abs("node_modules")
	must(t, err)
	entries, err := os.ReadDir(others)
	must(t, err)
	for _, entry := range entries {
		link := filepath.Join(dir, "node_modules", entry.Name())
		if _, err := os.Lstat(link); err != nil {
			must(t, os.Symlink(filepath.Join(others, entry.Name()), link))
		}
	}
}

// sample is a sample application, built and served, with a relay of its own.
type sample struct {
	dir   string
	host  *httptest.Server
	relay *process.Relay
	treat atomic.Pointer[func(w http.ResponseWriter, r *http.Request) (done bool)]
}

// mustMakeSample makes a sample with the tarball's package under a name.
func mustMakeSample(t *testing.T, folder, name string, tarball []byte) *sample {
	t.Helper()
	s := &sample{dir: t.TempDir()}
	must(t, os.CopyFS(s.dir, os.DirFS(filepath.Join("samples", folder))))
	s.host = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.host.Close)
	s.relay = mustStart(t, process.Options{Args: []string{"--allow-origin", s.host.URL}})
	s.mustRefer(t)
	mustInstall(t, s.dir, name, tarball)
	if manifest, err := os.ReadFile(filepath.Join(s.dir, "package.json")); err == nil && strings.Contains(string(manifest), `"build"`) {
		mustExecute(t, s.dir, "npm", "run", "--silent", "build")
	}
	return s
}

// serve serves the folder under a policy as strict as a page with this engine can have.
func (s *sample) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval' "+s.relay.URL+
		"; connect-src 'self' "+s.relay.URL+" ws"+strings.TrimPrefix(s.relay.URL, "http"))
	if treat := s.treat.Load(); treat != nil && *treat != nil && (*treat)(w, r) {
		return
	}
	http.FileServer(http.Dir(s.dir)).ServeHTTP(w, r)
}

// mustRefer puts the relay's address, and the hash of the classic script that it serves, where the sample has those of others.
func (s *sample) mustRefer(t *testing.T) {
	t.Helper()
	script := relaytest.MustGet(t, s.relay.URL+"/sdk/global.min.js").Body
	sum := sha512.Sum384([]byte(script))
	names := strings.NewReplacer(readmeRelay, s.relay.URL, "sha384-OF-THE-SCRIPT", "sha384-"+base64.StdEncoding.EncodeToString(sum[:]))
	must(t, filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		if text := relaytest.MustRead(t, path); names.Replace(text) != text {
			relaytest.MustWrite(t, path, names.Replace(text))
		}
		return nil
	}))
}

func mustExecute(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, said)
	}
}
