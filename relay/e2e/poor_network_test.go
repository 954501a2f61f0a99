package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// countShifts adds up what moved on the page without being asked to.
const countShifts = `globalThis.shifted = 0;
new PerformanceObserver((list) => {
	for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifted += entry.value;
}).observe({ type: 'layout-shift', buffered: true });`

// mustStartDemo starts a relay whose demo has this revision, with all visitors in one variation, behind a network.
func mustStartDemo(t *testing.T, revision, variation string) (n *network, file string) {
	t.Helper()
	data := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: data})
	file = filepath.Join(data, "demo.json")
	mustReplace(t, file, demoDatafile(t, revision, variation))
	eventually(t, func() (bool, string) {
		return servesRevision(t, relay, revision), "the relay does not serve revision " + revision
	})
	return mustNetwork(t, relay), file
}

func TestTheShelfIsThereBeforeTheEngineAndNothingJumps(t *testing.T) {
	t.Parallel()
	for _, width := range []int64{1280, 320} {
		n, _ := mustStartDemo(t, "1", "category")
		engine := n.hold("/sdk/engine/engine.wasm", passed)
		store := mustOpenInTrouble(t, mustBrowser(t), "about:blank", countShifts)
		must(t, store.Resize(width, 900))
		must(t, store.Go(n.URL+"/?user=Matt"))
		store.until(`document.querySelectorAll('.item-card').length === 9`)
		store.sees("engine loading")
		if order, sorted := store.prices(), store.order(); len(order) != 9 || sorted == "price" || sorted == "category" {
			t.Errorf("before the engine is there the shelf has %v, sorted by %s", order, sorted)
		}
		close(engine)
		store.until(facts + `.Variation === 'category'`)
		store.chip("Live, revision 1")
		store.until(`document.querySelector('.js-allocation details').checkVisibility()`)
		if order := store.order(); order != "category" {
			t.Errorf("the shelf is sorted by %s", order)
		}
		store.mustHaveStood(width)
		store.mustBeContent()
	}
}

func TestWhatIsBoughtBeforeTheEngineIsThereIsRecordedOnceItIs(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	engine := n.hold("/sdk/engine/engine.wasm", passed)
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Ann", "")
	store.sees("engine loading")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, to be sent")
	must(t, store.Type("textbox", "visitor", "Matt"))
	must(t, store.Click("button", "buy now"))
	store.sees("bought, to be sent")
	close(engine)
	store.sees("bought, safe")
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1}) // Ann has not seen the experiment
	store.mustBeContent()
}

func TestWhatIsBoughtBeforeThereTurnsOutToBeNoEngineIsNotRecorded(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	engine := n.hold("/sdk/engine/engine.wasm", replaced(http.StatusNotFound, "text/plain", "no engine here"))
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.sees("engine loading")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, to be sent")
	close(engine)
	store.sees("not recorded · the engine could not be fetched")
}

func TestTheResultsComeAndNothingJumps(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000)
	for _, width := range []int64{1280, 320} {
		n := mustNetwork(t, relay)
		answers := n.hold("/v1/", passed)
		results := mustOpenInTrouble(t, mustBrowser(t), "about:blank", countShifts)
		must(t, results.Resize(width, 900))
		must(t, results.Go(n.URL+"/results.html"))
		results.sees("asking the relay")
		results.mustHaveStood(width) // which is looked at once it has been drawn
		close(answers)
		results.until(`document.querySelector('.js-chart canvas')`)
		results.mustHaveStood(width)
		results.mustBeContent()
	}
}

// mustHaveStood fails when something has jumped on a page with [countShifts], up to the frame that is drawn next.
func (p *page) mustHaveStood(width int64) {
	p.t.Helper()
	if shifted := eval[float64](p, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(globalThis.shifted))))`); shifted > 0.01 {
		p.t.Errorf("at %d px the page jumped by %v", width, shifted)
	}
}

func TestAPageThatLostItsRelayShowsWhenItTriesAgain(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "41", "category")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", neverLong)
	store.chip("Live, revision 41")
	eval[bool](store, `(() => {
		globalThis.shown = [];
		const status = document.querySelector('.connection-words [data-field=status]');
		const look = () => status.dataset.retry && shown.push(getComputedStyle(status, '::after').content.replaceAll('"', ''));
		new MutationObserver(look).observe(status, { attributeFilter: ['data-retry'] });
		return true;
	})()`)

	n.cut()
	store.until(`shown.length > 0 && shown.every((words) => / in \d+ s/.test(words.replaceAll(/\s+/g, ' ')))`)
	n.restore()
	store.chip("Live, revision 41")
	store.until(`document.querySelector('[data-retry]') === null`)
}

func TestAPageWhoseRelayIsDownDecidesByItsLastDatafile(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "41", "category")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.chip("Live, revision 41")

	n.cut()
	must(t, store.Reload())
	store.until(facts + `.Variation === 'category'`)
	store.chip("Offline, revision 41")
	store.notice("cannot be reached")
	store.notice("Revision 41 stays in force")
	if order := store.order(); order != "category" {
		t.Errorf("the shelf is sorted by %s", order)
	}
	must(t, store.Click("button", "buy now"))
	store.sees("bought, to be sent")

	mustReplace(t, file, demoDatafile(t, "42", "price"))
	n.restore()
	must(t, store.SetOnline(false))
	must(t, store.SetOnline(true)) // the device says that it is back, so nobody waits
	store.chip("Live, revision 42")
	store.sees("Revision 41 → 42") // which passes
	store.until(facts + `.Variation === 'price'`)
	store.sees("bought, safe")
	store.until(`[...document.querySelectorAll('[role=alert]')].every((e) => !e.textContent.trim())`)
}

func TestResultsWhoseRelayIsDownSayThatTheyMayBeOldAndComeBack(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "41", "category")
	results := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/results.html", neverLong)
	results.chip("Live, revision 41")
	n.cut()
	results.notice("The relay at " + n.URL + " cannot be reached: this page goes on trying. What is shown may be old.")
	n.restore()
	results.until(`document.querySelector('[data-status="live"]')`)
	results.until(`[...document.querySelectorAll('[role=alert]')].every((e) => !e.textContent.trim())`)
}

func TestAPageWithoutAnyDatafileSaysThatItHasNone(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.cut()
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.chip("Offline")
	store.notice("cannot be reached: this page goes on trying. The shelf stays in our own order.")
	n.restore()
	must(t, store.SetOnline(false))
	must(t, store.SetOnline(true))
	store.chip("Live, revision 1")
	store.until(facts + `.Variation === 'price'`)
}

func TestWhereWebsocketsAreBlockedThePagePolls(t *testing.T) {
	t.Parallel()
	swallow := func(_ http.ResponseWriter, r *http.Request, _ http.Handler) { <-r.Context().Done() }
	blocked := map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"refused": replaced(http.StatusForbidden, "text/plain", "no websockets here"), "swallowed": swallow,
	}
	for name, treat := range blocked {
		t.Run(name, func(t *testing.T) {
			n, file := mustStartDemo(t, "1", "category")
			n.when("/v1/stream", treat)
			store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
			store.until(facts + `.Variation === 'category'`)
			store.chip("Polling, revision 1")

			wake := func() { must(t, store.SetOnline(false)); must(t, store.SetOnline(true)) }
			wake()
			eventually(t, func() (bool, string) {
				return n.times("/datafiles/", http.StatusNotModified) > 0, "no question for the datafile was answered 304"
			})
			mustReplace(t, file, demoDatafile(t, "2", "price"))
			eventually(t, func() (bool, string) {
				wake()
				return store.variation() == "price", "revision 2 did not come"
			})
			store.chip("Polling, revision 2")
		})
	}
}

func TestAPageThatSleptAsksWhatItMissed(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "category")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	markAsNotReloaded(store)

	n.silence() // a laptop's lid closes: nobody ends the line, and it never speaks again
	mustReplace(t, file, demoDatafile(t, "2", "price"))
	eval[bool](store, `document.dispatchEvent(new Event('resume'))`)
	store.chip("Live, revision 2")
	store.until(facts + `.Variation === 'price'`)
	mustNotHaveReloaded(store)
	store.mustBeContent()
}

func TestAPageFromTheBackButtonIsLiveAgain(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "category")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	markAsNotReloaded(store)
	// A browser does not keep a page that holds a lock, as it does while it sends.
	eventually(t, func() (bool, string) {
		return n.times("/v1/events", http.StatusNoContent) > 0, "the visit was not told"
	})
	store.until(sendsNothing)

	must(t, store.Go(n.URL+"/results.html"))
	mustReplace(t, file, demoDatafile(t, "2", "price"))
	eval[bool](store, `(history.back(), true)`)
	// Looked at from outside, since a wait inside a page does not outlive its being put away.
	const fresh = `document.querySelector('.connection-words')?.textContent === 'Live, revision 2'`
	eventually(t, func() (bool, string) {
		kept, err := browser.Eval[bool](store.Page, `globalThis.stillTheSamePage === true && `+fresh)
		return err == nil && kept, "the browser did not keep the page for its back button, or it is not live again"
	})
	if variation := store.variation(); variation != "price" {
		t.Errorf("revision 2 puts everyone in price, but Matt is in %s", variation)
	}
}

func TestAnEngineOfTheWrongTypeIsLoadedAllTheSame(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"text/plain", "application/octet-stream"} {
		n, _ := mustStartDemo(t, "1", "price")
		n.when("/sdk/engine/engine.wasm", withHeader("Content-Type", kind))
		store := mustOpen(t, n.URL+"/?user=Matt")
		store.until(facts + `.Variation === 'price'`)
	}
}

func TestAPolicyThatForbidsWebAssemblyIsNamed(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.when("/", withHeader("Content-Security-Policy", "default-src 'self'"))
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.notice("The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src. The shelf stays in our own order.")
	if alerts := eval[int](store, `[...document.querySelectorAll('[role=alert]')].filter((e) => e.textContent).length`); alerts != 1 {
		t.Errorf("it is said %d times", alerts)
	}
	if prices := store.prices(); len(prices) != 9 {
		t.Errorf("the shelf has %v", prices)
	}
}

func TestAPageWithoutStorageWorksFromMemory(t *testing.T) {
	t.Parallel()
	const denied = `for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
		Object.defineProperty(window, name, { get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); } });`
	n, file := mustStartDemo(t, "1", "category")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/", denied)
	if variation := store.enter("Matt"); variation != "category" {
		t.Errorf("Matt is in %s", variation)
	}
	must(t, store.Click("button", "buy now"))
	store.sees("bought, safe")
	mustReplace(t, file, demoDatafile(t, "2", "price"))
	store.chip("Live, revision 2")
	store.until(facts + `.Variation === 'price'`)
	store.mustBeContent()
}

func servesRevision(t *testing.T, relay *process.Relay, revision string) bool {
	t.Helper()
	return strings.Contains(relaytest.MustGet(t, relay.URL+"/datafiles/demo.json").Body, `"revision": "`+revision+`"`)
}

func TestAPageThatWaitsForItsRelayCountsDownWhateverIsDoneMeanwhile(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "41", "category")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", `Math.random = () => 0.999`) // so that it waits as long as it may
	store.chip("Live, revision 41")
	n.cut()
	const retry = `document.querySelector('.connection-words [data-field=status]').dataset.retry`
	store.until(retry + ` === '2'`)
	store.until(retry + ` === '1' && (document.querySelector('[data-action="random"]').click(), globalThis.counted = ` + retry + `)`) // while it is 1
	if got := eval[string](store, `counted`); got != "1" {
		t.Errorf("another visitor comes, and the page tries again in %s s instead of 1", got)
	}
}
