package e2e

import (
	"fmt"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine"
)

func TestAVisitorSeesTheVariationAndItsOrder(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	for _, id := range []string{"Matt", "Joe", "日本語", "user🙂123", "with spaces and <b>tags</b>", "0", strings.Repeat("long ", 40) + "id"} {
		variation := store.enter(id)
		if native := mustDecideNatively(t, id); variation != native {
			t.Errorf("%q: the page says %s, the native engine %s", id, variation, native)
		}
		if order := store.order(); order != variation {
			t.Errorf("%q is in %s, but the shelf is sorted %s", id, variation, order)
		}
	}
}

func TestAnIdThatTheSDKRefusesIsRefusedByThePages(t *testing.T) {
	t.Parallel()
	const refused = "undefined is no visitor id: it is what a program writes that has none. Choose another one."
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	store := mustOpen(t, relay.URL+"/?user=undefined")
	store.sees("nobody can have this id")
	store.sees(refused)
	must(t, store.Click("button", "buy now"))
	store.sees("not recorded · nobody can have this id")
	store.enter("Matt")
	upstream.WaitEvents(t, 1)
	if raw := upstream.Batches()[0].Raw; !strings.Contains(raw, "Matt") || strings.Contains(raw, `"undefined"`) {
		t.Errorf("what was sent is %s", raw)
	}

	console := mustOpen(t, relay.URL+"/console.html?user=undefined")
	console.sees(refused)
	must(t, console.Type("textbox", "visitor", "Matt"))
	if got, native := console.outcome("Matt"), mustDecideNatively(t, "Matt"); got != native {
		t.Errorf("Matt gets %s, natively %s", got, native)
	}
}

func TestTheSameIdGetsTheSameVariationEverywhere(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	want := store.enter("Matt")

	must(t, store.Reload())
	if got := store.enter("Matt"); got != want {
		t.Errorf("after a reload Matt is in %s, before in %s", got, want)
	}
	if got := mustOpen(t, relay.URL+"/").enter("Matt"); got != want {
		t.Errorf("in another browser Matt is in %s, not in %s", got, want)
	}
}

// engineFirst holds the page's settings back until the engine is there: with a datafile of an earlier visit everything that a
// decision takes is at hand before the page can listen for it.
const engineFirst = `
	let made;
	const engine = new Promise((resolve) => { made = resolve; });
	const { Instance } = WebAssembly;
	WebAssembly.Instance = function (...args) {
		setTimeout(made);
		return new Instance(...args);
	};
	const { fetch } = globalThis;
	globalThis.fetch = async (...args) => {
		if (String(args[0]?.url ?? args[0]).includes('config.json')) await engine;
		return fetch(...args);
	};`

func TestASecondTabDecidesWhenEverythingIsAtHandAtOnce(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	first, err := b.Open(relay.URL + "/")
	must(t, err)
	want := (&page{Page: first, t: t}).enter("Matt")

	second, err := b.OpenWith(relay.URL+"/", engineFirst)
	must(t, err)
	store := &page{Page: second, t: t}
	store.until(`!document.querySelector('main').textContent.includes('Engine loading')`)
	if got := store.variation(); got != want {
		t.Errorf("in the second tab Matt is in %s, in the first in %s", got, want)
	}
	store.mustBeContent()
}

func TestThePageAndTheNativeEngineAgreeOnHundredsOfIds(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	var ids []string
	for i := range 500 {
		ids = append(ids, fmt.Sprintf("visitor-%d-%c", i*7919, rune(0x21+i*37)))
	}
	got := eval[[]string](store, fmt.Sprintf(`(async () => {
		const sdk = await import('/sdk/index.js');
		await sdk.ready;
		const datafile = await (await fetch('/datafiles/demo.json')).text();
		const client = sdk.createInstance({
			projectConfigManager: sdk.createStaticProjectConfigManager({ datafile }),
		});
		await client.onReady();
		return %s.map((id) => client.getVariation('item-sort', id));
	})()`, quote(ids)))
	seen := map[string]int{}
	for i, id := range ids {
		seen[got[i]]++
		if native := mustDecideNatively(t, id); got[i] != native {
			t.Errorf("%q: the page says %s, the native engine %s", id, got[i], native)
		}
	}
	if len(seen) != 2 {
		t.Errorf("500 visitors fell into %v, not into both variations", seen)
	}
}

// mustDecideNatively asks the engine that is compiled into the relay, with the demo's datafile as it is committed.
func mustDecideNatively(t *testing.T, id string) string {
	t.Helper()
	e, err := engine.New(relaytest.MustRead(t, demo.File))
	must(t, err)
	variation := e.GetVariation("item-sort", e.NewUser(id, nil))
	if variation == nil {
		t.Fatalf("the native engine gives %q no variation", id)
	}
	return variation.Key
}
