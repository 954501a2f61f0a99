package e2e

import (
	"fmt"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

const (
	// headerRows is in how many rows the header's parts stand.
	headerRows = `[...document.querySelectorAll('.site-header > :not([popover])')].map((part) => part.getBoundingClientRect())
		.sort((a, b) => a.top - b.top).reduce(({ rows, below }, { top, bottom }) => top >= below
			? { rows: rows + 1, below: bottom } : { rows, below: Math.max(below, bottom) }, { rows: 0, below: -Infinity }).rows`
	// stateIsCut is whether something is missing of the word for the connection's state.
	stateIsCut = `(() => {
		const words = document.querySelector('.connection-words').getBoundingClientRect();
		const word = document.createRange();
		word.selectNodeContents(document.querySelector('[data-field="status"]').firstChild);
		const { left, right, top, bottom } = word.getBoundingClientRect();
		return left < words.left || right > words.right || top < words.top - 1 || bottom > words.bottom + 1;
	})()`
)

// themeIsInTheCorner rather than amid the rest, or alone in a row of its own.
const themeIsInTheCorner = `(() => {
	const [brand, theme] = ['.brand', '.theme-switch'].map((part) => document.querySelector(part).getBoundingClientRect());
	const last = Math.max(...[...document.querySelectorAll('.site-header > :not([popover])')].map((part) => part.getBoundingClientRect().right));
	return Math.abs(brand.top + brand.height / 2 - theme.top - theme.height / 2) < 4 && theme.right === last;
})()`

func TestTheHeaderTakesTwoRowsOfAPhoneWhateverTheConnectionSays(t *testing.T) {
	t.Parallel()
	n := mustNetwork(t, mustStart(t, process.Options{}))
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/", "")
	look := func(store *page, state string) {
		t.Helper()
		for _, width := range []int64{360, 378, 390, 412} {
			must(t, store.Resize(width, 800))
			if rows := eval[int](store, headerRows); rows != 2 {
				t.Errorf("%s, %d px wide: the header takes %d rows", state, width, rows)
			}
			if eval[bool](store, stateIsCut) {
				t.Errorf("%s, %d px wide: the state is cut", state, width)
			}
			if wide := eval[[]string](store, tooWide); len(wide) > 0 {
				t.Errorf("%s, %d px wide: it scrolls sideways: %v", state, width, wide)
			}
		}
		for _, width := range []int64{390, 768, 832, 900, 1280} {
			must(t, store.Resize(width, 800))
			if !eval[bool](store, themeIsInTheCorner) || eval[bool](store, stateIsCut) {
				t.Errorf("%s, %d px wide: the theme's switch is not in the corner, or the state is cut", state, width)
			}
		}
	}
	store.chip("Live, revision 1")
	look(store, "live")
	n.cut()
	store.until(`document.querySelector('[data-status="reconnecting"] [data-retry]')`)
	look(store, "reconnecting")

	without := mustStart(t, process.Options{Args: []string{"--project", "demo=" + t.TempDir() + "/none.json"}, Unready: true})
	waiting := mustOpenInTrouble(t, mustBrowser(t), without.URL+"/", "")
	waiting.chip("No datafile yet")
	look(waiting, "without a datafile")
}

func TestALongIdTakesOneLineOfAPhone(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	must(t, store.Resize(390, 844))
	const shelf = `document.querySelector('#shelf').getBoundingClientRect().top + scrollY`
	store.enter("Matt")
	store.until(browser.Still)
	want := eval[float64](store, shelf)
	store.enter(strings.Repeat("a long id ", 30) + "ends")
	store.until(browser.Still)
	if got := eval[float64](store, shelf); got != want {
		t.Errorf("the shelf begins at %v, with a short id at %v", got, want)
	}
	if indent := eval[float64](store, `(() => {
		const sees = document.createRange();
		sees.selectNodeContents(document.querySelector('.variation-claim bdi').nextSibling);
		return [...sees.getClientRects()].at(-1).left - document.querySelector('.variation-claim').getBoundingClientRect().left;
	})()`); indent != 0 {
		t.Errorf("the second line begins %v px from the edge", indent)
	}
}

func TestLongKeysTakeOneLineEach(t *testing.T) {
	t.Parallel()
	const experiment = "checkout_page_recommendation_carousel_reordering_experiment_2026_q4"
	const variation = "sorted_by_what_the_visitors_of_the_week_before_looked_at_for_longest"
	source := filepath.Join(t.TempDir(), "own.json")
	datafile := strings.NewReplacer(`"item-sort"`, quote(experiment), `"key": "price"`, `"key": `+quote(variation)).Replace(demoDatafile(t, "1", "price"))
	relaytest.MustWrite(t, source, datafile)
	usual := mustOpen(t, mustStart(t, process.Options{}).URL+"/?user=Matt")
	usual.until(facts + `.Variation === ` + quote(mustDecideNatively(t, "Matt")))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source, "--page-experiment", experiment}})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.until(facts + `.Variation === ` + quote(variation))
	const badge = `document.querySelector('.variation-badge').getBoundingClientRect().height`
	for _, width := range []int64{1280, 390, 320} {
		must(t, usual.Resize(width, 800))
		must(t, store.Resize(width, 800))
		if wide := eval[[]string](store, tooWide); len(wide) > 0 {
			t.Errorf("%d px wide: it scrolls sideways: %v", width, wide)
		}
		if cut := eval[bool](usual, `[...document.querySelectorAll('.variation-facts dd')].some((e) => e.scrollWidth > e.clientWidth)`); cut {
			t.Errorf("%d px wide: short keys are cut", width)
		}
		if got, want := eval[float64](store, badge), eval[float64](usual, badge); math.Abs(got-want) >= 1 {
			t.Errorf("%d px wide: the badge is %v high, with short keys %v", width, got, want)
		}
	}
	if title := eval[string](store, `document.querySelector('[data-field="experiment"]').title`); title != experiment {
		t.Errorf("the whole of the experiment's key is nowhere: %q", title)
	}
}

func TestTheSlidersOfLongNamesCanBeToldApart(t *testing.T) {
	t.Parallel()
	const beginning = "a_variation_with_a_long_common_beginning_"
	source := filepath.Join(t.TempDir(), "demo.json")
	datafile := strings.NewReplacer(`"key": "price"`, `"key": `+quote(beginning+"price"), `"key": "category"`, `"key": `+quote(beginning+"kind"))
	relaytest.MustWrite(t, source, datafile.Replace(demoDatafile(t, "1", "price")))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}})
	store := mustOpen(t, relay.URL+"/?user=Matt&forced="+beginning+"kind")
	store.sees("you chose this variation")
	must(t, store.Click("DisclosureTriangle", "change the experiment"))
	for _, width := range []int64{1280, 390, 320} {
		must(t, store.Resize(width, 800))
		const cut = `[...document.querySelectorAll('.allocation-name')].filter((e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight).length`
		if n := eval[int](store, cut); n > 0 {
			t.Errorf("%d px wide: %d names are cut", width, n)
		}
		const sliders = `Math.min(...[...document.querySelectorAll('.allocation-slider')].map((e) => e.clientWidth))`
		if long := eval[int](store, sliders); long < 90 {
			t.Errorf("%d px wide: a slider has %d px", width, long)
		}
		const bar = `document.querySelector('.allocation-bar').getBoundingClientRect().right - document.querySelector('.allocation-part').getBoundingClientRect().right`
		if left := eval[float64](store, bar); left != 0 {
			t.Errorf("%d px wide: the bar of everyone ends %v px early", width, left)
		}
		const touching = `[...document.querySelectorAll('summary.disclosure')].filter((e) => {
			const words = document.createRange();
			words.selectNodeContents(e);
			return words.getBoundingClientRect().top < e.getBoundingClientRect().top + 7;
		}).map((e) => e.textContent)`
		if rows := eval[[]string](store, touching); len(rows) > 0 {
			t.Errorf("%d px wide: the words of %q touch the edge above", width, rows)
		}
	}
}

// watchLabels keeps what was last written on a canvas that was made clean, and where.
const watchLabels = `{
	globalThis.labels = [];
	const { clearRect, fillText } = CanvasRenderingContext2D.prototype;
	Object.assign(CanvasRenderingContext2D.prototype, {
		clearRect(...area) { labels = []; return clearRect.apply(this, area); },
		fillText(text, x, y) {
			const { e, f } = this.getTransform();
			const width = this.measureText(text).width;
			const left = e + x - { left: 0, center: width / 2, right: width }[this.textAlign];
			labels.push({ text, left, right: left + width, y: f + y, isTime: this.textAlign === 'center' });
			return fillText.call(this, text, x, y);
		},
	});
}`

// timeGaps are the room between neighbours of each row of the chart's times, in pixels.
const timeGaps = `Object.values(Object.groupBy(labels.filter(({ isTime }) => isTime), ({ y }) => Math.round(y)))
	.flatMap((row) => row.sort((a, b) => a.left - b.left).slice(1).map(({ left }, i) => left - row[i].right))`

// lastLabelCut is how far the labels reach beyond the canvas, or beyond the frame that cuts it, in pixels.
const lastLabelCut = `(() => {
	const [canvas, frame] = ['canvas', '[data-field="drawing"]'].map((part) => document.querySelector('.js-chart ' + part).getBoundingClientRect());
	return Math.max(...labels.map(({ right }) => right)) - (Math.min(canvas.right, frame.right) - canvas.left);
})()`

// during are 400 visitors by turns, more of whom buy in category, over so much time from begin on.
func during(begin time.Time, span time.Duration) (events []happened) {
	for i := range 400 {
		h := happened{visitor: fmt.Sprint("visitor ", i), variation: demotest.Price, at: begin.Add(span * time.Duration(i) / 400).UnixMilli()}
		if i%2 == 1 {
			h.variation = demotest.Category
		}
		events = append(events, h)
		if i%5 < 2 || i%3 == 1 {
			events = append(events, happened{visitor: h.visitor, at: h.at + 1, revenue: 1000})
		}
	}
	return events
}

func TestTheTimesBelowTheChartStandApartOnAPhone(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 9, 21, 22, 13, 38, 100_000_000, time.UTC)
	b := mustBrowser(t)
	for _, span := range []time.Duration{700 * time.Millisecond, 23 * time.Second, time.Minute, 5 * time.Minute, 20 * time.Minute, 30 * time.Hour, 60 * 24 * time.Hour} {
		relay := mustStart(t, process.Options{})
		mustPostAll(t, relay, during(begin, span), 1000)
		results := mustOpenInTrouble(t, b, relay.URL+"/results.html", watchLabels)
		for _, width := range []int64{360, 390} {
			must(t, results.Resize(width, 800))
			results.until(`document.querySelector('.js-chart canvas')?.getBoundingClientRect().width === document.querySelector('.js-chart [data-field="drawing"]').clientWidth`)
			gaps := eval[[]float64](results, timeGaps)
			if len(gaps) == 0 || slices.Min(gaps) < 8 {
				t.Errorf("%v on %d pixels: %v pixels between %s", span, width, gaps, eval[string](results, `labels.filter(({ isTime }) => isTime).map(({ text }) => text).join(' | ')`))
			}
			if over := eval[float64](results, lastLabelCut); over > 0 {
				t.Errorf("%v on %d pixels: the last label is cut by %v pixels", span, width, over)
			}
		}
		results.Close()
	}
}

func TestWhoAsksTheConsoleInLargeTextSeesWhatTheyType(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html?user=Matt#why")
	must(t, console.SetTextSize(2))
	for _, width := range []int64{390, 360} {
		must(t, console.Resize(width, 900))
		const cut = `['#visitor', '[data-action="random"]'].map((part) => document.querySelector(part)).filter((part) => (
			part.scrollWidth > part.clientWidth || part.getBoundingClientRect().right > part.closest('form').getBoundingClientRect().right)).map((part) => part.value || part.textContent)`
		if got := eval[[]string](console, cut); len(got) > 0 {
			t.Errorf("%d px wide: cut off are %q", width, got)
		}
	}
}

func TestAllOfTheConsolesTabsAreInSightOnAPhone(t *testing.T) {
	t.Parallel()
	console := mustOpen(t, mustStart(t, process.Options{}).URL+"/console.html")
	console.chip("Live, revision 1")
	for _, width := range []int64{360, 390, 412} {
		must(t, console.Resize(width, 800))
		if over := eval[float64](console, `((tabs) => tabs.scrollWidth - tabs.clientWidth)(document.querySelector('.tabs-list'))`); over > 0 {
			t.Errorf("%d px wide: the tabs are %v px wider", width, over)
		}
	}
}

func TestWhatIsAmissStandsInSightOnAPhone(t *testing.T) {
	t.Parallel()
	n, _ := mustStartDemo(t, "1", "price")
	n.when("/sdk/engine/engine.wasm", replaced(http.StatusNotFound, "text/plain", "no engine here"))
	store := mustOpenInTrouble(t, mustBrowser(t), "about:blank", "")
	must(t, store.Resize(390, 844))
	must(t, store.Go(n.URL+"/?user=Matt"))
	store.notice("The engine could not be fetched")
	store.until(browser.Still)
	if at := eval[float64](store, `document.querySelector('.js-notice').getBoundingClientRect().bottom`); at > 844 {
		t.Errorf("the notice ends %v px down a window of 844", at)
	}
}
