package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
)

// sendsNothing is, in JavaScript, whether no page of the browser holds the lock of who sends, beside those that tell which pages there are.
const sendsNothing = `navigator.locks.query().then(({ held }) => held.every(({ name }) => name.startsWith('sortition.events.')))`

// refused answers as a relay whose disk is full.
func refused(w http.ResponseWriter, r *http.Request, pass http.Handler) {
	w.Header().Set("Retry-After", "60")
	replaced(http.StatusServiceUnavailable, "application/json", `{"error":"the event log is full"}`)(w, r, pass)
}

// lost is an answer that gets nowhere.
type lost struct{ header http.Header }

func (l *lost) Header() http.Header         { return l.header }
func (l *lost) Write(b []byte) (int, error) { return len(b), nil }
func (l *lost) WriteHeader(int)             {}

// waiting counts, in JavaScript, the events in the page's store.
const waiting = `(async () => {
	let count = 0;
	for (const { name } of await indexedDB.databases()) {
		if (!name.startsWith('sortition-events:')) continue;
		const request = indexedDB.open(name);
		await new Promise((resolve) => { request.onsuccess = resolve; });
		const all = request.result.transaction('events').objectStore('events').getAll();
		await new Promise((resolve) => { all.onsuccess = resolve; });
		count += all.result.filter(({ settlement }) => !settlement).length;
		request.result.close();
	}
	return count;
})()`

// visitLater makes the page one of the origin's that begins to use the SDK, without an event of its own.
func (p *page) visitLater() {
	p.t.Helper()
	eval[bool](p, `import('/sdk/index.js').then((sdk) => {
		sdk.createInstance({
			projectConfigManager: sdk.createRelayProjectConfigManager({ sdkKey: 'demo' }),
			eventProcessor: sdk.createRelayEventProcessor({ sdkKey: 'demo' }),
		});
		return true;
	})`)
}

func (p *page) mustWait(events int) {
	p.t.Helper()
	p.until(`(` + waiting + `).then((count) => count === ` + quote(events) + `)`)
}

// mustLeaveUnsent has Matt buy in a tab that is closed before the relay can be reached again. It says no last word, which might be on its
// way until then.
func mustLeaveUnsent(t *testing.T, b *browser.Browser, n *network) {
	t.Helper()
	n.when("/v1/events", refused)
	tab := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", `Navigator.prototype.sendBeacon = () => false;`)
	tab.sees("Matt sees: sorted by")
	must(t, tab.Click("button", "buy now"))
	tab.mustWait(2)
	tab.Close()
	n.restore()
}

func TestWhatATabThatWasClosedCouldNotSendTheNextOneSends(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	b := mustBrowser(t)
	mustLeaveUnsent(t, b, n)
	second := mustOpenInTrouble(t, b, n.URL+"/results.html", "")
	second.visitLater()
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
	second.mustWait(0)
}

// The relay knows an event again for 72 hours: whoever sent one later might have it counted twice.
func TestWhatWaitedForThreeDaysIsNotSentAnyMore(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	b := mustBrowser(t)
	mustLeaveUnsent(t, b, n)
	late := mustOpenInTrouble(t, b, n.URL+"/?user=Ann", `(({ now }) => { Date.now = () => now() + 73 * 3600_000; })(Date)`)
	mustCountUntil(t, relay, counts{Visitors: 1}) // Matt's would have gone before hers
	late.mustWait(0)
}

func TestATabClosedWhileItsEventsAreUnderWayLosesAndDoublesNone(t *testing.T) {
	t.Parallel()
	for name, arrives := range map[string]bool{"before the relay had them": false, "when the relay had them": true} {
		t.Run(name, func(t *testing.T) {
			relay := mustStart(t, process.Options{})
			n := mustNetwork(t, relay)
			b := mustBrowser(t)
			first := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
			mustCountUntil(t, relay, counts{Visitors: 1})
			closed := make(chan struct{})
			n.when("/v1/events", func(_ http.ResponseWriter, r *http.Request, pass http.Handler) {
				if arrives {
					pass.ServeHTTP(&lost{header: http.Header{}}, r)
				}
				_, _ = io.Copy(io.Discard, r.Body)
				<-closed
				panic(http.ErrAbortHandler)
			})
			must(t, first.Click("button", "buy now"))
			first.sees("bought, sent")
			second := mustOpenInTrouble(t, b, n.URL+"/results.html", "")
			first.Close()
			n.restore()
			close(closed)
			second.visitLater()
			mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
			second.mustWait(0)
		})
	}
}

func TestATabFrozenWhileItsEventsAreUnderWayHoldsUpNoOtherTab(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	b := mustBrowser(t)
	frozen := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	mustCountUntil(t, relay, counts{Visitors: 1})
	other := mustOpenInTrouble(t, b, n.URL+"/?user=Ann", "")
	mustCountUntil(t, relay, counts{Visitors: 2})
	other.mustWait(0)
	// The patience with a lock ends when the test says so, and its ends are counted.
	eval[bool](other, `(({ request }, { timeout }) => {
		const patience = new AbortController();
		globalThis.endPatience = () => patience.abort();
		AbortSignal.timeout = (ms) => (patience.signal.aborted ? timeout.call(AbortSignal, ms) : patience.signal);
		globalThis.taken = 0;
		LockManager.prototype.request = function (...asked) {
			if (asked[1].steal) taken++;
			return request.apply(this, asked);
		};
		return true;
	})(LockManager.prototype, AbortSignal)`)

	underWay, done := make(chan struct{}), make(chan struct{})
	n.when("/v1/events", func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(underWay)
		<-done
		panic(http.ErrAbortHandler)
	})
	must(t, frozen.Click("button", "buy now"))
	<-underWay
	must(t, frozen.SetFrozen(true))
	n.restore()
	must(t, other.Click("button", "buy now"))
	other.until(`navigator.locks.query().then(({ pending }) => pending.length > 0)`)
	eval[bool](other, `(endPatience(), true)`)
	other.sees("bought, safe")
	must(t, other.Type("textbox", "visitor", "Joe"))
	mustCountUntil(t, relay, counts{Visitors: 3, Conversions: 2})
	if taken := eval[int](other, `taken`); taken != 1 {
		t.Errorf("the lock was taken from the frozen tab %d times", taken)
	}
	close(done)
	must(t, frozen.SetFrozen(false))
	// Looked at from outside, since a tab that was frozen draws no frames, and so looks at nothing, until it is shown.
	eventually(t, func() (bool, string) {
		shown := eval[string](frozen, `document.querySelector('.item-receipt:not(:empty)').textContent`)
		return strings.Contains(shown, "Bought, safe"), "the tab that was frozen shows " + shown
	})
	mustCountUntil(t, relay, counts{Visitors: 3, Conversions: 2})
}

func TestWhatIsBoughtOfflineIsSentWhenTheNetworkIsBackEvenByAnotherTab(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	b := mustBrowser(t)
	one := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	one.sees("Matt sees: sorted by")
	two := mustOpenInTrouble(t, b, n.URL+"/results.html", "")
	mustCountUntil(t, relay, counts{Visitors: 1})

	n.cut()
	must(t, one.Click("button", "buy now"))
	one.mustWait(1)
	n.restore()
	two.visitLater()
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
	two.mustWait(0)
	must(t, one.SetOnline(false))
	must(t, one.SetOnline(true))
	one.sees("bought, safe")
}

func TestATabThatSleptLearnsWhatOthersSentForIt(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	b := mustBrowser(t)
	sleeper := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	mustCountUntil(t, relay, counts{Visitors: 1})
	tried := make(chan struct{})
	n.when("/v1/events", func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		refused(w, r, pass)
		close(tried)
	})
	must(t, sleeper.Click("button", "buy now"))
	<-tried
	sleeper.until(sendsNothing)
	n.restore()

	mustOpenInTrouble(t, b, n.URL+"/?user=Ann", "")
	mustCountUntil(t, relay, counts{Visitors: 2, Conversions: 1})
	mustOpenInTrouble(t, b, n.URL+"/?user=Joe", `(({ now }) => { Date.now = () => now() + 8 * 3600_000; })(Date)`)
	mustCountUntil(t, relay, counts{Visitors: 3, Conversions: 1})
	must(t, sleeper.SetOnline(false))
	must(t, sleeper.SetOnline(true))
	sleeper.sees("bought, safe")
	mustCountUntil(t, relay, counts{Visitors: 3, Conversions: 1})
}

func TestAPageBackFromTheBrowsersCacheSendsAsBefore(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	// Only a page that was kept as it was has persisted set.
	const buyWhenBack = `addEventListener('pageshow', ({ persisted }) => {
		if (persisted) [...document.querySelectorAll('button')].find((b) => /buy now/i.test(b.textContent)).click();
	})`
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", buyWhenBack)
	store.sees("Matt sees: sorted by")
	mustCountUntil(t, relay, counts{Visitors: 1})
	must(t, store.Go(relay.URL+"/healthz"))
	must(t, store.Back())
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

func TestWhatAnApplicationTracksAsItsPageGoesIsCounted(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", "")
	store.sees("Matt sees: sorted by")
	mustCountUntil(t, relay, counts{Visitors: 1})
	// A listener that comes after the SDK's.
	eval[bool](store, `addEventListener('pagehide', () => [...document.querySelectorAll('button')].find((b) => /buy now/i.test(b.textContent)).click()) ?? true`)
	must(t, store.Go(relay.URL+"/healthz"))
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

func TestAStoreThatDoesNotOpenAtFirstIsOpenedAgain(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	n.when("/v1/events", refused)
	const failOnce = `((open) => {
		IDBFactory.prototype.open = () => {
			IDBFactory.prototype.open = open;
			const request = { error: new DOMException('the disk is busy', 'UnknownError') };
			setTimeout(() => request.onerror());
			return request;
		};
	})(IDBFactory.prototype.open)`
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", failOnce)
	store.sees("Matt sees: sorted by")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, to be sent")
	store.until(`(` + waiting + `).then((count) => count > 0)`)
}

func TestWhatTheBrowserClearsWhileAPageIsOpenThePageSendsAllTheSame(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	n.when("/v1/events", refused)
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.sees("Matt sees: sorted by")
	must(t, store.Click("button", "buy now"))
	store.mustWait(2)
	eval[bool](store, `indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => new Promise((resolve) => {
		indexedDB.deleteDatabase(name).onsuccess = resolve;
	})))).then(() => true)`)
	n.restore()
	must(t, store.SetOnline(false))
	must(t, store.SetOnline(true))
	store.sees("bought, safe")
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

func TestWithoutStorageOrLocksEventsLiveAsLongAsTheirPage(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"no locks, as on plain http": `Object.defineProperty(navigator, 'locks', { value: undefined })`,
		"locks are denied":           `LockManager.prototype.request = async () => { throw new DOMException('denied', 'SecurityError'); }`,
		"channels are denied":        `globalThis.BroadcastChannel = class { constructor() { throw new DOMException('denied', 'SecurityError'); } }`,
		"no IndexedDB":               `Object.defineProperty(globalThis, 'indexedDB', { value: undefined })`,
		"IndexedDB is denied":        `IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }`,
		"IndexedDB does not answer":  `IDBFactory.prototype.open = () => ({})`,
		"no crypto.randomUUID":       `Object.defineProperty(crypto, 'randomUUID', { value: undefined }); Object.defineProperty(crypto, 'subtle', { value: undefined })`,
	} {
		t.Run(name, func(t *testing.T) {
			relay := mustStart(t, process.Options{})
			n := mustNetwork(t, relay)
			n.when("/v1/events", refused)
			store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", script)
			store.sees("Matt sees: sorted by")
			must(t, store.Click("button", "buy now"))
			store.sees("bought, to be sent")
			n.restore()
			must(t, store.SetOnline(false))
			must(t, store.SetOnline(true))
			store.sees("bought, safe")
			mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
		})
	}
}

func TestGlobalPrivacyControlKeepsDecisionsAndSendsNothing(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", `Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })`)
	store.sees("Matt sees: sorted by")
	must(t, store.Click("button", "buy now"))
	store.sees("The visitor wants no events sent.")
	if sent := n.times("/v1/events", http.StatusNoContent); sent != 0 {
		t.Errorf("%d requests with events were sent", sent)
	}
	store.mustWait(0)
}
