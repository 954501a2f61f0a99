package e2e

import (
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// noNotice is whether the page has nothing to alert to.
const noNotice = `document.querySelector('.js-notice').textContent === ''`

// consoleTabs are the console's tabs by their names in the address.
var consoleTabs = []string{"why", "simulate", "datafile", "events", "engine"}

func TestTheConsoleNamesAPolicyThatForbidsWebAssembly(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.when("/console.html", withHeader("Content-Security-Policy", "default-src 'self'"))
	told := make(chan struct{})
	n.when("/v1/stream", func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		select {
		case <-told: // the datafile comes when the page knows already that it has no engine
			pass.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html", "")
	console.notice("The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to its script-src.")
	close(told)
	console.chip("Live")
	console.sees("Without the engine nothing can be decided.")
	console.notice("The page's Content-Security-Policy forbids WebAssembly") // which a line that stands does not mend
}

func TestTheConsoleSaysThatTheRelayIsAwayAndGoesOnWhenItIsBack(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.cut()
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html?user=Matt", neverLong)
	console.notice("this page goes on trying.")
	console.sees("There is no datafile to ask yet.")
	n.restore()
	if got := console.outcome("Matt"); got != "price" {
		t.Errorf("Matt gets %s", got)
	}
	console.chip("Live, revision 1")
}

func TestTheConsoleOfAnOwnProjectDoesWithoutDemoAndSandbox(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	relaytest.MustWrite(t, dir+"/own.json", gifts(t))
	relay := mustStart(t, process.Options{Args: []string{"--project", "own=" + dir + "/own.json"}})
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html?user=Matt#datafile", "")
	console.sees("The traffic is changed at its source")
	must(t, console.Click("tab", "Events"))
	console.sees("This relay has no sandbox to try things in")
	if text := console.text(); strings.Contains(text, "or send test events") {
		t.Errorf("no test events can be sent, and the console says:\n%s", text)
	}
	must(t, console.Click("tab", "Simulate"))
	console.sees("This relay has no sandbox to try things in: --project sandbox=FILE adds one.")
	console.until(noNotice)
	must(t, console.Click("tab", "Why"))
	if got, native := console.outcome("Matt"), mustDecideNatively(t, "Matt"); got != native {
		t.Errorf("Matt gets %s, natively %s", got, native)
	}
}

func TestASandboxOfAnotherProjectOffersNothingThatWouldBeInVain(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/own.json"
	relaytest.MustWrite(t, file, ownProject(t, "1", "by_kind"))
	relay := mustStart(t, process.Options{Args: []string{"--project", "own=" + file, "--project", "sandbox=", "--page-experiment", "shelf_order", "--page-event", "checkout"}})
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html#events", "")
	const lack = "The sandbox has no experiment shelf_order: --project sandbox=FILE gives it another datafile."
	console.sees(lack)
	console.until(`document.querySelector('.js-try-events button').disabled`)
	must(t, console.Click("tab", "Simulate"))
	console.sees(lack)
}

func TestAProblemOfOneTabIsToldThereAndStaysWhateverTheLineDoes(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.when("/v1/events", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Error(w, "no", http.StatusBadRequest)
	})
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html#simulate", neverLong)
	const problem = "The relay does not take the events: it answered with status 400."
	console.until(`!document.querySelector('.js-simulator button[type="submit"]').disabled`)
	must(t, console.Click("button", "Simulate"))
	console.notice(problem)
	n.cut()
	console.notice("this page goes on trying.")
	n.restore()
	console.chip("Live, revision 1")
	console.notice(problem)
	must(t, console.Click("tab", "Datafile"))
	console.until(noNotice)
	must(t, console.Click("tab", "Simulate"))
	console.notice(problem)
}

func TestTheSimulatorGoesOnWhenTheRelayIsThere(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.cut()
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html#simulate", neverLong)
	console.until(`document.querySelector('.simulator-progress').textContent.endsWith(' cannot be reached.')`)
	n.restore()
	console.until(`!document.querySelector('.js-simulator button[type="submit"]').disabled`)
	console.until(`document.querySelector('.simulator-progress').textContent === ''`)
}

func TestTheConsoleFitsAPhoneAndJumpsNowhere(t *testing.T) {
	t.Parallel()
	const watch = `globalThis.shifted = 0;
		globalThis.moved = [];
		new PerformanceObserver((list) => {
			for (const { hadRecentInput, value, sources } of list.getEntries()) if (!hadRecentInput) {
				globalThis.shifted += value;
				globalThis.moved.push(...sources.map(({ node, previousRect, currentRect }) =>
					(node?.className || node?.nodeName) + ' from ' + previousRect.y + ' to ' + currentRect.y));
			}
		}).observe({ type: 'layout-shift', buffered: true });`
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	look := func(tab string, width int64, dark bool) (shifted float64, moved []string) {
		opened, err := b.OpenWith("about:blank", watch)
		must(t, err)
		console := &page{Page: opened, t: t}
		defer console.Close()
		must(t, console.Resize(width, 800))
		must(t, console.SetDark(dark))
		must(t, console.Go(relay.URL+"/console.html?user=Matt#"+tab))
		console.chip("Live, revision 1")
		console.until(`document.querySelector('[data-field="outcome"]').textContent !== ''`)
		if wide := eval[int](console, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
			t.Errorf("%s at %d: %d pixels too wide", tab, width, wide)
		}
		console.mustBeContent()
		return eval[float64](console, `globalThis.shifted`), eval[[]string](console, `globalThis.moved`)
	}
	// A page that is drawn while half of it has come is a moment of a busy machine: a fault shows every time.
	const looks = 3
	stays := func(tab string, width int64, dark bool) {
		for again := looks - 1; ; again-- {
			shifted, moved := look(tab, width, dark)
			if shifted <= 0.02 {
				return
			}
			t.Logf("%s at %d: what was there shifted by %.3f: %q", tab, width, shifted, moved)
			if again == 0 {
				t.Errorf("%s at %d shifts each time", tab, width)
				return
			}
		}
	}
	for _, tab := range consoleTabs {
		stays(tab, 320, true)
	}
	stays("why", 1280, false)
	stays("simulate", 1280, false)
}

func TestWithoutWebAssemblyTheEnginesTabDoesNotBlameTheDatafile(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html#engine", `delete globalThis.WebAssembly;`)
	console.notice("This browser has no WebAssembly")
	console.until(`document.querySelectorAll('.engine-part button').forEach((button) => button.click()) ?? [...document.querySelectorAll('.engine-words')].every((e) => e.textContent === 'Without the engine nothing can be decided.')`)
}
