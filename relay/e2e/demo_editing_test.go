package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestAChangeOfTheTrafficOnOnePageReachesEveryOpenPage(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	editor, other := mustOpen(t, relay.URL+"/?user=Matt"), mustOpen(t, relay.URL+"/?user=Joe")
	for _, store := range []*page{editor, other} {
		store.chip("Live, revision 1")
		markAsNotReloaded(store)
	}
	must(t, editor.Click("DisclosureTriangle", "change the experiment"))
	editor.sees("50%")
	must(t, editor.Press("slider", "price", kb.PageUp+kb.PageUp+kb.PageUp))
	editor.until(`document.querySelector('.allocation-form').innerText.replace(/\s+/g, ' ').includes('price 80% category 20%')`)
	must(t, editor.Click("button", "change for everyone"))
	editor.sees("saved: every open page follows")
	for _, store := range []*page{editor, other} {
		store.chip("Live, revision 2")
		store.sees("Revision 1 → 2")
		store.sees("item-sort traffic 50/50 to 80/20")
	}

	must(t, editor.Press("slider", "category", kb.End))
	must(t, editor.Click("button", "change for everyone"))
	for _, store := range []*page{editor, other} {
		store.until(facts + `.Variation === 'category'`)
		store.sees("item-sort traffic 80/20 to 0/100")
		if order := store.order(); order != "category" {
			t.Errorf("the shelf is sorted by %s", order)
		}
		mustNotHaveReloaded(store)
	}
	must(t, other.Click("DisclosureTriangle", "change the experiment"))
	other.until(`document.querySelector('.allocation-form').innerText.replace(/\s+/g, ' ').includes('price 0% category 100%')`)
}

func TestAChangeThatTheRelayRefusesIsToldInOneSentence(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	source := cdn.Put("/demo.json", demoDatafile(t, "1", "price"))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	must(t, store.Click("DisclosureTriangle", "change the experiment"))
	must(t, store.Press("slider", "price", kb.Home))
	must(t, store.Click("button", "change for everyone"))
	store.sees("this relay has no demo that could be edited")
	store.until(facts + `.Variation === 'price'`)
}

// slowToSave holds a change of the traffic back until globalThis.release is called.
const slowToSave = `
	const ask = globalThis.fetch;
	const released = new Promise((resolve) => { globalThis.release = resolve; });
	globalThis.fetch = async (url, init) => {
		if (init?.method === 'PATCH') await released;
		return ask(url, init);
	};`

func TestWhatIsMovedWhileAChangeIsSavedStaysAndWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", slowToSave)
	store.chip("Live, revision 1")
	must(t, store.Click("DisclosureTriangle", "change the experiment"))
	must(t, store.Press("slider", "price", kb.Home))
	must(t, store.Click("button", "change for everyone"))
	store.sees("Saving…")
	must(t, store.Press("slider", "price", kb.End))
	if !eval[bool](store, `document.querySelector('.allocation-form button').disabled`) {
		t.Error("two changes may be on their way at the same time")
	}
	eval[bool](store, `(release(), true)`)
	store.chip("Live, revision 2")
	store.sees("saved: every open page follows")
	store.until(`document.querySelector('.allocation-form').innerText.replace(/\s+/g, ' ').includes('price 100% category 0%')`)
	must(t, store.Click("button", "change for everyone"))
	store.chip("Live, revision 3")
	store.sees("item-sort traffic 0/100 to 100/0")
}

func TestARefusalIsForgottenOnceTheDatafileIsMended(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	must(t, store.Click("DisclosureTriangle", "change the experiment"))
	must(t, store.Press("slider", "price", kb.Home))
	refused := func() {
		t.Helper()
		mustReplace(t, file, "{")
		store.notice("Revision 1 stays in force")
		must(t, store.Click("button", "change for everyone"))
		store.until(`document.querySelector('.allocation-outcome').dataset.state === 'refused'`)
	}
	const forgotten = `document.querySelector('.allocation-outcome').textContent === ''`
	refused()
	mustReplace(t, file, demoDatafile(t, "1", "price")) // as it was, so no other datafile comes
	store.until(forgotten)
	refused()
	mustReplace(t, file, demoDatafile(t, "2", "category"))
	store.chip("Live, revision 2")
	store.until(forgotten)
}

func TestTheExperimentOfYourOwnProjectIsNotChangedFromThePage(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	source := cdn.Put("/shop.json", demoDatafile(t, "1", "price"))
	relay := mustStart(t, process.Options{Args: []string{"--project", "shop=" + source}})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.until(facts + `.Variation === 'price'`)
	store.sees("a change of the experiment at its source arrives here by itself")
	store.until(`!document.querySelector('.js-allocation details').checkVisibility()`)
}
