package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/process"
)

// focused is the name of what has the focus; "" for the page itself.
const focused = `((e) => e === document.body ? '' : (e.labels?.[0]?.textContent || e.getAttribute('aria-label') || e.textContent).trim())(document.activeElement)`

// isMarked is whether one sees where the focus is: by an outline of what has it, or of its label.
const isMarked = `[document.activeElement, document.activeElement.parentElement].some((e) => getComputedStyle(e).outlineStyle !== 'none')`

// tabThrough goes through the page by the Tab key alone, and returns the names of where it stops.
func (p *page) tabThrough() (stops []string) {
	p.t.Helper()
	const most = 60
	for range most {
		must(p.t, p.Keys(kb.Tab))
		name := eval[string](p, focused)
		if name == "" || len(stops) > 0 && name == stops[0] {
			return stops
		}
		if !eval[bool](p, isMarked) {
			p.t.Errorf("nobody sees that %q has the focus", name)
		}
		stops = append(stops, name)
	}
	p.t.Fatalf("after %d stops there is no end: %q", most, stops)
	return nil
}

// mustStopAt fails when one of the names is missing among the stops, or not after the one before it.
func mustStopAt(t *testing.T, stops []string, names ...string) {
	t.Helper()
	rest := stops
	for _, name := range names {
		at := slices.Index(rest, name)
		if at < 0 {
			t.Errorf("the Tab key does not come to %q in its place; it stops at %q", name, stops)
			return
		}
		rest = rest[at+1:]
	}
}

func TestEveryActionOfTheStoreIsDoneByKeysAlone(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	store.chip("Live, revision 1")
	store.until(`document.querySelector('.js-allocation details').checkVisibility()`)
	stops := store.tabThrough()
	mustStopAt(t, stops, "Skip to the shelf", "Store", "Results", "Console", "Theme: system", "Simulate a visitor", "Shop", "Random visitor",
		"Look as somebody else", "Change the experiment 50/50")
	if last := stops[max(0, len(stops)-10):]; !slices.Equal(last, append(slices.Repeat([]string{"Buy Now"}, 9), "live results")) {
		t.Errorf("the last stops are %q", last)
	}

	must(t, store.Press("textbox", "visitor", "Matt\r"))
	store.sees("Matt sees: sorted by ")
	must(t, store.Press("link", "Skip to the shelf", kb.Enter))
	must(t, store.Keys(kb.Tab))
	must(t, store.Keys(kb.Enter)) // the first Buy Now
	store.sees("Bought, safe")
	must(t, store.Press("button", "Random visitor", kb.Enter))
	store.until(`document.querySelector('#visitor').value !== 'Matt'`)
	must(t, store.Press("button", "Theme: system", " "))
	store.until(`document.documentElement.dataset.theme === 'light'`)
}

func TestEveryActionOfTheResultsIsDoneByKeysAlone(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000)
	results := mustOpen(t, relay.URL+"/results.html")
	results.until(`document.querySelector('.js-chart canvas')`)
	mustStopAt(t, results.tabThrough(), "Skip to the results", "Store", "Results", "Console", "Theme: system", "Experiment", "Baseline", "90%",
		"Leave out visitors of several variations", "Metric", "Improvement", "Moment", "Show as table", "CSV", "JSON")

	must(t, results.Press("radio", "90%", kb.ArrowRight))
	results.sees("confidence 95%")
	must(t, results.Press("radio", "Improvement", kb.ArrowRight))
	results.until(`document.querySelector('[name="view"][value="rate"]').checked`)
	must(t, results.Press("slider", "Moment", kb.Home))
	results.until(`document.querySelector('#chart-moment').value === '0'`)
	must(t, results.Press("DisclosureTriangle", "Show as table", kb.Enter))
	results.until(`document.querySelector('.chart-rows table')?.checkVisibility()`)
}

func TestTheSimulatorAsksForEachVariationBeforeItAsksForTheLastOne(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	console.until(`!document.querySelector('button[type="submit"]').disabled`)
	mustStopAt(t, console.tabThrough(), "Simulate", "A/A", "Visitors", "price converts, %", "category converts, %", "Lost exposures of the last variation, %", "Simulate")
}

func TestTheFocusStaysWithTheButtonsOfTheSimulatorWhicheverIsOfUse(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	console.until(`!document.querySelector('button[type="submit"]').disabled`)
	must(t, console.Type("spinbutton", "Visitors", "100000")) // which starts it, too
	console.until(focused + ` === 'Visitors'`)
	must(t, console.Press("button", "Stop", kb.Enter))
	console.until(focused + ` === 'Simulate'`)
	must(t, console.Keys(kb.Enter))
	console.until(focused + ` === 'Stop'`)
}

func TestTheConsolesQuestionIsAskedByKeysInTheOrderOneReads(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+`/console.html?user=Matt&attributes={"plan":"gold"}`)
	console.outcome("Matt")
	mustStopAt(t, console.tabThrough(), "Skip to the console", "Why", "Visitor", "Random", "Decision",
		"Attribute", "Value", "Type", "Remove this attribute", "Add an attribute", "Suppose…", "Copy as JSON", "In the official SDK’s words")
}
