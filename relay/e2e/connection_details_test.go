package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

const (
	detailsAreOpen   = `!!document.querySelector('.connection-details:popover-open')`
	detailsAreClosed = `!document.querySelector('.connection-details:popover-open')`
)

// detail waits until the connection's open details have a fact that is like this.
func (p *page) detail(name, like string) {
	p.t.Helper()
	p.until(detailsAreOpen + ` && [...document.querySelectorAll('.connection-details dt')].some((dt) => dt.textContent === ` + quote(name) + ` && ` +
		like + `.test(dt.nextElementSibling.textContent))`)
}

func TestTheChipTellsHowFarTheRelayIsAndWithoutItHowOldTheDatafileIs(t *testing.T) {
	t.Parallel()
	axe := relaytest.MustRead(t, "node_modules/axe-core/axe.min.js")
	n := mustNetwork(t, mustStart(t, process.Options{}))
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", axe)
	store.chip("Live, revision 1")
	must(t, store.Reload()) // with a datafile to ask about
	store.chip("Live, revision 1")
	must(t, store.Press("button", "revision 1", kb.Enter))
	store.detail("Datafile", `/^[0-9a-f]{16}$/`)
	store.detail("Round trip", `/^(below 1|\d+) ms$/`)
	for _, width := range []int64{320, 1280} {
		must(t, store.Resize(width, 900))
		for _, dark := range []bool{false, true} {
			must(t, store.SetDark(dark))
			store.until(detailsAreOpen + ` && ` + browser.Still)
			for _, offence := range store.offences() {
				t.Errorf("%d px wide, dark %t: %s", width, dark, offence)
			}
		}
		if wide := eval[[]string](store, tooWide); len(wide) > 0 {
			t.Errorf("%d px wide, it scrolls sideways: %v", width, wide)
		}
	}
	must(t, store.Keys(kb.Escape))
	store.until(detailsAreClosed)

	n.cut()
	must(t, store.Reload())
	store.chip("Offline, revision 1")
	must(t, store.Click("button", "Offline"))
	store.detail("Confirmed", `/^\d+ (second|minute)s? ago$/`)
	store.sees("goes on with what it has")
}

func TestTheChipTellsARelayThatDoesNotKnowTheProjectFromOneThatCannotBeReached(t *testing.T) {
	t.Parallel()
	n := mustNetwork(t, mustStart(t, process.Options{}))
	n.when("/config.json", replaced(200, "application/json", config(`"demo"`, `"nobody"`)))
	b := mustBrowser(t)
	for _, address := range []string{"/?user=Matt", "/results.html"} {
		page := mustOpenInTrouble(t, b, n.URL+address, "")
		page.chip("Offline")
		must(t, page.Click("button", "Offline"))
		page.until(detailsAreOpen)
		page.sees("The relay is there, but does not know this project, or wants another token.")
		page.Close()
	}
}
