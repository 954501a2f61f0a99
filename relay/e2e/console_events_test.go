package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
)

// logged counts the events that the console lists with a status.
func logged(status string) string {
	return fmt.Sprintf(`document.querySelectorAll('.logged[data-status="%s"]').length`, status)
}

func TestEventsOfACutNetworkWaitAndGoOnAtOnceWhenItIsBack(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#events")
	send := func() {
		t.Helper()
		console.until(`!document.querySelector('.js-try-events button').disabled`)
		must(t, console.Click("button", "Send ten test events"))
	}
	must(t, console.Click("switch", "Cut this page"))
	send()
	console.sees("console: 10 events waiting, retry in")
	console.until(logged("queued") + ` === 10`)
	must(t, console.Click("switch", "Cut this page"))
	console.sees("console: 0 events waiting, 0 dropped")
	console.until(logged("safe") + ` === 10`)

	must(t, console.Click("radio", "conversions"))
	console.until(logged("safe") + ` === 5`)
	must(t, console.Click("DisclosureTriangle", "item_purchase, revenue 1900 cents"))
	console.sees(`"visitor_id":`)
	must(t, console.Click("button", "Send it again"))
	console.sees("had it already")

	must(t, console.Click("switch", "Pause"))
	send()
	must(t, console.Click("button", "5 new events"))
	console.until(logged("safe") + ` + ` + logged("duplicate") + ` === 10`)
	must(t, console.Click("button", "Clear"))
	console.sees("Nothing yet")
	if got := mustCount(t, relay); got.Visitors != 0 {
		t.Errorf("the demo counts %d visitors of the console's", got.Visitors)
	}
}

func TestTheConsoleListsTheStoresEventsWhateverTheVisitorIsCalled(t *testing.T) {
	t.Parallel()
	const hostile = `<img src=x onerror="document.title='run'">`
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	opened, err := b.Open(relay.URL + "/console.html#events")
	must(t, err)
	console := &page{Page: opened, t: t}
	console.sees("Nothing yet")
	opened, err = b.Open(relay.URL + "/")
	must(t, err)
	store := &page{Page: opened, t: t}
	store.enter(hostile)
	must(t, store.Click("button", "buy now"))
	store.sees("safe")

	console.sees(hostile + ": item_purchase, revenue")
	console.sees("store, conversion")
	console.until(logged("safe") + ` >= 2`)
	if eval[string](console, `document.title`) == "run" {
		t.Error("the visitor's id was run")
	}
	console.mustBeContent()
	store.mustBeContent()
}

// mustKeepNoEvents opens the console of a relay that cannot keep events.
func mustKeepNoEvents(t *testing.T) (*network, *browser.Browser, *page) {
	t.Helper()
	n, _ := mustStartDemo(t, "1", "price")
	n.when("/v1/events", replaced(503, "application/json", `{"error":"the events cannot be kept now"}`))
	b := mustBrowser(t)
	console := mustOpenInTrouble(t, b, n.URL+"/console.html#events", "")
	console.sees("Nothing yet")
	return n, b, console
}

func TestTheConsoleFollowsTheEventsOfAPageThatIsLoadedAnew(t *testing.T) {
	t.Parallel()
	n, b, console := mustKeepNoEvents(t)
	store := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	must(t, store.Click("button", "buy now"))
	console.until(logged("queued") + ` === 2`)
	must(t, store.Reload()) // which is one more impression
	console.sees("store: 3 events waiting")
	store.Close()
	console.until(`!document.querySelector('.js-queues').textContent.includes('store')`)
	mustOpenInTrouble(t, b, n.URL+"/", neverLong)
	console.sees("store: 3 events waiting")
	console.sees("to be tried again")
	n.restore()
	console.sees("store: 0 events waiting")
	console.until(logged("safe") + ` === 3`)
}

func TestTheConsoleForgetsAPageThatHangsAndIsClosed(t *testing.T) {
	t.Parallel()
	n, b, console := mustKeepNoEvents(t)
	hangs := make(chan struct{})
	n.when("/never", func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		close(hangs)
		<-r.Context().Done()
	})
	store := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	console.sees("store: 1 event waiting")
	eval[int](store, `setTimeout(() => {
		const request = new XMLHttpRequest();
		request.open('GET', '/never', false);
		request.send();
	})`)
	<-hangs
	store.Close()
	console.until(`!document.querySelector('.js-queues').textContent.includes('store')`)
}

func TestEachOfTwoStoresTellsOfItsQueueUntilItIsGone(t *testing.T) {
	t.Parallel()
	n, b, console := mustKeepNoEvents(t)
	first := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	console.sees("store: 1 event waiting")
	mustOpenInTrouble(t, b, n.URL+"/?user=Ada", "")
	console.sees("store 1:")
	console.sees("store 2: 2 events waiting")
	console.sees("may count the same events")
	first.Close()
	console.sees("store: 2 events waiting")
}

// buyAndReload leaves the page no moment between what it tracks and its end.
const buyAndReload = `(() => {
	[...document.querySelectorAll('button')].find((button) => button.innerText.toLowerCase() === 'buy now').click();
	location.reload();
	return true;
})()`

func TestAnEventMadeAsThePageGoesOutlivesARelayThatCannotKeepIt(t *testing.T) {
	t.Parallel()
	n, b, console := mustKeepNoEvents(t)
	store := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	const loads = 10
	for i := range loads {
		console.until(fmt.Sprintf(`document.body.innerText.includes("store: %d event")`, 1+2*i))
		eval[bool](store, buyAndReload)
	}
	console.sees(fmt.Sprintf("store: %d events waiting", 1+2*loads))
}

func TestAPausedListOfEventsIsFilteredAndCallsNoOldOneNew(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#events")
	console.until(`!document.querySelector('.js-try-events button').disabled`)
	must(t, console.Click("button", "Send ten test events"))
	console.until(logged("safe") + ` === 10`)
	must(t, console.Click("switch", "Pause"))
	must(t, console.Click("radio", "conversions"))
	console.until(logged("safe") + ` === 5`)
	must(t, console.Click("radio", "all"))
	console.until(logged("safe") + ` === 10 && document.querySelector('[data-action="show"]').hidden`)
	must(t, console.Click("button", "Send ten test events"))
	console.sees("10 new events")
}
