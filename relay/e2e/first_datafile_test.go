package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// impatient lets a page give up waiting for its first datafile at once; until then it has the shelf and the engine.
const impatient = `
	const { setTimeout } = globalThis;
	globalThis.setTimeout = (run, wait, ...args) => setTimeout(run, wait === 8000 ? 0 : wait, ...args);`

func TestWhatIsBoughtBeforeTheFirstDatafileIsSentOnceItIsThere(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "late.json")
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}, Unready: true})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", impatient)
	store.sees("no decision possible")
	store.notice("The source of the datafile cannot be read. The shelf stays in our own order.")
	store.sees("there is no experiment to change")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, to be sent")

	relaytest.MustWrite(t, source, demoDatafile(t, "1", "category"))
	store.until(facts + `.Variation === 'category'`)
	store.sees("bought, safe")
	store.until(`[...document.querySelectorAll('[role=alert]')].every((e) => !e.textContent.trim())`)
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

func TestASourceThatCannotBeReachedIsToldToAPageWithoutADatafile(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=http://127.0.0.1:9/demo.json"}, Unready: true})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", "")
	store.notice("The source of the datafile cannot be read.")
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html", "")
	console.notice("The source of the datafile cannot be read. To mend it: the relay’s log says why, and its --project demo=SOURCE what the source is.")
}

func TestAPageSaysThatTheRelayIsThereAndHasNoDatafileYet(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "late.json")
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}, Unready: true})
	n := mustNetwork(t, relay)
	b := mustBrowser(t)
	store := mustOpenInTrouble(t, b, relay.URL+"/?user=Matt", "")
	results := mustOpenInTrouble(t, b, relay.URL+"/results.html", "")
	n.when("/v1/stream", func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Error(w, "no", http.StatusForbidden)
	})
	withoutSockets := mustOpenInTrouble(t, b, n.URL+"/console.html", "")
	pages := []*page{store, results, withoutSockets}
	for _, each := range pages {
		each.chip("No datafile yet")
		must(t, each.Click("button", "No datafile yet"))
		each.sees("The relay is there, but has no datafile yet: the page follows as soon as one comes.")
	}
	results.notice("The project has no datafile yet")
	if text := store.text(); !strings.Contains(text, "No decision possible") {
		t.Errorf("the store goes on waiting for an engine:\n%s", text)
	}
	relaytest.MustWrite(t, source, demoDatafile(t, "1", "category"))
	for _, each := range pages[:2] {
		each.chip("Live, revision 1")
	}
	must(t, withoutSockets.Reload())
	withoutSockets.chip("Polling, revision 1")
}

func TestWhatIsBoughtOfAProjectThatThePageMayNotHaveIsRefusedForThatReason(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	cdn.Put("/auth/SHOP.json", ownProject(t, "41", "cheapest_first"))
	relay := mustStart(t, process.Options{Args: []string{
		"--project", "SHOP=cdn", "--access-token", "SHOP=secret", "--cdn-auth-url", cdn.URL + "/auth/%s.json"}})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", "")
	store.notice("The relay has no project with the sdkKey SHOP, or wants another token")
	must(t, store.Click("button", "buy now"))
	store.sees("not recorded · the relay has no project with the sdkKey SHOP, or wants another token")
}

func TestWhatIsBoughtWithoutTheExperimentIsRecordedAllTheSame(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{Args: []string{"--page-experiment", "banner"}})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", "")
	store.notice("Revision 1 of the datafile has no experiment banner")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, safe")
}
