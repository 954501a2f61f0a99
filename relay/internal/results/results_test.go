package results

import (
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is a running log with running results.
type house struct {
	tb       testing.TB
	log      *eventlog.Log
	results  *Results
	projects atomic.Pointer[[]Project]
	changed  chan []string
}

// mustStart counts the log in dir, for demo and sandbox, which share a datafile.
func mustStart(tb testing.TB, dir string) *house {
	tb.Helper()
	h := &house{tb: tb, changed: make(chan []string, 1000)}
	d := mustParse(tb, "7")
	h.projects.Store(&[]Project{{"demo", d}, {"sandbox", d}})
	log, err := eventlog.Open(dir, eventlog.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := log.Close(); err != nil {
			tb.Error(err)
		}
	})
	relaytest.MustRun(tb, "event log", log.Run)
	h.log = log
	return h
}

func (h *house) count() {
	h.tb.Helper()
	h.results = New(Options{
		Log:        h.log,
		Projects:   func() []Project { return *h.projects.Load() },
		Duplicates: h.log.Duplicates,
		Changed:    func(sdkKeys []string) { h.changed <- sdkKeys },
		Interval:   time.Millisecond,
	})
	relaytest.MustRun(h.tb, "results", h.results.Run)
	select {
	case <-h.results.Ready():
	case <-time.After(relaytest.Patience):
		h.tb.Fatal("the log is never read through")
	}
}

func (h *house) mustAppend(sdkKey string, visitors ...string) {
	h.tb.Helper()
	eventlogtest.MustAppend(h.tb, h.log, sdkKey, relaytest.Body(visitors...))
}

// waitFor waits until a project's first experiment reads so.
func (h *house) waitFor(sdkKey, want string) {
	h.tb.Helper()
	got := ""
	for timeout := time.After(relaytest.Patience); ; {
		if report, ok := h.results.Report(sdkKey); ok {
			got = brief(report, 0)
		}
		if got == want {
			return
		}
		select {
		case <-h.changed:
		case <-timeout:
			h.tb.Fatalf("results of %s: %s\nwant %s", sdkKey, got, want)
		}
	}
}

const nothing = "price 0:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers"

func TestResultsFollowTheLog(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.waitFor("demo", nothing)
	h.mustAppend("demo", seen("v", sortID, price, 5))
	h.waitFor("demo", "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	h.mustAppend("demo", did("v", purchase, 6, 300), seen("w", sortID, category, 5))
	h.waitFor("demo", "price 1:1/1/300, category 1:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	h.waitFor("sandbox", nothing)
}

func TestTheFirstResultsHoldTheWholeLog(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.mustAppend("demo", seen("v", sortID, price, 5))
	h.mustAppend("demo", did("v", purchase, 6, 300))
	h.count()
	report, ok := h.results.Report("demo")
	if got := brief(report, 0); !ok || got != "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers" {
		t.Error(got)
	}
}

func TestOnlyProjectsThatChangedAreAnnounced(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	if first := <-h.changed; len(first) != 2 {
		t.Errorf("at the start: %q", first)
	}
	h.mustAppend("sandbox", seen("v", sortID, price, 5))
	if next := <-h.changed; !slices.Equal(next, []string{"sandbox"}) {
		t.Errorf("after an event of the sandbox: %q", next)
	}
}

func TestAPostWithoutAKeyBelongsToTheFirstProjectThatHasTheExperiment(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.mustAppend("sandbox", seen("w", sortID, price, 5))
	h.mustAppend("", seen("v", sortID, price, 5), did("v", purchase, 6, 300), did("w", purchase, 6, 200), did("x", purchase, 6, 100))
	h.waitFor("demo", "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 2 unattributed, 0 crossovers")
	h.waitFor("sandbox", "price 1:1/1/200, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
}

func TestDuplicatesChangeNothingButTheirCount(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	for range 3 {
		h.mustAppend("demo", seen("v", sortID, price, 5), did("v", purchase, 6, 300))
		h.mustAppend("", did("v", purchase, 7, 300))
	}
	h.waitFor("demo", "price 1:1/2/600, category 0:0/0/0; 6 duplicates, 0 unattributed, 0 crossovers")
	if report, _ := h.results.Report("sandbox"); report.Experiments[0].Health.Duplicates != 0 {
		t.Errorf("the sandbox: %s", brief(report, 0))
	}
}

func TestEventsAreCountedOnceTheirDatafileIsThere(t *testing.T) {
	h := mustStart(t, t.TempDir())
	projects := *h.projects.Load()
	h.projects.Store(&[]Project{})
	h.mustAppend("", seen("v", sortID, price, 5), did("v", purchase, 6, 300))
	h.mustAppend("sandbox", seen("w", sortID, category, 5))
	h.count()
	if _, ok := h.results.Report("demo"); ok {
		t.Error("there is a report without a datafile")
	}
	h.projects.Store(&projects)
	h.mustAppend("demo", seen("x", sortID, price, 5))
	h.waitFor("demo", "price 2:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	h.waitFor("sandbox", "price 0:0/0/0, category 1:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
}

func TestANewRevisionIsReportedAtOnce(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.projects.Store(&[]Project{{"demo", mustParse(t, "8")}})
	if report, ok := h.results.Report("demo"); !ok || report.Revision != "8" {
		t.Errorf("report: %+v", report)
	}
	if _, ok := h.results.Report("sandbox"); ok {
		t.Error("a project that is gone has a report")
	}
}

func TestTheReportHasTheShapeOfOptimizelysResults(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.mustAppend("demo", seen("v", sortID, price, 5), did("v", purchase, 6, 300), seen("w", sortID, price, 5), seen("x", sortID, category, 5))
	h.waitFor("demo", "price 2:1/1/300, category 1:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	text, ok := h.results.Results("demo")
	if !ok {
		t.Fatal("no results")
	}
	var report struct {
		Experiments []json.RawMessage `json:"experiments"`
	}
	if err := json.Unmarshal(text, &report); err != nil || len(report.Experiments) != 2 {
		t.Fatalf("%s: %v", text, err)
	}
	var sort struct {
		Metrics []json.RawMessage `json:"metrics"`
		Reach   json.RawMessage   `json:"reach"`
	}
	if err := json.Unmarshal(report.Experiments[0], &sort); err != nil || len(sort.Metrics) != 6 {
		t.Fatalf("%s: %v", report.Experiments[0], err)
	}
	for want, got := range map[string]string{
		`{"total_count":3,"variations":{"71":{"name":"price","count":2,"variation_reach":0.6666666666666666},` +
			`"72":{"name":"category","count":1,"variation_reach":0.3333333333333333}}}`: string(sort.Reach),
		`{"name":"purchase","event_id":"81","aggregator":"unique","field":null,"scope":"visitor","results":{` +
			`"71":{"name":"price","is_baseline":true,"samples":2,"value":1,"rate":0.5},` +
			`"72":{"name":"category","is_baseline":false,"samples":1,"value":0,"rate":0}}}`: string(sort.Metrics[0]),
		`{"name":"purchase","event_id":"81","aggregator":"sum","field":"revenue","scope":"visitor","results":{` +
			`"71":{"name":"price","is_baseline":true,"samples":2,"value":300,"rate":150},` +
			`"72":{"name":"category","is_baseline":false,"samples":1,"value":0,"rate":0}}}`: string(sort.Metrics[2]),
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
