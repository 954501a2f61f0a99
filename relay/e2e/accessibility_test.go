package e2e

import (
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// axe runs axe-core, which knows the rules of WCAG that a program can check, and returns what it finds wrong.
func (p *page) axe() []string {
	p.t.Helper()
	eval[bool](p, relaytest.MustRead(p.t, "node_modules/axe-core/axe.min.js")+`; true`)
	return eval[[]string](p, `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, help, nodes }) =>
		nodes.map(({ html, failureSummary }) => [id + ': ' + help, html.slice(0, 200), failureSummary].join(' | '))))`)
}

func TestNoPageBreaksARuleOfAccessibilityInEitherThemeAtEitherSize(t *testing.T) {
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	pages := []string{"/?user=Matt", "/results.html"}
	for _, tab := range consoleTabs {
		pages = append(pages, "/console.html?user=Matt#"+tab)
	}
	for _, path := range pages {
		opened, err := b.Open(relay.URL + path)
		must(t, err)
		p := &page{Page: opened, t: t}
		p.until(`/live/i.test(document.querySelector('header').innerText)`)
		p.until(`![...document.querySelectorAll('[data-field="about"]')].some((e) => e.textContent === '')`)
		eval[bool](p, `(document.querySelectorAll('main details').forEach((details) => { details.open = true; }), true)`)
		for _, size := range []struct {
			width int64
			dark  bool
		}{{1280, false}, {320, true}} {
			must(t, p.Resize(size.width, 900))
			must(t, p.SetDark(size.dark))
			for _, violation := range p.axe() {
				t.Errorf("%s at %d: %s", path, size.width, violation)
			}
		}
		p.mustBeContent()
		p.Close()
	}
}
