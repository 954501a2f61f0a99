package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestTheConsoleTellsWhatARevisionChangedAndWhomItMoved(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#datafile")
	console.sees("The first one this browser saw")
	must(t, console.Press("slider", "price", kb.Home))
	console.sees("would get another variation of item-sort.")
	must(t, console.Click("button", "Change for everyone"))
	console.sees("Saved: every open page follows.")
	console.sees("Revision 1 → 2")
	console.sees("item-sort traffic 50/50 to 0/100")
	console.sees("Of 1,000 made-up visitors 5") // about half of them
	console.sees("get another variation of item-sort.")
	must(t, console.Click("DisclosureTriangle", "Line by line"))
	console.until(`[...document.querySelectorAll('ins')].some((line) => line.textContent.includes('"revision": "2"'))`)

	must(t, console.Reload())
	console.sees("Revision 2 decides.") // from here on the list stays as it is
	must(t, console.Click("button", "Revision 1"))
	console.sees("The first one this browser saw")
	must(t, console.Click("DisclosureTriangle", "Go back to this revision"))
	console.sees(`curl -d '{"revision":"1"}' 127.0.0.1:8081/v1/projects/demo/rollback`)
}

func TestWhomAChangeWouldMoveIsToldOfTheDatafileThatDecides(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: dir})
	console := mustOpen(t, relay.URL+"/console.html#datafile")
	console.sees("The first one this browser saw")
	must(t, console.Press("slider", "price", kb.Home))
	console.sees("would get another variation of item-sort.")
	text := relaytest.MustRead(t, dir+"/demo.json")
	mustReplace(t, dir+"/demo.json", strings.Replace(text, "5000", "0", 1))
	console.sees("item-sort traffic 50/50 to 0/100")
	console.until(`document.querySelector('.js-would-move').textContent === 'Of 1,000 made-up visitors none would get another variation.'`)
	mustReplace(t, dir+"/demo.json", strings.Replace(text, "10000", "8000", 1))
	console.sees("item-sort traffic 0/100 to 50/30, 20 left out")
	console.until(`document.querySelector('.js-would-move').textContent === ''`) // the sliders are others now
}

func TestADatafileThatIsNoneIsToldAndTheLastGoodOneStaysInForce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: dir})
	console := mustOpen(t, relay.URL+"/console.html?user=Matt")
	before := console.outcome("Matt")
	var project map[string]any
	must(t, json.Unmarshal([]byte(relaytest.MustRead(t, dir+"/demo.json")), &project))
	project["revision"], project["version"] = "2", "9"
	text, err := json.Marshal(project)
	must(t, err)
	mustReplace(t, dir+"/demo.json", string(text))
	console.sees(`version "9" is not supported`)
	if got := console.outcome("Matt"); got != before {
		t.Errorf("Matt gets %s, before %s", got, before)
	}
	if text := console.text(); !strings.Contains(text, "Revision 1 stays in force") {
		t.Errorf("the console does not say that revision 1 stays in force:\n%s", text)
	}
}
