package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestTheSiteWorksOnAStaticHostOfAnotherOriginBelowItsRoot(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, dir string, relay *process.Relay){
		"public as it lies, with config.json edited": mustCopyPublic,
		"what relay export writes":                   mustExport,
	}
	for name, mustPublish := range tests {
		t.Run(name, func(t *testing.T) {
			dir, data := t.TempDir(), t.TempDir()
			host := newStaticHost(t, dir)
			relay := mustStart(t, process.Options{DataDir: data, Args: []string{"--allow-origin", host.URL}})
			mustPublish(t, dir, relay)

			store := mustOpen(t, host.URL+"/some/path/")
			store.enter("Matt")
			must(t, store.Click("button", "buy now"))
			store.sees("bought")
			mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})

			for i, variation := range []string{"price", "category"} {
				revision := strconv.Itoa(100 + i)
				mustReplace(t, filepath.Join(data, "demo.json"), demoDatafile(t, revision, variation))
				store.until(facts + `.Variation === ` + quote(variation))
				store.sees(revision)
				if order := store.order(); order != variation {
					t.Errorf("revision %s puts everyone in %s, but the shelf is sorted %s", revision, variation, order)
				}
			}
			store.until(`document.images.length >= 9 && [...document.images].every((image) => image.complete && image.naturalWidth)`)

			results := mustOpen(t, host.URL+"/some/path/results.html")
			results.until(conversionsShown + ` === 1`)

			console := mustOpen(t, host.URL+"/some/path/console.html?user=Matt#engine")
			if got := console.outcome("Matt"); got != "category" {
				t.Errorf("the console says that Matt gets %s", got)
			}
			must(t, console.Click("button", "Compare"))
			console.sees("50 visitors asked of both engines: all alike.")
		})
	}
}

func TestAStaticHostWithoutARelaySaysWhatToAdd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.CopyFS(dir, os.DirFS("../../public")))
	host := newStaticHost(t, dir)
	b := mustBrowser(t)
	for page, says := range map[string]string{
		"":             "or no relay serves this page, and config.json needs its relayUrl. The shelf stays in our own order.",
		"console.html": "or no relay serves this page, and config.json needs its relayUrl.",
		"results.html": "There is no relay at " + host.URL + "/some/path/: config.json needs its relayUrl.",
	} {
		p := mustOpenInTrouble(t, b, host.URL+"/some/path/"+page, "")
		p.notice(says)
		p.Close()
	}
}

func TestTheRelaysSiteMayBeKeptForEverButForItsPages(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	store.enter("Matt")
	loaded := eval[[]string](store, `performance.getEntriesByType('resource').filter((e) => e.name.startsWith(location.origin))
		.map((e) => new URL(e.name).pathname)`)
	for _, path := range append(loaded, "/", "/results.html") {
		asset := strings.HasPrefix(path, "/assets-")
		if !asset && strings.Count(path, "/") > 1 {
			continue // the relay's endpoints
		}
		answer := relaytest.MustDo(t, http.MethodGet, relay.URL+path, "", http.Header{"Accept-Encoding": {"br"}})
		cache := answer.Header.Get("Cache-Control")
		if answer.Status != http.StatusOK || strings.Contains(cache, "immutable") != asset {
			t.Errorf("%s: %d, Cache-Control: %s", path, answer.Status, cache)
		}
		if strings.HasSuffix(path, ".wasm") && answer.Header.Get("Content-Encoding") != "br" {
			t.Errorf("%s comes as it is, not in brotli", path)
		}
	}
	if !strings.Contains(strings.Join(loaded, " "), "engine.wasm") {
		t.Errorf("the page loaded no engine, only %v", loaded)
	}
}

func TestTheMinifiedSDKDecidesInNodeAsItsSourceDoes(t *testing.T) {
	t.Parallel()
	exported := t.TempDir()
	mustExport(t, exported, &process.Relay{URL: "https://relay.example"})
	public, err := filepath.Abs("../../public")
	must(t, err)
	want := mustDecideInNode(t, filepath.Join(public, "sdk/index.js"))
	if got := mustDecideInNode(t, filepath.Join(exported, "sdk/index.js")); got != want || strings.Count(want, "price") == 0 {
		t.Errorf("the minified SDK decides\n%s\nits source\n%s", got, want)
	}
}

// mustDecideInNode returns the SDK's exports and what it decides for a hundred ids.
func mustDecideInNode(t *testing.T, sdk string) string {
	t.Helper()
	script := `import * as sdk from ` + quote("file://"+sdk) + `;
		await sdk.ready;
		const datafile = ` + quote(relaytest.MustRead(t, "../../public/demo/datafile.json")) + `;
		const client = sdk.createInstance({ projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }) });
		await client.onReady();
		const ids = Array.from({ length: 100 }, (_, i) => 'visitor ' + i);
		console.log(Object.keys(sdk).join(), ids.map((id) => client.getVariation('item-sort', id)).join());`
	said, err := exec.CommandContext(t.Context(), "node", "--input-type=module", "--eval", script).CombinedOutput()
	if err != nil {
		t.Fatalf("%s in Node: %v: %s", sdk, err, said)
	}
	return string(said)
}

// newStaticHost serves a folder under /some/path/ with nothing but a file server.
func newStaticHost(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	host := httptest.NewServer(http.StripPrefix("/some/path", http.FileServer(http.Dir(dir))))
	t.Cleanup(host.Close)
	return host
}

// mustCopyPublic does what the README tells: it takes public/ and puts the relay's address into config.json. The pages' own
// policy allows a relay on this machine by the name localhost.
func mustCopyPublic(t *testing.T, dir string, relay *process.Relay) {
	t.Helper()
	must(t, os.CopyFS(dir, os.DirFS("../../public")))
	path := filepath.Join(dir, "config.json")
	var config map[string]any
	must(t, json.Unmarshal([]byte(relaytest.MustRead(t, path)), &config))
	config["relayUrl"] = strings.Replace(relay.URL, "127.0.0.1", "localhost", 1) + "/"
	relaytest.MustWrite(t, path, quote(config))
}

func mustExport(t *testing.T, dir string, relay *process.Relay) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "../relay", "export", dir, "--relay-url", relay.URL).CombinedOutput()
	if err != nil {
		t.Fatalf("relay export: %v: %s", err, said)
	}
}
