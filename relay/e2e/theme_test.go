package e2e

import (
	"testing"
	"time"

	"sortition/relay/e2e/internal/process"
)

// background is what is behind everything, as it is drawn.
const background = `getComputedStyle(document.documentElement).backgroundColor`

func TestTheThemeIsTheVisitorsFromTheFirstFrameAndOnEveryPage(t *testing.T) {
	t.Parallel()
	const remembering = `requestAnimationFrame(() => { globalThis.firstBackground = ` + background + `; })`
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	store := mustOpenInTrouble(t, b, relay.URL, remembering)
	results := mustOpenInTrouble(t, b, relay.URL+"/results.html", "")
	light := eval[string](store, background)

	must(t, store.Click("button", "Theme: system"))
	must(t, store.Click("button", "Theme: light"))
	store.until(background + ` !== ` + quote(light))
	dark := eval[string](store, background)
	results.until(background + ` === ` + quote(dark)) // another page that is open

	must(t, store.Go(relay.URL+"/console.html"))
	store.until(`globalThis.firstBackground === ` + quote(dark))
	must(t, store.Click("button", "Theme: dark"))
	store.until(background + ` === ` + quote(light))
	must(t, store.SetDark(true)) // by the system, which decides again
	store.until(background + ` === ` + quote(dark))
	store.mustBeContent()
	results.mustBeContent()
}

func TestOnPaperThePageIsInInkAndWithoutWhatOneDoesOnIt(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.sees("Matt sees: sorted by")
	ink := eval[string](store, `getComputedStyle(document.body).color`)
	must(t, store.SetMedia("print", "prefers-color-scheme", "dark"))
	store.until(`getComputedStyle(document.body).color === ` + quote(ink))
	store.until(`['nav', 'form', 'main button', '.js-theme'].every((part) => !document.querySelector(part).checkVisibility())`)
	store.sees("Matt sees: sorted by")
}

func TestNothingIsFaintForThoseWhoAskForMoreContrast(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	must(t, store.SetMedia("", "prefers-contrast", "more"))
	store.until(`['.lede', '.visitor-box-hint'].every((part) => getComputedStyle(document.querySelector(part)).color === getComputedStyle(document.body).color)`)
}

func TestOnPaperTheChartsTableIsWhole(t *testing.T) {
	t.Parallel()
	const missing = `((rows) => rows.scrollHeight - rows.clientHeight + rows.scrollWidth - rows.clientWidth)(document.querySelector('.chart-rows'))`
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, during(time.Date(2026, 9, 21, 22, 13, 38, 0, time.UTC), 60*24*time.Hour), 1000)
	results := mustOpen(t, relay.URL+"/results.html")
	must(t, results.Click("DisclosureTriangle", "Show as table"))
	must(t, results.Resize(700, 900)) // about a sheet's width
	results.until(missing + ` > 0`)
	must(t, results.SetMedia("print", "prefers-color-scheme", "light"))
	results.until(missing + ` === 0`)
}

func TestNothingMovesForThoseWhoDoNotLikeIt(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	must(t, store.SetMedia("", "prefers-reduced-motion", "reduce"))
	store.enter("Matt")
	if moving := eval[int](store, `document.getAnimations().length`); moving > 0 {
		t.Errorf("%d things move", moving)
	}
}

// mustOpenFigures opens the results of an experiment with a winner, for somebody who has set this feature of the media.
func mustOpenFigures(t *testing.T, feature, value string) *page {
	t.Helper()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000)
	results := mustOpen(t, relay.URL+"/results.html")
	must(t, results.SetMedia("", feature, value))
	return results
}

// probe makes a function that tells in what colour the chart draws something.
const probe = `((colour) => {
	const probe = document.createElement('span');
	probe.className = 'chart-probe';
	probe.dataset.colour = colour;
	document.querySelector('.js-chart').append(probe);
	return getComputedStyle(probe).color;
})`

func TestInForcedColoursTheChartStandsOutFromItsGrid(t *testing.T) {
	t.Parallel()
	results := mustOpenFigures(t, "forced-colors", "active")
	results.until(`document.querySelector('.js-chart canvas')`)
	if eval[bool](results, probe+`('line') === `+probe+`('series-1')`) {
		t.Error("the grid has the colour of what is drawn on it")
	}
}

func TestWithMoreContrastTheGridStaysBehindTheChart(t *testing.T) {
	t.Parallel()
	results := mustOpenFigures(t, "prefers-contrast", "more")
	results.until(`document.querySelector('.js-chart canvas')`)
	if eval[bool](results, probe+`('line') === getComputedStyle(document.querySelector('.chart-drawing')).borderTopColor`) {
		t.Error("the grid is as strong as the edges of the page")
	}
}

func TestInForcedColoursEveryIntervalHasTheColourOfText(t *testing.T) {
	t.Parallel()
	results := mustOpenFigures(t, "forced-colors", "active")
	results.until(`document.querySelector('[data-status="winner"] .metric-bar')`)
	const others = `[...document.querySelectorAll('.metric-bar')].map((bar) => getComputedStyle(bar).fill)
		.filter((fill) => fill !== getComputedStyle(document.body).color)`
	if got := eval[[]string](results, others); len(got) > 0 {
		t.Errorf("bars have the colours %v", got)
	}
}

func TestTheLineOfNoDifferenceIsSeenOnTheIntervalThatItCrosses(t *testing.T) {
	t.Parallel()
	for _, feature := range [][2]string{{"prefers-contrast", "no-preference"}, {"prefers-contrast", "more"}, {"forced-colors", "active"}} {
		results := mustOpenFigures(t, feature[0], feature[1])
		results.until(`document.querySelector('[data-status="inconclusive"] .metric-bar')`)
		const apart = `((channels) => channels[0].reduce((sum, value, i) => sum + Math.abs(value - channels[1][i]), 0))(
			[['zero', 'stroke'], ['bar', 'fill']].map(([part, property]) => getComputedStyle(document.querySelector('[data-status="inconclusive"] .metric-' + part))
				[property].match(/\d+/g).map(Number)))`
		if got := eval[int](results, apart); got < 150 {
			t.Errorf("%v: of 765 steps between black and white %d are between the line and the bar", feature, got)
		}
	}
}

func TestInForcedColoursTheRevisionThatIsLookedAtIsMarked(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#datafile")
	must(t, console.SetMedia("", "forced-colors", "active"))
	const chosen = `.revision-entry[aria-pressed="true"]`
	console.until(`document.querySelector('` + chosen + `')`)
	if style := eval[string](console, `getComputedStyle(document.querySelector('`+chosen+`')).outlineStyle`); style == "none" {
		t.Error("it looks like any other")
	}
}
