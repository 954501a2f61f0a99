package e2e

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"sortition/relay/e2e/internal/otherbrowser"
	"sortition/relay/e2e/internal/process"
)

// otherBrowsers are those that may be installed besides Chromium; make browsers brings them.
var otherBrowsers = map[string]func(context.Context) (*otherbrowser.Browser, error){
	"Firefox": otherbrowser.Firefox,
	"WebKit":  otherbrowser.WebKit,
}

// otherPage is the window of another browser, on a relay's pages, whose failures are the test's.
type otherPage struct {
	*otherbrowser.Browser
	t     *testing.T
	relay *process.Relay
}

// open waits until the page is live, as Firefox complains of a socket that is left while it opens.
func (p otherPage) open(path string) {
	p.t.Helper()
	must(p.t, p.Open(p.relay.URL+path))
	p.until(`document.querySelector('.connection-words').textContent.startsWith('Live')`)
}

func (p otherPage) click(element string) {
	p.t.Helper()
	must(p.t, p.Click(element))
}

func (p otherPage) until(expression string) {
	p.t.Helper()
	must(p.t, p.Until(expression))
}

func TestWhatHoldsInChromiumHoldsInOtherBrowsers(t *testing.T) {
	t.Parallel()
	for name, start := range otherBrowsers {
		t.Run(name, func(t *testing.T) {
			b, err := start(context.Background()) // it is closed when the test is over
			if errors.Is(err, otherbrowser.ErrNotInstalled) {
				t.Skip(err, "(make browsers installs it)")
			}
			must(t, err)
			data := t.TempDir()
			relay := mustStart(t, process.Options{DataDir: data})
			t.Cleanup(func() { must(t, b.Close()) })
			t.Log(b.Version)
			t.Run("a visitor buys and is counted", func(t *testing.T) { mustSell(otherPage{b, t, relay}, data) })
			t.Run("golden vectors are answered the same", func(t *testing.T) { mustPlayVectors(otherPage{b, t, relay}) })
			t.Run("the pages look as they should", func(t *testing.T) { mustLookRight(otherPage{b, t, relay}) })
			complaints, err := b.Complaints()
			must(t, err)
			for _, complaint := range complaints {
				t.Errorf("the pages' consoles: %s", complaint)
			}
		})
	}
}

// mustSell goes the main path: somebody is shown a variation and buys, the page follows a new datafile, and the other pages tell of it.
func mustSell(p otherPage, data string) {
	p.open("/")
	p.until(`!document.querySelector('main').textContent.includes('Engine loading')`)
	p.click(`document.querySelector('#visitor')`)
	must(p.t, p.Press("Joe"+otherbrowser.Enter))
	native := mustDecideNatively(p.t, "Joe")
	p.until(facts + `.Variation === ` + quote(native))
	p.until(`document.querySelector('.shelf-order').textContent.includes(` + quote(native) + `)`)
	p.click(`[...document.querySelectorAll('button')].find((button) => /buy now/i.test(button.textContent))`)
	p.until(`document.querySelector('main').innerText.includes('Bought, safe')`)
	mustCountUntil(p.t, p.relay, counts{Visitors: 1, Conversions: 1})

	other := map[string]string{"price": "category", "category": "price"}[native]
	mustReplace(p.t, filepath.Join(data, "demo.json"), demoDatafile(p.t, "2", other))
	p.until(facts + `.Variation === ` + quote(other))
	p.open("/console.html?user=Joe")
	p.until(`document.querySelector('[data-field="outcome"]').textContent === ` + quote(other))
	p.open("/results.html")
	p.until(conversionsShown + ` === 1 && document.querySelector('.js-chart canvas')`)
}

func mustPlayVectors(p otherPage) {
	p.open("/")
	played, err := otherbrowser.Eval[vectorsPlayed](p.Browser, playingVectors(p.t))
	must(p.t, err)
	played.check(p.t)
}

// mustLookRight looks where another browser's idea of the style sheets showed.
func mustLookRight(p otherPage) {
	p.open("/?user=Joe")
	p.until(`getComputedStyle(document.querySelector('nav [aria-current]')).textDecorationLine === 'underline'`)
	// What comes last moves nothing any more where a click is under way.
	p.until(`document.querySelector('main').innerText.includes('by the relay') && document.querySelector('.js-allocation details').checkVisibility()`)
	p.click(`document.querySelector('.js-override summary')`)
	p.until(`document.querySelector('.js-override').open`)
	p.click(`document.querySelector('[data-action="phone"]')`)
	p.until(`document.querySelector('.qr-code:popover-open svg')`)
	p.until(`document.querySelector('.qr-code button').getBoundingClientRect().height < 60`)
}
