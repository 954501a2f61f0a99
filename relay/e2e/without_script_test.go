package e2e

import (
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
)

func TestWithoutJavaScriptEachPageSaysAtOnceThatItNeedsItAndWaitsForNothing(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	for _, address := range []string{"/", "/results.html", "/console.html"} {
		opened, err := b.OpenWithoutScript(relay.URL + address)
		must(t, err)
		p := &page{Page: opened, t: t}
		text := p.text()
		for _, waiting := range []string{"Connecting", "loading", "Asking"} {
			if strings.Contains(text, waiting) {
				t.Errorf("%s waits for ever: %q", address, text)
			}
		}
		const below = `((words) => words ? words.getBoundingClientRect().bottom - innerHeight : 1)(document.querySelector('noscript p'))`
		if !strings.Contains(text, "JavaScript") || eval[float64](p, below) > 0 {
			t.Errorf("%s does not say what it lacks where one sees it: %q", address, text)
		}
		p.mustBeContent()
		p.Close()
	}
}
