package e2e

import (
	"bufio"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// shown is what a sample's page tells.
const shown = `document.querySelector('output').textContent`

func TestApplicationsOfEachKindDecideUnderAStrictPolicyAndTellWhenTheyCannot(t *testing.T) {
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
	installed := mustInstall(t)
	b := mustBrowser(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := mustMakeSample(t, installed, test.folder)
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
		"with a page in its place": {told: "Is engine.wasm what the server sent?", treat: func(w http.ResponseWriter, r *http.Request) bool {
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
	s := mustMakeSample(t, mustInstall(t), "script")
	path := filepath.Join(s.dir, "classic.html")
	relaytest.MustWrite(t, path, strings.Replace(relaytest.MustRead(t, path), " crossorigin>", ` crossorigin data-engine="other.wasm">`, 1))
	relaytest.MustWrite(t, filepath.Join(s.dir, "other.wasm"), "\x00asm\x01\x00\x00\x00")
	mustTell(t, mustBrowser(t), s, "classic.html", trouble{told: "Is it the file whose integrity is sha384-"})
}

func TestTwoCopiesOfTheSDKOnOnePageBothDecideAndAreToldOfOnce(t *testing.T) {
	s := mustMakeSample(t, mustInstall(t), "script")
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

func TestAServerInNodeRendersWhatAPageWouldDecide(t *testing.T) {
	s := mustMakeSample(t, mustInstall(t), "node")
	ctx, cancel := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, "node", "server.js")
	command.Dir, command.Env, command.Stderr = s.dir, append(os.Environ(), "PORT=0"), os.Stderr
	stdout, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() { cancel(); _ = command.Wait() })
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		t.Fatal("the server does not say where it listens")
	}
	want := "<output>" + mustDecideNatively(t, "Matt") + "</output>"
	if answer := relaytest.MustGet(t, lines.Text()+"/?visitor=Matt"); !strings.Contains(answer.Body, want) {
		t.Errorf("the server answers %s, without %s", answer.Body, want)
	}
}

// mustInstall packs the SDK as npm would publish it and returns a folder of packages that holds it among those of the tests.
func mustInstall(t *testing.T) string {
	t.Helper()
	packages := t.TempDir()
	others, err := filepath.Abs("node_modules")
	must(t, err)
	entries, err := os.ReadDir(others)
	must(t, err)
	for _, entry := range entries {
		must(t, os.Symlink(filepath.Join(others, entry.Name()), filepath.Join(packages, entry.Name())))
	}
	sdk := filepath.Join(packages, "sortition-sdk")
	must(t, os.Mkdir(sdk, 0o755))
	mustExecute(t, "../../public/sdk", "npm", "pack", "--silent", "--pack-destination", sdk)
	tarballs, err := filepath.Glob(filepath.Join(sdk, "*.tgz"))
	must(t, err)
	mustExecute(t, sdk, "tar", "--extract", "--strip-components=1", "--file", tarballs[0])
	return packages
}

// sample is a sample application, built and served, with a relay of its own.
type sample struct {
	dir   string
	host  *httptest.Server
	relay *process.Relay
	treat atomic.Pointer[func(w http.ResponseWriter, r *http.Request) (done bool)]
}

func mustMakeSample(t *testing.T, installed, folder string) *sample {
	t.Helper()
	s := &sample{dir: t.TempDir()}
	must(t, os.CopyFS(s.dir, os.DirFS(filepath.Join("samples", folder))))
	must(t, os.Symlink(installed, filepath.Join(s.dir, "node_modules")))
	s.host = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.host.Close)
	s.relay = mustStart(t, process.Options{Args: []string{"--allow-origin", s.host.URL}})
	s.mustRefer(t)
	if manifest, err := os.ReadFile(filepath.Join(s.dir, "package.json")); err == nil && strings.Contains(string(manifest), `"build"`) {
		mustExecute(t, s.dir, "npm", "run", "--silent", "build")
	}
	return s
}

// serve serves the folder under a policy as strict as a page with this engine can have.
func (s *sample) serve(w http.ResponseWriter, r *http.Request) {
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
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return os.WriteFile(path, []byte(names.Replace(relaytest.MustRead(t, path))), 0o644)
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
