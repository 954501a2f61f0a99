package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// happened is one event of a stream with a known answer.
type happened struct {
	visitor, variation string // variation "": a purchase
	at, revenue        int64
}

func (h happened) visitorObject() string {
	uuid := fmt.Sprint(h.visitor, " ", h.variation, " ", h.at)
	if h.variation == "" {
		return relaytest.Conversion(h.visitor, demotest.Event, demotest.EventKey, uuid, h.at, h.revenue)
	}
	return relaytest.Impression(h.visitor, demotest.Experiment, h.variation, uuid, h.at)
}

// mustPostAll posts the events to the demo, so many in a batch.
func mustPostAll(t *testing.T, relay *process.Relay, events []happened, size int) {
	t.Helper()
	for len(events) > 0 {
		n := min(size, len(events))
		var visitors []string
		for _, e := range events[:n] {
			visitors = append(visitors, e.visitorObject())
		}
		events = events[n:]
		body := demotest.Body(visitors...)
		body = strings.Replace(body, `"revision":"7"`, `"revision":"1"`, 1)
		if got := relaytest.MustPost(t, relay.URL+"/v1/events?sdkKey=demo", body); got.Status != http.StatusNoContent {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
}

// tenAgainstTwelve are 10 000 visitors by turns: 500 of 5000 buy in price, 600 of 5000 in category.
func tenAgainstTwelve() (events []happened) {
	const begin = 1_790_000_000_000
	for i := range 10_000 {
		h := happened{visitor: fmt.Sprint("visitor ", i), variation: demotest.Price, at: begin + int64(i)*1000}
		bought := i/2%10 == 0
		if i%2 == 1 {
			h.variation = demotest.Category
			bought = i/2%25 < 3
		}
		events = append(events, h)
		if bought {
			events = append(events, happened{visitor: h.visitor, at: h.at + 10, revenue: int64(1000 + i)})
		}
	}
	return events
}

// outcome is what the API tells of a metric of one variation.
type outcome struct {
	Samples, Value, Rate float64
	Status               string `json:"x_status"`
	Lift                 *struct {
		Value        float64
		Significance float64
		Interval     [2]float64 `json:"confidence_interval"`
		P            float64    `json:"x_p_value"`
		Current      struct {
			P        float64    `json:"p_value"`
			Naive    float64    `json:"naive_p_value"`
			Interval [2]float64 `json:"confidence_interval"`
		} `json:"x_current"`
	}
}

// mustAsk asks for the demo's results and returns the metrics of its one experiment.
func mustAsk(t *testing.T, relay *process.Relay) []map[string]outcome {
	t.Helper()
	var report struct {
		Experiments []struct {
			Metrics []struct{ Results map[string]outcome }
		}
	}
	answer := relaytest.MustGet(t, relay.URL+"/v1/results/demo")
	if err := json.Unmarshal([]byte(answer.Body), &report); err != nil || len(report.Experiments) != 1 {
		t.Fatalf("%d %s: %v", answer.Status, answer.Body, err)
	}
	var metrics []map[string]outcome
	for _, m := range report.Experiments[0].Metrics {
		metrics = append(metrics, m.Results)
	}
	return metrics
}

func mustBeNear(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*math.Abs(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func TestTheFiguresAreThoseOfAnIndependentComputationOnTheAPIAndOnThePage(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("No visitors yet")
	mustPostAll(t, relay, tenAgainstTwelve(), 500)
	mustCountUntil(t, relay, counts{Visitors: 10_000, Conversions: 1100})

	// By scipy and gbstats, for 500 of 5000 against 600 of 5000.
	category := mustAsk(t, relay)[0][demotest.Category]
	mustBeNear(t, "lift", category.Lift.Value, 0.2)
	mustBeNear(t, "p of these counts", category.Lift.Current.P, 0.03348600165745384)
	mustBeNear(t, "p of a z-test", category.Lift.Current.Naive, 0.0013855358229039759)
	mustBeNear(t, "low end", category.Lift.Current.Interval[0], 0.02239149243573424)
	mustBeNear(t, "high end", category.Lift.Current.Interval[1], 0.41222439813501643)
	if l := category.Lift; l.P > l.Current.P || l.Interval[0] < l.Current.Interval[0] || l.Interval[1] > l.Current.Interval[1] || category.Status != "winner" {
		t.Errorf("what was known before is forgotten: %+v", l)
	}
	revenue := 0.0
	for _, e := range tenAgainstTwelve() {
		revenue += float64(e.revenue)
	}
	if got := mustAsk(t, relay)[2]; got[demotest.Price].Value+got[demotest.Category].Value != revenue {
		t.Errorf("revenue %v and %v, want %v together", got[demotest.Price].Value, got[demotest.Category].Value, revenue)
	}

	results.sees("10,000 visitors")
	results.sees("category wins: +20.0% against price")
	row := eval[[]string](results, `[...document.querySelector('table').tBodies[0].rows[1].cells].map((cell) => cell.firstChild.textContent)`)
	want := []string{"category", "5,000", "600", "12.0%", "+20.0%"}
	if fmt.Sprint(row[:5]) != fmt.Sprint(want) || row[8] != "▲ Winner" {
		t.Errorf("the page's row is %q", row)
	}
}

// aGoodBeginning are 8000 visitors by turns: of the first 2000 category sells to 160 of 1000, price to 100; after that both to one in ten.
func aGoodBeginning() (events []happened) {
	for i := range 8000 {
		h := happened{visitor: fmt.Sprint("visitor ", i), variation: demotest.Price, at: 1_790_000_000_000 + int64(i)*1000}
		bought := i/2%10 == 0
		if i%2 == 1 {
			h.variation = demotest.Category
			bought = bought || i < 2000 && i/2%50 < 4 && i/2%50 > 0
		}
		events = append(events, h)
		if bought {
			events = append(events, happened{visitor: h.visitor, at: h.at + 10, revenue: 1000})
		}
	}
	return events
}

func TestAnImprovementThatStraysFromItsIntervalIsSaidTo(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, aGoodBeginning(), 500)
	mustCountUntil(t, relay, counts{Visitors: 8000, Conversions: 860})
	if l := mustAsk(t, relay)[0][demotest.Category].Lift; l.Value >= l.Interval[0] {
		t.Fatalf("the improvement does not stray: %+v", l)
	}
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("category wins: +15.0% against price")
	results.sees("What is observed now lies below what all looks together leave possible")
	results.until(`document.querySelector('[data-status="winner"][data-kind="improvement"]').innerText.includes('below its interval')`)
	results.until(`document.querySelector('.metric-observed--stray').getBoundingClientRect().right < document.querySelector('.metric-bar').getBoundingClientRect().left`)
	for _, width := range []int64{1280, 320} {
		must(t, results.Resize(width, 800))
		results.until(`document.documentElement.scrollWidth <= innerWidth`)
	}
}

func TestTheReaderChoosesConfidenceAndBaselineAndReadsTheCourseAsATable(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 500)
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("category wins")
	must(t, results.Click("radio", "99%"))
	results.sees("No difference beyond chance yet")
	results.until(`location.search.includes('confidence=0.99')`)
	must(t, results.Click("radio", "90%"))
	results.sees("category wins")

	results.until(`[...document.querySelector('#baseline').options].length === 2`)
	eval[any](results, `(document.querySelector('#baseline').value = '`+demotest.Category+`', document.querySelector('#baseline').dispatchEvent(new Event('change', { bubbles: true })), 1)`)
	results.sees("category is better: price −16.7%")

	results.until(`/Improvement over time.*Latest: price −16\.7%/.test(document.querySelector('[data-field="drawing"]').ariaLabel)`)
	eval[any](results, `(document.querySelector('.results-chart summary').click(), 1)`)
	results.until(`document.querySelector('.chart-table')?.rows.length > 100`)
	last := eval[string](results, `document.querySelector('.chart-table').rows[document.querySelector('.chart-table').rows.length - 1].innerText`)
	if !strings.Contains(last, "price") || !strings.Contains(last, "5,000") || !strings.Contains(last, "−16.7%") {
		t.Errorf("the table ends with %q", last)
	}
	results.until(`document.documentElement.scrollWidth <= innerWidth`)
	for _, format := range []string{"csv", "json"} {
		href := eval[string](results, `document.querySelector('.js-export-`+format+`').href`)
		if got := relaytest.MustGet(t, href); got.Status != http.StatusOK || !strings.Contains(got.Body, demotest.Category) || !strings.Contains(href, "baseline="+demotest.Category) {
			t.Errorf("%s: %d %.200s", href, got.Status, got.Body)
		}
	}
	must(t, results.Resize(320, 800))
	results.until(`document.documentElement.scrollWidth <= innerWidth`)
}

func TestWhatIsToldOfTheCourseIsOfTheMetricAndTheMomentThatAreShown(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve()[:40], 40)
	results := mustOpen(t, relay.URL+"/results.html")
	results.until(`document.querySelector('.js-chart canvas')`)
	const moment, told = `document.querySelector('#chart-moment')`, `document.querySelector('[data-field="told"]').textContent`
	results.until(moment + `.value !== '0'`)
	eval[bool](results, `(() => {
		const over = document.querySelector('.u-over');
		const { left, top, width, height } = over.getBoundingClientRect();
		const at = { clientX: left + width / 4, clientY: top + height / 2, bubbles: true };
		for (const type of ['mouseenter', 'mousemove']) over.dispatchEvent(new MouseEvent(type, at));
		return true;
	})()`)
	results.until(moment + `.value !== ` + moment + `.max`)
	if said, words := eval[string](results, moment+`.ariaValueText`), eval[string](results, told); said != words {
		t.Errorf("the slider says %q, and told is %q", said, words)
	}
	if live := eval[string](results, `document.querySelector('[data-field="told"]').ariaLive`); live != "off" {
		t.Error("who hears the page hears the figures with every visitor")
	}

	eval[any](results, `(document.querySelector('.results-chart summary').click(), 1)`)
	results.until(`document.querySelector('.chart-table caption')?.textContent.endsWith(document.querySelector('#chart-metric').options[0].text)`)
	other := eval[string](results, `document.querySelector('#chart-metric').options[1].text`)
	caption := eval[string](results, `((select) => {
		select.selectedIndex = 1;
		select.dispatchEvent(new Event('change', { bubbles: true }));
		return document.querySelector('.chart-table caption').textContent;
	})(document.querySelector('#chart-metric'))`)
	if !strings.HasSuffix(caption, other) {
		t.Errorf("%q is shown, and the table is %q", other, caption)
	}
}

func TestTwelveLinesOfTheChartAreTwelveKeysOfItsLegend(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "many.json")
	relaytest.MustWrite(t, source, manyVariations(t))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}})
	mustPostAll(t, relay, []happened{{"v", demotest.Price, 1_790_000_000_000, 0}}, 10)
	results := mustOpen(t, relay.URL+"/results.html")
	results.until(`document.querySelectorAll('.chart-key').length > 12`)
	const keys = `[...document.querySelectorAll('.chart-key')].slice(0, 12).map((key) => getComputedStyle(key, '::before')).map(
		({ borderTopStyle, borderTopColor }) => borderTopStyle + ' ' + borderTopColor)`
	got := eval[[]string](results, keys)
	slices.Sort(got)
	if len(slices.Compact(slices.Clone(got))) < 12 {
		t.Errorf("lines are told apart in the chart, and not by the keys %q", got)
	}
}

// mustStartWithFortunes starts a relay whose visitors spend what nobody has.
func mustStartWithFortunes(t *testing.T) *process.Relay {
	t.Helper()
	relay := mustStart(t, process.Options{})
	events := tenAgainstTwelve()
	for i := range events {
		events[i].revenue *= 1e8
	}
	mustPostAll(t, relay, events, 1000)
	mustCountUntil(t, relay, counts{Visitors: 10_000, Conversions: 1100})
	return relay
}

func TestTheLabelsOfLargeAmountsAreWhole(t *testing.T) {
	t.Parallel()
	relay := mustStartWithFortunes(t)
	results := mustOpen(t, relay.URL+"/results.html")
	results.until(`document.querySelector('.js-chart canvas')`)
	must(t, results.Click("radio", "Rate"))
	eval[bool](results, `((metric) => {
		metric.value = 'Revenue of item_purchase';
		return metric.dispatchEvent(new Event('change', { bubbles: true }));
	})(document.querySelector('#chart-metric'))`)
	const room = `document.querySelector('.u-over').offsetLeft - 15 >= ((pen) => {
		pen.font = '12px ' + getComputedStyle(document.querySelector('.js-chart')).fontFamily;
		return pen.measureText('$10,000,000.00').width;
	})(document.createElement('canvas').getContext('2d'))`
	results.until(room)
}

func TestAReplayThatIsPermutedDuplicatedAndKilledGivesTheSameNumbers(t *testing.T) {
	t.Parallel()
	events := tenAgainstTwelve()[:4000]
	straight := mustStart(t, process.Options{})
	mustPostAll(t, straight, events, 500)

	data := t.TempDir()
	random := rand.New(rand.NewPCG(1, 1))
	random.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for i := range 4 {
		relay, err := process.Start(t.Context(), process.Options{DataDir: data})
		must(t, err)
		mustPostAll(t, relay, events[max(0, i*1000-300):(i+1)*1000], 150)
		must(t, relay.Kill())
	}
	other := mustStart(t, process.Options{DataDir: data})

	want := mustCount(t, straight)
	mustCountUntil(t, straight, counts{want.Visitors, want.Conversions})
	mustCountUntil(t, other, want)
	first, second := fmt.Sprintf("%+v", mustAskText(t, straight)), fmt.Sprintf("%+v", mustAskText(t, other))
	if first != second {
		t.Errorf("straight  %s\npermuted %s", first, second)
	}
}

// mustAskText is the demo's metrics as the API writes them, courses included.
func mustAskText(t *testing.T, relay *process.Relay) string {
	t.Helper()
	var report struct {
		Experiments []struct{ Metrics json.RawMessage }
	}
	answer := relaytest.MustGet(t, relay.URL+"/v1/results/demo")
	if err := json.Unmarshal([]byte(answer.Body), &report); err != nil || len(report.Experiments) != 1 {
		t.Fatalf("%d %s: %v", answer.Status, answer.Body, err)
	}
	return string(report.Experiments[0].Metrics)
}

func TestBadInputIsCountedByTheRulesAndTold(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	const now = 1_790_000_000_000
	events := []happened{{"v", demotest.Price, now, 0}, {"v", demotest.Category, now + 1, 0}, {"v", "", now + 2, -300}, {"w", "", now + 3, 100}}
	mustPostAll(t, relay, events, 10)
	for _, revenue := range []string{`"lots"`, `1e300`, `"NaN"`, `"Infinity"`} {
		odd := happened{"v", "", now + 10, 0}.visitorObject()
		odd = strings.NewReplacer(`"timestamp"`, `"revenue":`+revenue+`,"timestamp"`, `"uuid":"`, `"uuid":"`+strings.Trim(revenue, `"`)).Replace(odd)
		body := demotest.Body(odd)
		if got := relaytest.MustPost(t, relay.URL+"/v1/events?sdkKey=demo", body); got.Status != http.StatusNoContent {
			t.Errorf("revenue %s: %d %s", revenue, got.Status, got.Body)
		}
	}
	eventually(t, func() (bool, string) {
		got := mustAsk(t, relay)
		done := got[1][demotest.Price].Value == 5 && got[2][demotest.Price].Value == -300
		return done, fmt.Sprintf("%v conversions with a revenue of %v", got[1][demotest.Price].Value, got[2][demotest.Price].Value)
	})
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("4 revenues or values were no usable numbers; their conversions count without them")
	results.sees("1 visitor saw more than one variation")
	results.sees("item-sort (1 visitor)")
	results.sees("1 conversion of visitors who had seen no variation")
	if got := relaytest.MustGet(t, relay.URL+"/v1/results/demo?confidence=1"); got.Status != http.StatusBadRequest || !strings.Contains(got.Body, `"field":"confidence"`) {
		t.Errorf("%d %s", got.Status, got.Body)
	}
}

func TestALinkToWhatTheResultsDoNotHaveIsToldAndTheRestIsShown(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, []happened{{"v", demotest.Price, 1_790_000_000_000, 0}}, 10)
	b := mustBrowser(t)
	for name, test := range map[string]struct{ link, says, shows, baseline string }{
		"a baseline":    {"?confidence=0.99&baseline=nope", "This link asks for the baseline nope, which these results do not have.", "confidence 99%", "price"},
		"an experiment": {"?confidence=0.99&experiment=nope", "This link asks for the experiment nope, which these results do not have.", "confidence 99%", "price"},
		"both":          {"?confidence=0.99&experiment=nope&baseline=nope", "This link asks for the experiment nope, which these results do not have.", "confidence 99%", "price"},
		"an experiment beside a baseline": {"?experiment=nope&baseline=category",
			"This link asks for the experiment nope, which these results do not have.", "confidence 90%", "category"},
		"odd values": {"?confidence=0.97&end=abc&experiment=nope",
			"This link asks for the confidence 0.97 and the end abc, which were not understood and are left out. This link asks for the experiment nope,", "confidence 90%", "price"},
		"a project": {"?project=nope", "The relay has no project nope.", "Show all of demo", ""},
	} {
		t.Run(name, func(t *testing.T) {
			results := mustOpenInTrouble(t, b, relay.URL+"/results.html"+test.link, "")
			defer results.Close()
			results.notice(test.says)
			results.sees(test.shows)
			results.until(`!document.body.innerText.includes('Asking the relay')`)
			if test.baseline != "" {
				results.until(chosenInControls + ` === 'item-sort (1 visitor), ` + test.baseline + `'`)
			}
		})
	}
}

// chosenInControls is what the results are of, as their controls say.
const chosenInControls = `['experiment', 'baseline'].map((name) => document.querySelector('#' + name).selectedOptions[0]?.text).join(', ')`

func TestALinkChoosesARangeOfTimeAsTheAPIDoes(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000) // from 2026-09-21T14:13:20Z, one a second
	mustCountUntil(t, relay, counts{Visitors: 10_000, Conversions: 1100})
	b := mustBrowser(t)
	for link, shows := range map[string]string{
		"?start=2026-09-21T14:13:30Z":                          "9,990 visitors",
		"?end=1790000010000":                                   "10 visitors",
		"?start=2026-09-21T14:13:30Z&end=2026-09-21T15:13:40Z": "3,610 visitors",
	} {
		results := mustOpenInTrouble(t, b, relay.URL+"/results.html"+link, "")
		results.sees(shows)
		results.sees("the counts are of all so far")
		results.sees("These are the results of the project demo, of ")
		results.until(noNotice)
		results.mustBeContent()
		results.Close()
	}
}

// byKind is a variation.
var byKind = map[string]any{"id": "4", "key": "by_kind"}

// mustStartTwo starts a relay whose demo has the experiment shelf-order with these variations beside its own.
func mustStartTwo(t *testing.T, variations ...any) *process.Relay {
	t.Helper()
	var datafile map[string]any
	must(t, json.Unmarshal([]byte(demoDatafile(t, "1", "")), &datafile))
	usual := datafile["experiments"].([]any)[0].(map[string]any)
	other := maps.Clone(usual)
	other["id"], other["key"], other["layerId"] = "2", "shelf-order", "3"
	other["variations"], other["trafficAllocation"] = append([]any{}, variations...), []any{}
	datafile["experiments"] = []any{usual, other}
	text, err := json.Marshal(datafile)
	must(t, err)
	file := filepath.Join(t.TempDir(), "two.json")
	relaytest.MustWrite(t, file, string(text))
	return mustStart(t, process.Options{Args: []string{"--project", "demo=" + file}})
}

func TestAnExperimentWithOneVariationHasNoDifferenceToDraw(t *testing.T) {
	t.Parallel()
	relay := mustStartTwo(t, byKind)
	body := demotest.Body(relaytest.Impression("v", "2", "4", "uuid", 1_790_000_000_000))
	if got := relaytest.MustPost(t, relay.URL+"/v1/events?sdkKey=demo", body); got.Status != http.StatusNoContent {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	results := mustOpen(t, relay.URL+"/results.html?experiment=shelf-order")
	const told = `getComputedStyle(document.querySelector('.chart-drawing'), '::before').content`
	results.until(`/second variation/.test(` + told + `)`)
	must(t, results.Click("radio", "Rate"))
	results.until(told + ` === 'none' && /by_kind 0/.test(document.querySelector('[data-field="told"]').textContent)`)
	must(t, results.Click("radio", "Improvement"))
	results.until(`document.querySelector('[data-field="told"]').textContent === ''`)
}

func TestAnExperimentWithoutVariationsHasNeitherBaselineNorTables(t *testing.T) {
	t.Parallel()
	relay := mustStartTwo(t)
	results := mustOpen(t, relay.URL+"/results.html?experiment=shelf-order")
	results.sees("An experiment without variations has no visitors.")
	const empty = `['label[for="baseline"]', '.js-hint', '.metric-table'].filter((part) => document.querySelector(part)?.checkVisibility())`
	if got := eval[[]string](results, empty); len(got) > 0 {
		t.Errorf("the page shows %v", got)
	}
}

func TestOnlyResultsThatTheStoreCanFillSaySo(t *testing.T) {
	t.Parallel()
	b := mustBrowser(t)
	two, usual := mustStartTwo(t, byKind), mustStart(t, process.Options{})
	for address, want := range map[string]bool{
		two.URL + "/results.html":                        true,
		two.URL + "/results.html?experiment=shelf-order": false,
		usual.URL + "/results.html?project=sandbox":      false,
	} {
		results := mustOpenInTrouble(t, b, address, "")
		results.sees("The figures appear within a second of the first visitor.")
		if got := eval[bool](results, `document.querySelector('.js-hint').checkVisibility()`); got != want {
			t.Errorf("%s tells to buy something in the store: %t", address, got)
		}
	}
}

func TestALinkToOneExperimentOffersTheOthersToo(t *testing.T) {
	t.Parallel()
	relay := mustStartTwo(t, byKind)
	for _, link := range []string{"?experiment=shelf-order", "?experiment=shelf-order&confidence=0.99"} {
		results := mustOpen(t, relay.URL+"/results.html"+link)
		results.sees("item-sort (0 visitors)")
		if got := eval[string](results, `document.querySelector('#experiment').value`); got != "shelf-order" {
			t.Errorf("%s chooses %q", link, got)
		}
	}
}

func TestWhoComesBackToTheResultsFindsAllOfThemAsTheyAre(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: data})
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("item-sort (0 visitors)")
	eval[bool](results, `(Object.defineProperty(document, 'hidden', { value: true, configurable: true }), true)`) // another tab is looked at
	mustPostAll(t, relay, []happened{{"v", demotest.Price, 1_790_000_000_000, 0}}, 10)
	mustCountUntil(t, relay, counts{Visitors: 1})
	mustReplace(t, filepath.Join(data, "demo.json"), demoDatafile(t, "2", "price"))
	results.chip("Live, revision 2")
	eval[bool](results, `delete document.hidden && document.dispatchEvent(new Event('visibilitychange'))`)
	results.sees("item-sort (1 visitor)")
}

func TestAChoiceThatTheRelayCannotAnswerIsToldUntilItCan(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve(), 500)
	n := mustNetwork(t, relay)
	results := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/results.html", "")
	results.sees("category wins")
	n.when("/v1/results/", replaced(http.StatusServiceUnavailable, "application/json", `{"error":"too many questions"}`))
	must(t, results.Click("radio", "99%"))
	results.notice("answered with status 503. What is shown may be old.")
	n.restore()
	results.sees("No difference beyond chance yet")
	results.until(`document.querySelector('.js-notice').innerText.trim() === ''`)
}

func TestTheCourseIsAskedForOfTheExperimentThatIsShownOnly(t *testing.T) {
	t.Parallel()
	relay := mustStartTwo(t, byKind)
	mustPostAll(t, relay, []happened{{"v", demotest.Price, 1_790_000_000_000, 0}}, 10)
	results := mustOpen(t, relay.URL+"/results.html")
	results.until(`/Latest: /.test(document.querySelector('[data-field="drawing"]').ariaLabel)`)
	asked := eval[[]string](results, `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/v1/results/') && !name.endsWith('?timeseries=false'))`)
	for _, address := range asked {
		if !strings.Contains(address, "experiment=item-sort") {
			t.Errorf("the page asked for %s", address)
		}
	}
}

func TestResultsThatAreNotForEveryoneWantTheToken(t *testing.T) {
	t.Parallel()
	cdn, upstream := relaytest.NewCDN(t), relaytest.NewEventAPI(t)
	cdn.Put("/datafiles/SHOP.json", ownProject(t, "41", "cheapest_first"))
	relay := mustStartOwn(t, cdn, upstream, nil)
	results := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/results.html", "")
	results.sees("The results of SHOP are not for everyone.")
	if text := results.text(); strings.Contains(text, "Asking the relay") || strings.Contains(text, "Offline") {
		t.Errorf("the relay has answered, and the page says:\n%s", text)
	}
	enter := func(token, then string) {
		must(t, results.Type("textbox", "token", token)) // which loads the page anew
		eventually(t, func() (bool, string) {
			text, err := browser.Eval[string](results.Page, `document.body.innerText`)
			return err == nil && strings.Contains(text, then), text
		})
	}
	enter("WRONG", "This token does not open the results of SHOP.")
	results.until(`(({ id, ariaInvalid, ariaDescribedByElements: [words] }) => id === 'token' && ariaInvalid === 'true' && /does not open/.test(words.innerText))(document.activeElement)`)
	enter("A_TOKEN_OF_YOUR_OWN", "No visitors yet")
	results.sees("shelf_order")
	results.chip("Live, revision 41")
}

func TestTheResultsAreShownWhereTheBrowsersLanguageIsNone(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	mustPostAll(t, relay, tenAgainstTwelve()[:100], 64)
	const ofThePOSIXLocale = `Object.defineProperty(Navigator.prototype, 'language', { get: () => 'C' });`
	results := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/results.html", ofThePOSIXLocale)
	results.chip("Live, revision 1")
	results.until(`document.querySelector('.js-chart canvas')`)
	results.until(`/visitors · (?!.*2026.*2026).*2026/.test(document.querySelector('.js-span').textContent)`) // two minutes of one day
	results.mustBeContent()
}

// TestAResultsPageIsPushedWhatChanged has a page follow two experiments, of which the datafile drops one.
func TestAResultsPageIsPushedWhatChanged(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, alone := filepath.Join(data, "demo.json"), demoDatafile(t, "2", "price")
	const other = `"experiments": [{"id":"51","key":"other","layerId":"52","status":"Running","audienceIds":[],"forcedVariations":{},` +
		`"variations":[{"id":"53","key":"v"}],"trafficAllocation":[{"entityId":"53","endOfRange":10000}]},`
	relaytest.MustWrite(t, file, strings.Replace(demoDatafile(t, "1", "price"), `"experiments": [`, other, 1))
	relay := mustStart(t, process.Options{DataDir: data})
	results := mustOpen(t, relay.URL+"/results.html")
	shows := func(experiments ...string) {
		t.Helper()
		results.until(`[...document.querySelector('#experiment').options].map(({ text }) => text.replaceAll(/[\u2068\u2069]/g, '')).join() === ` +
			quote(strings.Join(experiments, ",")))
	}
	buy := func(number int64) {
		t.Helper()
		body, _ := demotest.Purchase(number)
		if got := relaytest.MustPost(t, relay.URL+"/v1/events?sdkKey=demo", body); got.Status != http.StatusNoContent {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	shows("other (0 visitors)", "item-sort (0 visitors)")
	results.sees("revision 1")
	buy(1)
	shows("other (0 visitors)", "item-sort (1 visitor)")
	mustReplace(t, file, alone)
	shows("item-sort (1 visitor)")
	results.sees("revision 2")
	buy(2)
	shows("item-sort (2 visitors)")
	results.mustBeContent()

	metrics := relaytest.MustGet(t, relay.AdminURL()+"/metrics").Body
	if !regexp.MustCompile(`relay_stream_frames_total\{kind="changes"\} [1-9]`).MatchString(metrics) {
		t.Error("all was pushed whole")
	}
}

func TestTheNamesThatOptimizelyGivesVariationsTakeOneLineOfTheTables(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "own.json")
	named := strings.NewReplacer(`"key": "price"`, `"key": "variation_1"`, `"key": "category"`, `"key": "variation_2"`)
	relaytest.MustWrite(t, source, named.Replace(relaytest.MustRead(t, "../../public/demo/datafile.json")))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}})
	mustPostAll(t, relay, tenAgainstTwelve(), 1000)
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("10,000 visitors")
	results.until(`document.querySelectorAll('.metric-table').length >= 3`)
	for _, shown := range []struct {
		medium string
		width  int64
	}{{"", 1280}, {"", 1240}, {"", 1200}, {"print", 718}} { // the last one is about a sheet's width
		must(t, results.SetMedia(shown.medium, "prefers-color-scheme", "light"))
		must(t, results.Resize(shown.width, 900))
		if words := eval[[]string](results, brokenWords); len(words) > 0 {
			t.Errorf("%+v: broken are %v", shown, words)
		}
		if wide := eval[[]string](results, tooWide); len(wide) > 0 {
			t.Errorf("%+v: it scrolls sideways: %v", shown, wide)
		}
	}
}

// brokenWords are those in the tables that take more than one line.
const brokenWords = `[...document.querySelectorAll('.metric-table :is(th, .metric-figure)')]
	.filter((part) => getComputedStyle(part.closest('thead') ?? part).position !== 'absolute').flatMap(({ firstChild: text }) => (
	[...text.textContent.matchAll(/\S+/g)].filter((word) => {
		const range = document.createRange();
		range.setStart(text, word.index);
		range.setEnd(text, word.index + word[0].length);
		return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
	}).map(String)))`

func TestATableIsNamedInWordsThatStandApart(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	results := mustOpen(t, relay.URL+"/results.html")
	must(t, results.Click("table", "Visitors with item_purchase primary"))
}

// columns are where those of the tables begin, each table's in a line.
const columns = `[...document.querySelectorAll('.metric-table')].map((table) => [...table.tHead.rows[0].cells].map((cell) => cell.offsetLeft).join())`

func TestTheColumnsOfAllTablesLineUpWhateverStandsInThem(t *testing.T) {
	t.Parallel()
	relay := mustStartWithFortunes(t)
	results := mustOpen(t, relay.URL+"/results.html")
	results.until(`document.querySelectorAll('.metric-table').length >= 3 && /\$[\d,]{13}/.test(document.body.innerText)`)
	for _, medium := range []string{"", "print"} {
		must(t, results.SetMedia(medium, "prefers-color-scheme", "light"))
		if all := eval[[]string](results, columns); len(slices.Compact(slices.Clone(all))) > 1 {
			t.Errorf("on the medium %q the columns begin at %q", medium, all)
		}
		if wide := eval[[]string](results, tooWide); len(wide) > 0 {
			t.Errorf("on the medium %q it scrolls sideways: %v", medium, wide)
		}
	}
}
