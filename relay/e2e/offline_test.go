package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// kept is whether the service worker has all that the page was made of, itself included.
const kept = `Promise.all([location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)]
	.filter((address) => address.startsWith(new URL('./', location)) && !/\/v1\/|\/service-worker\.js/.test(address))
	.map((address) => caches.match(address, { ignoreSearch: true }))).then((answers) => answers.every(Boolean))`

// mustBeKept waits until the page would open without a network.
func (p *page) mustBeKept() {
	p.t.Helper()
	eval[bool](p, `navigator.serviceWorker.ready.then(() => true)`)
	eventually(p.t, func() (bool, string) { return eval[bool](p, kept), "the service worker does not keep the page" })
}

// hosts are where the pages may lie. Each returns the address of the store, and what ends the host and the relay.
var hosts = map[string]func(t *testing.T) (address string, stop func()){
	"the relay itself": func(t *testing.T) (string, func()) {
		relay := mustStart(t, process.Options{})
		return relay.URL + "/", func() { must(t, relay.Stop()) }
	},
	"public as it lies, below a path of another host": hostedBy(mustCopyPublic),
	"relay export, below a path of another host":      hostedBy(mustExport),
}

func hostedBy(mustPublish func(t *testing.T, dir string, relay *process.Relay)) func(t *testing.T) (string, func()) {
	return func(t *testing.T) (string, func()) {
		dir := t.TempDir()
		host := newStaticHost(t, dir)
		relay := mustStart(t, process.Options{Args: []string{"--allow-origin", host.URL}})
		mustPublish(t, dir, relay)
		return host.URL + "/some/path/", func() {
			must(t, relay.Stop())
			host.Close()
		}
	}
}

func TestTheStoreOpensAndDecidesWithoutANetworkAfterTheFirstVisit(t *testing.T) {
	t.Parallel()
	b := mustBrowser(t)
	for name, mustHost := range hosts {
		t.Run(name, func(t *testing.T) {
			address, stop := mustHost(t)
			store := mustOpenInTrouble(t, b, address, "")
			defer store.Close()
			variation := store.enter("Matt")
			store.until(`document.images.length >= 9 && [...document.images].every((image) => image.complete)`)
			store.mustBeKept()
			store.mustBeContent()

			stop()
			must(t, store.Reload())
			store.until(facts + `.Variation === ` + quote(variation))
			if order := store.order(); order != variation {
				t.Errorf("Matt is in %s, but the shelf is sorted %s", variation, order)
			}
			store.enter("Joe")
			store.until(`[...document.images].every((image) => image.complete && image.naturalWidth)`)
			mustOnlyMissTheRelay(store)
		})
	}
}

func TestANewVersionOfTheSiteIsOfferedAndComesWhenItIsWanted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	host := newStaticHost(t, dir)
	relay := mustStart(t, process.Options{Args: []string{"--allow-origin", host.URL}})
	mustExport(t, dir, relay)
	store := mustOpen(t, host.URL+"/some/path/?user=Matt")
	store.mustBeKept()
	markAsNotReloaded(store)

	older, newer := mustRenameBuild(t, dir)
	eval[bool](store, `document.dispatchEvent(new Event('visibilitychange'))`) // as when a visitor comes back to it
	store.sees("A new version is here")
	mustNotHaveReloaded(store)
	must(t, store.Click("button", "Reload"))
	eventually(t, func() (bool, string) { // asked anew each time, since the page that is asked goes away
		isNewer, err := browser.Eval[bool](store.Page, `document.readyState === 'complete' && document.scripts[0].src.includes(`+quote(newer)+`)`)
		return isNewer, fmt.Sprint("the page is still the older one: ", err)
	})
	store.mustBeKept()
	store.until(`caches.keys().then(([name]) => caches.open(name)).then((cache) => cache.keys())
		.then((requests) => !requests.some(({ url }) => url.includes(` + quote(older) + `)))`)
}

// mustRenameBuild makes another build of an exported site by giving it another prefix.
func mustRenameBuild(t *testing.T, dir string) (older, newer string) {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(dir, "assets-*"))
	must(t, err)
	older, newer = filepath.Base(folders[0]), "assets-0123456789abcdef"
	must(t, os.CopyFS(filepath.Join(dir, newer), os.DirFS(folders[0])))
	for _, name := range []string{"index.html", "service-worker.js"} {
		path := filepath.Join(dir, name)
		relaytest.MustWrite(t, path, strings.ReplaceAll(relaytest.MustRead(t, path), older, newer))
	}
	return older, newer
}
