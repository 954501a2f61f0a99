package results

import (
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "{   0 0001-01-01 0001-01-01  true false}",
		"experiment=sort&baseline=price": "{sort price  0 0001-01-01 0001-01-01  true false}",
		"confidence=0.99&format=csv":     "{  0.99 0001-01-01 0001-01-01  false true}",
		"timeseries=false":               "{   0 0001-01-01 0001-01-01  false false}",
		"start=2026-01-31T12:00:00Z&end=1893456000000": "{   0 2026-01-31 2030-01-01  true false}",
		"confidence=0.5":                    "confidence must be 0.9, 0.95 or 0.99",
		"start=yesterday":                   "start must be a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970",
		"start=9999999999999999999":         "start must be a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970",
		"start=0000-01-01T00:00:00%2B01:00": "start must be a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970",
		"end=9999-12-31T23:59:59-01:00":     "end must be a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970",
		"start=2000&end=1000":               "end must be after start",
		"crossovers=last":                   "crossovers must be first or exclude",
		"timeseries=perhaps":                "timeseries must be true or false",
		"format=xml":                        "format must be json or csv",
		"sort=desc":                         "sort is no parameter of results",
	} {
		t.Run(text, func(t *testing.T) {
			values, err := url.ParseQuery(text)
			if err != nil {
				t.Fatal(err)
			}
			q, err := ParseQuery(values)
			got := fmt.Sprintf("{%s %s %s %v %s %s  %v %v}", q.Experiment, q.Baseline, q.Crossovers, q.Confidence,
				q.Start.UTC().Format(time.DateOnly), q.End.UTC().Format(time.DateOnly), q.Timeseries, q.CSV)
			var wrong *QueryError
			if errors.As(err, &wrong) {
				got = wrong.Error()
			}
			if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestAMomentIsTheSameHoweverItIsWritten compares queries as what keeps their answers does.
func TestAMomentIsTheSameHoweverItIsWritten(t *testing.T) {
	want := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-01-31T12:00:00Z", "2026-01-31T17:45:00+05:45", "1769860800000"} {
		if q, err := ParseQuery(url.Values{"start": {text}}); err != nil || q.Start != want {
			t.Errorf("%s is read as %v, %v", text, q.Start, err)
		}
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add("start=1&end=2&confidence=0.9&crossovers=exclude&timeseries=1&format=csv")
	b := storyBook(f)
	f.Fuzz(func(_ *testing.T, text string) {
		values, _ := url.ParseQuery(text)
		if q, err := ParseQuery(values); err == nil && q.check(b.tallies["demo"]) == nil {
			encoded(newReport(b.projects[0], b.tallies["demo"], 0, q))
		}
	})
}

// storyBook holds three visitors of sort; one of them, of 12:00, saw both.
func storyBook(tb testing.TB) *book {
	tb.Helper()
	b := newBook(100, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{{SDKKey: "demo", Datafile: mustParse(tb, "7")}})
	hour := func(n int64) int64 { return noon().UnixMilli() + n*time.Hour.Milliseconds() }
	for _, v := range []string{
		seen("early", sortID, price, hour(-1)), did("early", purchase, hour(-1), 100), did("early", purchase, hour(1), 200),
		seen("both", sortID, price, hour(0)), seen("both", sortID, category, hour(1)), did("both", purchase, hour(1), 400),
		seen("late", sortID, category, hour(2)), did("late", purchase, hour(2), 800),
	} {
		b.add("demo", noon(), eventlogtest.MustDecode(tb, "", relaytest.Body(v)).Events)
	}
	return b
}

func TestAQueryLeavesOutWhatItSays(t *testing.T) {
	b := storyBook(t)
	hour := func(n int) time.Time { return noon().Add(time.Duration(n) * time.Hour) }
	for name, test := range map[string]struct {
		query Query
		want  string
	}{
		"nothing":            {Query{}, "price 2:2/3/700, category 1:1/1/800; 0 duplicates, 0 unattributed, 1 crossovers"},
		"crossovers":         {Query{Crossovers: "exclude"}, "price 1:1/2/300, category 1:1/1/800; 0 duplicates, 1 unattributed, 1 crossovers"},
		"visitors before":    {Query{Start: hour(0)}, "price 1:1/1/400, category 1:1/1/800; 0 duplicates, 0 unattributed, 1 crossovers"},
		"events from then":   {Query{End: hour(1)}, "price 2:1/1/100, category 0:0/0/0; 0 duplicates, 0 unattributed, 1 crossovers"},
		"both of these":      {Query{Start: hour(0), End: hour(2)}, "price 1:1/1/400, category 0:0/0/0; 0 duplicates, 0 unattributed, 1 crossovers"},
		"another experiment": {Query{Experiment: sortID}, "price 2:2/3/700, category 1:1/1/800; 0 duplicates, 0 unattributed, 1 crossovers"},
	} {
		t.Run(name, func(t *testing.T) {
			report := newReport(b.projects[0], b.tallies["demo"], 0, test.query)
			if got := brief(report, 0); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if test.query.Experiment != "" && len(report.Experiments) != 1 {
				t.Errorf("%d experiments", len(report.Experiments))
			}
		})
	}
}

func TestABaselineMayBeChosen(t *testing.T) {
	b := storyBook(t)
	for _, name := range []string{"category", category} {
		e := newReport(b.projects[0], b.tallies["demo"], 0, Query{Baseline: name}).Experiments[0]
		if got := e.Metrics[0].Results; !got[category].IsBaseline || got[price].Lift == nil || got[category].Lift != nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for want, q := range map[string]Query{
		`baseline "red" is no variation of the experiments asked for`: {Experiment: "sort", Baseline: "red"},
		`experiment "nonesuch" is none of the project's experiments`:  {Experiment: "nonesuch"},
	} {
		if err := q.check(b.tallies["demo"]); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestAReportAsATable(t *testing.T) {
	b := storyBook(t)
	b.tallies["demo"].experiment(sortID).epochs.Design.Names[price] = "=HYPERLINK(1)"
	text := newReport(b.projects[0], b.tallies["demo"], 0, Query{Experiment: "sort"}).csv()
	lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(lines) != 1+8*2 {
		t.Fatalf("%d lines: %v", len(lines), err)
	}
	want := "60,sort,purchase,unique,,primary,71,'=HYPERLINK(1),true,baseline,2,2,1,0,,,,,,,0.9901960784312747"
	if got := strings.Join(lines[1], ","); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsNoUsableNumberIsToldAndTheConversionCounts(t *testing.T) {
	for amounts, want := range map[string]int64{
		``:                                   0,
		`"revenue":300`:                      0,
		`"revenue":-300`:                     0,
		`"revenue":null`:                     0,
		`"revenue":"lots"`:                   1,
		`"revenue":1e300`:                    1,
		`"revenue":-1e13,"value":[]`:         2,
		`"value":true`:                       1,
		`"tags":{"revenue":"NaN"}`:           1,
		`"tags":{"revenue":"300"}`:           0,
		`"tags":{"value":{}}`:                1,
		`"tags":{"kind":"revenue"}`:          0,
		`"tags":{"value":1e13}`:              1,
		`"tags":{"value":0.5,"revenue":[7]}`: 0,
	} {
		t.Run(amounts, func(t *testing.T) {
			visitor := did("v", purchase, 6, 0)
			if amounts != "" {
				visitor = strings.Replace(visitor, `"timestamp"`, amounts+`,"timestamp"`, 1)
			}
			e := counted(t, seen("v", sortID, price, 5), visitor).Experiments[0]
			if got := e.Metrics[1].Results[price].Value; e.Health.Amounts != want || got != 1 {
				t.Errorf("%d are told, want %d; %v conversions", e.Health.Amounts, want, got)
			}
		})
	}
}

// TestAVisitorWhoseValuesCameToZeroIsNoConverterUntilTheNext has fractions whose sum depends on the order they are added in.
func TestAVisitorWhoseValuesCameToZeroIsNoConverterUntilTheNext(t *testing.T) {
	visitors := []string{seen("v", sortID, price, 5)}
	for i, step := range []struct {
		value string
		want  int64
	}{{"0.1", 1}, {"0.2", 1}, {"-0.30000000000000004", 0}, {"5", 1}} {
		of := did("v", purchase, int64(6+i), 0)
		visitors = append(visitors, strings.Replace(of, `"timestamp"`, `"value":`+step.value+`,"timestamp"`, 1))
		if value := counted(t, visitors...).Experiments[0].Metrics[3]; *value.Field != "value" || value.Results[price].NonZero != step.want {
			t.Errorf("after a value of %s: %d converters by %s, want %d", step.value, value.Results[price].NonZero, *value.Field, step.want)
		}
	}
}

func TestClocksThatAreWrongAreTold(t *testing.T) {
	at := func(by time.Duration) int64 { return noon().Add(by).UnixMilli() }
	report := counted(t, seen("late", sortID, price, at(-25*time.Hour)), seen("ahead", sortID, price, at(24*time.Hour)), did("ahead", purchase, at(25*time.Hour), 0),
		seen("right", sortID, price, at(0)), seen("min", sortID, price, -1<<63), seen("max", sortID, price, 1<<63-1), seen("w", "no such experiment", price, at(0)))
	h := report.Experiments[0].Health
	if h.Late != 2 || h.Ahead != 3 || h.Strangers != 1 {
		t.Errorf("%+v", h)
	}
	if got := brief(report, 0); got != "price 5:1/1/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers" {
		t.Error(got)
	}
	mustMarshal(t, report)
}

func TestAnAnswerThatWasKeptIsDroppedWhenAnythingChanges(t *testing.T) {
	b := storyBook(t)
	queries := []Query{{}, {Crossovers: "exclude"}, {Start: noon()}, {Confidence: 0.99}, {Timeseries: true}, {Baseline: "category"}}
	ask := func() (answers []string) {
		for _, q := range queries {
			for range 2 { // the second is a kept one
				answers = append(answers, string(mustMarshal(t, newReport(b.projects[0], b.tallies["demo"], 0, q))))
			}
		}
		return answers
	}
	before := ask()
	at := noon().Add(3 * time.Hour).UnixMilli()
	for _, visitor := range []string{
		seen("new", sortID, price, at), did("new", purchase, at, 5), seen("early", sortID, category, at), seen("late", sortID, price, noon().UnixMilli()), did("gone", purchase, at, 5),
	} {
		b.add("demo", noon(), eventlogtest.MustDecode(t, "", relaytest.Body(visitor)).Events)
		after := ask()
		for i := range after {
			if after[i] == before[i] {
				t.Errorf("%s changes nothing of the answer to %+v", visitor, queries[i/2])
			}
			if after[i] != after[i/2*2] {
				t.Errorf("the kept answer to %+v is another", queries[i/2])
			}
		}
		before = after
	}
}

func TestTheEventThatThePageIsAboutIsThePrimaryOne(t *testing.T) {
	b := storyBook(t)
	for event, want := range map[string]string{"": "purchase, newsletter", "newsletter": "newsletter, purchase", "no such event": "purchase, newsletter"} {
		p := b.projects[0]
		p.PrimaryEvent = event
		metrics := newReport(p, b.tallies["demo"], 0, Query{}).Experiments[0].Metrics
		if got := metrics[0].Name + ", " + metrics[4].Name; got != want || metrics[0].Tier != primary || metrics[4].Tier != secondary {
			t.Errorf("%q: %s", event, got)
		}
	}
}
