package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// Ids of the datafile that mustParse makes.
const (
	sortID, colourID  = "60", "61"
	price, category   = "71", "72"
	red, blue         = "73", "74"
	purchase, newsOut = "81", "82"
)

func mustParse(tb testing.TB, revision string) *datafile.Project {
	tb.Helper()
	experiment := func(id, key, first, firstKey, second, secondKey string) string {
		return fmt.Sprintf(`{"id":%q,"key":%q,"layerId":"50","status":"Running","audienceIds":[],"forcedVariations":{},`+
			`"trafficAllocation":[{"entityId":%[3]q,"endOfRange":5000},{"entityId":%[5]q,"endOfRange":10000}],`+
			`"variations":[{"id":%[3]q,"key":%[4]q},{"id":%[5]q,"key":%[6]q}]}`, id, key, first, firstKey, second, secondKey)
	}
	text := fmt.Sprintf(`{"version":"4","accountId":"1001","projectId":%q,"revision":%q,"experiments":[%s,%s],"groups":[],"featureFlags":[],`+
		`"rollouts":[{"id":"90","experiments":[%s]}],"audiences":[],"attributes":[],`+
		`"events":[{"id":"81","key":"purchase","experimentIds":[]},{"id":"82","key":"newsletter","experimentIds":[]}]}`,
		relaytest.ProjectID, revision,
		experiment(sortID, "sort", price, "price", category, "category"),
		experiment(colourID, "colour", red, "red", blue, "blue"),
		experiment("69", "rule", "79", "on", "78", "off"))
	project, err := datafile.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return project
}

// noon is the clock of these tests.
func noon() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }

// seen and did make visitor objects; their uuids tell them apart.
func seen(visitor, experiment, variation string, at int64) string {
	uuid := fmt.Sprintf("%s saw %s of %s at %d", visitor, variation, experiment, at)
	return relaytest.Impression(visitor, experiment, variation, uuid, at)
}

func did(visitor, event string, at, revenue int64) string {
	uuid := fmt.Sprintf("%s did %s for %d at %d", visitor, event, revenue, at)
	return relaytest.Conversion(visitor, event, "key of "+event, uuid, at, revenue)
}

// counted returns the report of a project after the visitors came, each in a
// batch of its own.
func counted(tb testing.TB, visitors ...string) *Report {
	tb.Helper()
	p := Project{SDKKey: "demo", Datafile: mustParse(tb, "7")}
	b := newBook(1000, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{p})
	for _, v := range visitors {
		b.add("demo", noon(), eventlogtest.MustDecode(tb, "", relaytest.Body(v)).Events)
	}
	return newReport(p, b.tallies["demo"], 0, Query{Timeseries: true})
}

// brief writes what a report says of an experiment: visitors of each
// variation, its converters/conversions/revenue of the purchase, and health.
func brief(report *Report, experiment int) string {
	e := report.Experiments[experiment]
	var parts []string
	for _, id := range e.Variations {
		arm := fmt.Sprintf("%s %d:", e.Reach.Variations[id].Name, e.Reach.Variations[id].Count)
		var values []string
		for _, m := range e.Metrics[:3] {
			values = append(values, fmt.Sprint(int64(m.Results[id].Value)))
		}
		parts = append(parts, arm+strings.Join(values, "/"))
	}
	h := e.Health
	return fmt.Sprintf("%s; %d duplicates, %d unattributed, %d crossovers", strings.Join(parts, ", "), h.Duplicates, h.Unattributed, h.Crossovers)
}

func TestWhatCounts(t *testing.T) {
	with := func(visitor, old, replacement string) string {
		if !strings.Contains(visitor, old) {
			t.Fatalf("%s holds no %s", visitor, old)
		}
		return strings.Replace(visitor, old, replacement, 1)
	}
	for name, test := range map[string]struct {
		visitors []string
		want     string
	}{
		"nothing yet":                               {nil, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"an exposure and a conversion behind it":    {[]string{seen("v", sortID, price, 5), did("v", purchase, 6, 300)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a conversion at the same time":             {[]string{seen("v", sortID, price, 5), did("v", purchase, 5, 300)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a conversion before the exposure":          {[]string{seen("v", sortID, price, 5), did("v", purchase, 4, 300)}, "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 1 unattributed, 0 crossovers"},
		"a conversion that arrives first":           {[]string{did("v", purchase, 6, 300), seen("v", sortID, price, 5)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"two conversions of one visitor":            {[]string{seen("v", sortID, price, 5), did("v", purchase, 6, 300), did("v", purchase, 7, 200)}, "price 1:1/2/500, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a refund":                                  {[]string{seen("v", sortID, price, 5), did("v", purchase, 6, 300), did("v", purchase, 7, -100)}, "price 1:1/2/200, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a conversion of nobody":                    {[]string{did("v", purchase, 6, 300)}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 1 unattributed, 0 crossovers"},
		"another visitor's conversion":              {[]string{seen("v", sortID, price, 5), did("w", purchase, 6, 300)}, "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 1 unattributed, 0 crossovers"},
		"the same exposure again":                   {[]string{seen("v", sortID, price, 5), seen("v", sortID, price, 8)}, "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a crossover stays with its first":          {[]string{seen("v", sortID, price, 5), seen("v", sortID, category, 6), did("v", purchase, 7, 300)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 1 crossovers"},
		"a first exposure that arrives late":        {[]string{seen("v", sortID, price, 5), did("v", purchase, 7, 300), seen("v", sortID, category, 4)}, "price 0:0/0/0, category 1:1/1/300; 0 duplicates, 0 unattributed, 1 crossovers"},
		"it brings in earlier conversions":          {[]string{did("v", purchase, 4, 300), seen("v", sortID, price, 5), seen("v", sortID, price, 4)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a decision that came with a conversion":    {[]string{with(seen("v", sortID, price, 5), event.Activated, "newsletter")}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 1 unattributed, 0 crossovers"},
		"two first exposures at one time":           {[]string{seen("v", sortID, category, 5), seen("v", sortID, price, 5)}, "price 0:0/0/0, category 1:0/0/0; 0 duplicates, 0 unattributed, 1 crossovers"},
		"a conversion with a uuid that came":        {[]string{seen("v", sortID, price, 5), did("v", purchase, 6, 300), did("v", purchase, 6, 300)}, "price 1:1/1/300, category 0:0/0/0; 1 duplicates, 0 unattributed, 0 crossovers"},
		"a delivery rule's exposure":                {[]string{with(seen("v", sortID, price, 5), `"rule_type":"experiment"`, `"rule_type":"rollout"`)}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a holdout's":                               {[]string{with(seen("v", sortID, price, 5), `"rule_type":"experiment"`, `"rule_type":"holdout"`)}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a flag experiment's":                       {[]string{with(seen("v", sortID, price, 5), `"rule_type":"experiment"`, `"rule_type":"feature-test"`)}, "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"an exposure to no variation":               {[]string{with(seen("v", sortID, price, 5), `"variation_id":"71"`, `"variation_id":null`)}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"one to a variation the datafile dropped":   {[]string{seen("v", sortID, "700", 5)}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"another experiment's exposure":             {[]string{seen("v", colourID, red, 5), did("v", purchase, 6, 300)}, "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 1 unattributed, 0 crossovers"},
		"an event without its id":                   {[]string{seen("v", sortID, price, 5), with(with(did("v", purchase, 6, 300), `"entity_id":"81"`, `"entity_id":null`), `"key":"key of 81"`, `"key":"purchase"`)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"another event":                             {[]string{seen("v", sortID, price, 5), did("v", newsOut, 6, 300)}, "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a revenue beyond reason":                   {[]string{seen("v", sortID, price, 5), with(did("v", purchase, 6, 300), `"revenue":300`, `"revenue":1e300`)}, "price 1:1/1/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"times of long ago and of the far future":   {[]string{seen("v", sortID, price, -5), did("v", purchase, 1<<62, 300)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"the last of all times, arriving first":     {[]string{did("v", purchase, 1<<63-1, 300), seen("v", sortID, price, 1<<63-1)}, "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
		"a visitor id that holds another's as well": {[]string{seen("v", sortID, price, 5), seen("v ", sortID, price, 5)}, "price 2:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := brief(counted(t, test.visitors...), 0); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestOneConversionCountsInEveryExperiment(t *testing.T) {
	report := counted(t, seen("v", sortID, price, 1), did("v", purchase, 2, 300), seen("v", colourID, blue, 2), did("v", newsOut, 1, 0))
	if got := brief(report, 1); got != "red 0:0/0/0, blue 1:1/1/300; 0 duplicates, 1 unattributed, 0 crossovers" {
		t.Errorf("colour: %s", got)
	}
	if got := brief(report, 0); got != "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers" {
		t.Errorf("sort: %s", got)
	}
}

// happening is one event of the model.
type happening struct {
	visitor, experiment, variation, event int // experiment -1: a conversion
	at, revenue                           int64
}

func (h happening) visitorObject() string {
	visitor := fmt.Sprint("visitor ", h.visitor)
	if h.experiment < 0 {
		return did(visitor, []string{purchase, newsOut}[h.event], h.at, h.revenue)
	}
	arms := [][]string{{price, category}, {red, blue}}
	return seen(visitor, []string{sortID, colourID}[h.experiment], arms[h.experiment][h.variation], h.at)
}

func randomStory(random *rand.Rand) []happening {
	story := make([]happening, 60)
	for i := range story {
		h := happening{visitor: random.IntN(6), experiment: random.IntN(4) - 2, variation: random.IntN(2), event: random.IntN(2)}
		h.experiment = max(h.experiment, -1)
		h.at = int64(2 * i) // no two exposures at one time,
		if h.experiment < 0 {
			h.at = int64(random.IntN(2 * len(story))) // but conversions at any
			h.revenue = int64(1000*i + random.IntN(500))
		}
		story[i] = h
	}
	return story
}

// modelled counts a story the plain way: sorted, visitor by visitor.
func modelled(story []happening, experiment int) string {
	type arm struct{ visitors, converters, conversions, revenue int64 }
	var arms [2]arm
	unattributed, crossovers := 0, 0
	for visitor := range 6 {
		first := happening{at: 1 << 60, variation: -1}
		crossed := false
		var mine []happening
		for _, h := range story {
			if h.visitor != visitor {
				continue
			}
			if h.experiment < 0 {
				mine = append(mine, h)
			}
			if h.experiment == experiment {
				crossed = crossed || first.variation >= 0 && h.variation != first.variation
				if h.at < first.at {
					first = h
				}
			}
		}
		converted := false
		for _, h := range mine {
			if h.at < first.at {
				unattributed++
			} else if a := &arms[first.variation]; h.event == 0 {
				a.conversions++
				a.revenue += h.revenue
				converted = true
			}
		}
		if first.variation >= 0 {
			arms[first.variation].visitors++
			if converted {
				arms[first.variation].converters++
			}
		}
		if crossed {
			crossovers++
		}
	}
	names := [][]string{{"price", "category"}, {"red", "blue"}}[experiment]
	var parts []string
	for i, a := range arms {
		parts = append(parts, fmt.Sprintf("%s %d:%d/%d/%d", names[i], a.visitors, a.converters, a.conversions, a.revenue))
	}
	return fmt.Sprintf("%s; 0 duplicates, %d unattributed, %d crossovers", strings.Join(parts, ", "), unattributed, crossovers)
}

func mustMarshal(tb testing.TB, value any) []byte {
	tb.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 10 {
		story := randomStory(random)
		var first *Report
		for order := range 12 {
			random.Shuffle(len(story), func(i, j int) { story[i], story[j] = story[j], story[i] })
			visitors := make([]string, len(story))
			for i, h := range story {
				visitors[i] = h.visitorObject()
			}
			report := counted(t, visitors...)
			if order == 0 {
				first = report
				for experiment := range 2 {
					if got, want := brief(report, experiment), modelled(story, experiment); got != want {
						t.Fatalf("counted  %s\nmodelled %s", got, want)
					}
				}
			} else if !bytes.Equal(mustMarshal(t, first), mustMarshal(t, report)) {
				t.Fatalf("another order of arrival gives (-first +other):\n%s", cmp.Diff(first, report))
			}
		}
	}
}

func TestAVisitorWithVeryManyConversionsIsCountedStill(t *testing.T) {
	visitors := []string{seen("v", sortID, price, 1)}
	for i := range int64(3 * maxConversions) {
		visitors = append(visitors, did("v", purchase, 10+i, 1))
	}
	if got := brief(counted(t, visitors...), 0); got != "price 1:1/192/192, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers" {
		t.Error(got)
	}
}

func TestWhatSendersMakeUpIsBounded(t *testing.T) {
	p := Project{SDKKey: "demo", Datafile: mustParse(t, "7")}
	b := newBook(50, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{p})
	for i := range 2 * maxForeign {
		made := fmt.Sprint("made up ", i)
		for _, v := range []string{seen("v", made, price, 1), seen("v", sortID, made, 1), did("v", made, 1, 1), did(made, purchase, 1, 1)} {
			b.add("demo", noon(), eventlogtest.MustDecode(t, "", relaytest.Body(v)).Events)
		}
	}
	tally := b.tallies["demo"]
	if len(tally.experiments) > maxForeign+2 || len(tally.eventIndex) > maxForeign+1 || tally.visitors.rows.len() > 50 {
		t.Errorf("%d experiments, %d events, %d visitors", len(tally.experiments), len(tally.eventIndex), tally.visitors.rows.len())
	}
	b.add("demo", noon(), eventlogtest.MustDecode(t, "", relaytest.Body(seen("v", colourID, blue, 1))).Events)
	if got := newReport(p, tally, 0, Query{}).Experiments[1].Reach.Variations[blue].Count; got != 1 {
		t.Errorf("a real experiment counts %d after all that", got)
	}
}

// million is a tally of a million visitors, a tenth of whom converted.
func million(b *testing.B) (*book, *tally) {
	b.Helper()
	book := crowd(b, 1_000_000)
	return book, book.tallies["demo"]
}

// crowd is a book of so many visitors.
func crowd(tb testing.TB, visitors int64) *book {
	tb.Helper()
	book := newBook(5_000_000, slog.New(slog.DiscardHandler), noon)
	book.begin([]Project{{SDKKey: "demo", Datafile: mustParse(tb, "7")}})
	for i := range visitors {
		count(book, i)
	}
	return book
}

// count counts what the visitor of a number does.
func count(b *book, i int64) {
	at := noon().UnixMilli() + i
	visitor := fmt.Sprint("visitor ", i)
	exposure := event.Snapshot{
		Decisions: []event.Decision{{ExperimentID: sortID, VariationID: []string{price, category}[i%2], Metadata: event.Metadata{RuleType: "ab-test"}}},
		Events:    []event.Event{{UUID: visitor, Key: event.Activated, Timestamp: at}},
	}
	v := event.Visitor{ID: visitor, Snapshots: []event.Snapshot{exposure}}
	if i%10 == 0 {
		v.Snapshots = append(v.Snapshots, event.Snapshot{Events: []event.Event{{EntityID: purchase, Key: "purchase", UUID: visitor + "!",
			Timestamp: at + 5, Revenue: event.Amount{Number: float64(i % 5000), Valid: true}}}})
	}
	b.add("demo", noon(), &event.Batch{ProjectID: relaytest.ProjectID, Revision: "7", Visitors: []event.Visitor{v}})
}

// BenchmarkFold counts visitors, each with 1.1 events, and looks at the results now and then.
func BenchmarkFold(b *testing.B) {
	p := Project{SDKKey: "demo", Datafile: mustParse(b, "7")}
	book := newBook(5_000_000, slog.New(slog.DiscardHandler), noon)
	book.begin([]Project{p})
	b.ReportAllocs()
	i := int64(0)
	for b.Loop() {
		count(book, i)
		if i++; i%10_000 == 0 {
			newReport(p, book.tallies["demo"], 0, Query{})
		}
	}
	b.ReportMetric(1.1*float64(i)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkMillionVisitors(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	book, t := million(b)
	p := book.projects[0]
	begin := time.Now()
	newReport(p, t, 0, Query{})
	first := time.Since(begin)
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ResetTimer()
	i := int64(1_000_000)
	for b.Loop() {
		count(book, i)
		newReport(p, t, 0, Query{})
		i++
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "B/visitor")
	b.ReportMetric(float64(first.Milliseconds()), "ms-first-report")
	runtime.KeepAlive(book)
}
