package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// views are the pages and the console's tabs, and what each shows once it has something to show.
var views = []struct{ address, filled string }{
	{"/?user=Matt", `document.querySelectorAll('.item-receipt[data-status="safe"]').length`},
	{"/results.html", `document.querySelector('.js-verdict').dataset.kind !== 'waiting' && document.querySelector('.js-chart canvas')`},
	{"/console.html?user=Matt#why", `!document.querySelector('[data-field="told"]').hidden`},
	{"/console.html#simulate", `!document.querySelector('.js-outcome').hidden`},
	{"/console.html#datafile", `!document.querySelector('.js-revision').hidden`},
	{"/console.html#events", `document.querySelector('.event-log-scroller li')`},
	{"/console.html#engine", `document.querySelector('.js-engine dd')`},
}

// fill gives a view something to show, as a visitor would, where it has nothing by itself.
func (p *page) fill(address string) {
	p.t.Helper()
	switch address {
	case "/?user=Matt":
		p.enter("Matt")
		must(p.t, p.Click("button", "buy now"))
	case "/console.html#simulate":
		p.simulate("A/A", 1000)
	case "/console.html#events":
		must(p.t, p.Click("button", "Send ten test events"))
	case "/console.html#engine":
		p.until(`/Datafile read[\d.]+ ms/.test(document.querySelector('.js-engine').textContent)`) // so there is one to decide by
		must(p.t, p.Click("button", "Compare"))
		p.sees("all alike")
	}
}

// offences runs axe and returns what it finds, in a line each: the rule, the element and what to do.
func (p *page) offences() []string {
	p.t.Helper()
	return eval[[]string](p, `axe.run({
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		resultTypes: ['violations'],
	}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(
		(node) => id + ' at ' + node.target + ': ' + node.failureSummary.replaceAll('\n', ' '))))`)
}

// tooWide names the elements that stick out of the window, when the page can be scrolled sideways.
const tooWide = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')].filter(
	(e) => e.getBoundingClientRect().right > innerWidth).map((e) => e.tagName + '.' + e.className)`

// spaceText spaces the text as far as its reader may (WCAG 1.4.12).
const spaceText = `(() => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }' +
		'p { margin-bottom: 2em !important }');
	document.adoptedStyleSheets.push(sheet);
	return true;
})()`

// smallFields names the fields that Safari on a phone zooms into when they get the focus: those with text below 16 px.
const smallFields = `[...document.querySelectorAll('input:not([type="radio"], [type="checkbox"], [type="range"]), select, textarea')]
	.map((field) => [field.id || field.className, parseFloat(getComputedStyle(field).fontSize)])
	.filter(([, size]) => size < 16).map(([name, size]) => name + ': ' + size + ' px')`

func TestEveryPageIsAccessibleInBothThemesOnADeskAndOnAPhone(t *testing.T) {
	t.Parallel()
	axe := relaytest.MustRead(t, "node_modules/axe-core/axe.min.js")
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000)
	b := mustBrowser(t)
	for _, view := range views {
		t.Run(strings.TrimPrefix(view.address, "/"), func(t *testing.T) {
			p := mustOpenInTrouble(t, b, relay.URL+view.address, axe)
			defer p.Close()
			p.fill(view.address)
			p.until(view.filled)
			eval[bool](p, `(document.querySelectorAll('main details').forEach((details) => { details.open = true; }), true)`)
			for _, width := range []int64{1280, 320} {
				for _, dark := range []bool{false, true} {
					must(t, p.Resize(width, 900))
					must(t, p.SetDark(dark))
					p.until(browser.Still)
					for _, offence := range p.offences() {
						t.Errorf("%d px wide, dark %t: %s", width, dark, offence)
					}
				}
				if wide := eval[[]string](p, tooWide); len(wide) > 0 {
					t.Errorf("%d px wide, it scrolls sideways: %v", width, wide)
				}
			}
			if small := eval[[]string](p, smallFields); len(small) > 0 {
				t.Errorf("a phone zooms into fields: %v", small)
			}
			must(t, p.SetTextSize(2))
			for _, width := range []int64{1280, 360} {
				must(t, p.Resize(width, 900))
				if wide := eval[[]string](p, tooWide); len(wide) > 0 {
					t.Errorf("%d px wide, with text twice as large it scrolls sideways: %v", width, wide)
				}
			}
			must(t, p.SetTextSize(1))
			must(t, p.Resize(320, 900))
			eval[bool](p, spaceText)
			if wide := eval[[]string](p, tooWide); len(wide) > 0 {
				t.Errorf("with its text spaced out it scrolls sideways: %v", wide)
			}
			p.mustBeContent()
		})
	}
}

// manyVariations is the demo's datafile with fifty variations, one of which has a key of 200 letters. Matt is in price.
func manyVariations(t *testing.T) string {
	t.Helper()
	var datafile map[string]any
	must(t, json.Unmarshal([]byte(demoDatafile(t, "2", "price")), &datafile))
	experiment := datafile["experiments"].([]any)[0].(map[string]any)
	variations := experiment["variations"].([]any)
	var traffic []map[string]any
	for i := range 48 {
		id, key := fmt.Sprint(1000+i), fmt.Sprint("variation ", i)
		if i == 0 {
			key = strings.Repeat("l", 200)
		}
		variations = append(variations, map[string]any{"id": id, "key": key, "variables": []any{}})
		traffic = append(traffic, map[string]any{"entityId": id, "endOfRange": 100 * (i + 1)})
	}
	experiment["variations"] = variations
	experiment["trafficAllocation"] = append(traffic, map[string]any{"entityId": demotest.Price, "endOfRange": 10_000})
	text, err := json.MarshalIndent(datafile, "", "  ")
	must(t, err)
	return string(text)
}

func TestManyVariationsAndALongNameLeaveEveryPageAsWideAsItsWindow(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: data})
	mustReplace(t, filepath.Join(data, "demo.json"), manyVariations(t))
	eventually(t, func() (bool, string) { return servesRevision(t, relay, "2"), "the relay does not serve revision 2" })
	b := mustBrowser(t)
	for _, view := range views {
		p := mustOpenInTrouble(t, b, relay.URL+view.address, "")
		p.fill(view.address) // the store's first, which gives the results something to show
		p.until(view.filled)
		eval[bool](p, `(document.querySelectorAll('main details').forEach((details) => { details.open = true; }), true)`)
		for _, width := range []int64{1280, 320} {
			must(t, p.Resize(width, 900))
			p.until(browser.Still)
			if wide := eval[[]string](p, tooWide); len(wide) > 0 {
				t.Errorf("%s, %d px wide, scrolls sideways: %v", view.address, width, wide)
			}
		}
		p.mustBeContent()
		p.Close()
	}
}
