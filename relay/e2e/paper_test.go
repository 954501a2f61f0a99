package e2e

import (
	"testing"

	"sortition/relay/e2e/internal/process"
)

// onPaper keeps what an expression says while the page is laid out on its sheets.
func (p *page) onPaper(expression string) {
	p.t.Helper()
	eval[bool](p, `(matchMedia('print').addEventListener('change', ({ matches }) => { if (matches) globalThis.onPaper = `+expression+` }), true)`)
}

// mustPrint prints the page and fails when it takes more sheets than that.
func (p *page) mustPrint(most int) {
	p.t.Helper()
	sheets, err := p.Print()
	must(p.t, err)
	if sheets < 1 || sheets > most {
		p.t.Errorf("it takes %d sheets of paper, at most %d are needed", sheets, most)
	}
}

func TestOnPaperTheChartIsWholeAndDrawnInInk(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000)
	var drawn []string
	for _, dark := range []bool{false, true} {
		results := mustOpen(t, relay.URL+"/results.html")
		must(t, results.SetDark(dark))
		results.until(`document.querySelector('.js-chart canvas')`)
		results.onPaper(`((canvas) => ({ drawn: canvas.toDataURL(), cut: canvas.getBoundingClientRect().right
			- canvas.closest('.chart-drawing').getBoundingClientRect().right }))(document.querySelector('.js-chart canvas'))`)
		results.mustPrint(2)
		if cut := eval[float64](results, `onPaper.cut`); cut > 0 {
			t.Errorf("dark %t: %v px of the chart are cut", dark, cut)
		}
		drawn = append(drawn, eval[string](results, `onPaper.drawn`))
		results.until(`document.querySelector('.js-chart canvas').clientWidth > 1000`) // again as wide as its window
	}
	if drawn[0] != drawn[1] {
		t.Error("the chart of a dark page is printed in other colours than that of a light one")
	}
}

func TestEachTabOfTheConsoleTakesOneSheetOfPaperForWhatItShows(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	for _, view := range []struct{ address, filled string }{views[2], views[3], views[4], views[6]} {
		p := mustOpenInTrouble(t, b, relay.URL+view.address, "")
		p.fill(view.address)
		p.until(view.filled)
		p.mustPrint(1)
		p.Close()
	}
}

func TestOnPaperTheEventsAreAllThere(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#events")
	console.until(`!document.querySelector('.js-try-events button').disabled`)
	must(t, console.Click("button", "Send ten test events"))
	console.until(`document.querySelectorAll('.event-log-scroller li').length === 10`)
	console.onPaper(`((log) => log.scrollHeight - log.clientHeight)(document.querySelector('.event-log-scroller'))`)
	console.mustPrint(2)
	if hidden := eval[float64](console, `onPaper`); hidden != 0 {
		t.Errorf("%v px of the events are hidden", hidden)
	}
}

func TestTheShelfOfNineTakesTwoSheetsOfPaper(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.sees("Matt sees: sorted by")
	store.until(`[...document.images].every((image) => image.complete)`)
	store.mustPrint(2)
}
