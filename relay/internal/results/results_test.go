package results

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
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
	h.projects.Store(&[]Project{{SDKKey: "demo", Datafile: d}, {SDKKey: "sandbox", Datafile: d}})
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

func (h *house) options() Options {
	return Options{
		Log:        h.log,
		Projects:   func() []Project { return *h.projects.Load() },
		Duplicates: h.log.Duplicates,
		Changed:    func(sdkKeys []string) { h.changed <- sdkKeys },
		Interval:   time.Millisecond,
		Now:        noon,
	}
}

func (h *house) count() {
	h.tb.Helper()
	h.results = New(h.options())
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
		if report, ok, _ := h.results.Report(sdkKey, Query{}); ok {
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
	report, ok, _ := h.results.Report("demo", Query{})
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

func TestAPostWithAKeyBelongsToThatProjectAlone(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.mustAppend("demo", seen("v", sortID, price, 5))
	h.mustAppend("sandbox", seen("v", sortID, price, 4))
	h.mustAppend("demo", did("v", purchase, 6, 300))
	h.waitFor("demo", "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	h.waitFor("sandbox", "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
}

func TestDuplicatesChangeNothingButTheirCount(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	for range 3 {
		h.mustAppend("demo", seen("v", sortID, price, 5), did("v", purchase, 6, 300))
		h.mustAppend("", did("v", purchase, 7, 300))
	}
	h.waitFor("demo", "price 1:1/2/600, category 0:0/0/0; 6 duplicates, 0 unattributed, 0 crossovers")
	if report, _, _ := h.results.Report("sandbox", Query{}); report.Experiments[0].Health.Duplicates != 0 {
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
	if _, ok, _ := h.results.Report("demo", Query{}); ok {
		t.Error("there is a report without a datafile")
	}
	h.projects.Store(&projects)
	h.mustAppend("demo", seen("x", sortID, price, 5))
	h.waitFor("demo", "price 2:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	h.waitFor("sandbox", "price 0:0/0/0, category 1:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	d := mustParse(t, "8")
	h.projects.Store(&[]Project{{SDKKey: "demo", Datafile: d}, {SDKKey: "sandbox", Datafile: d}})
	h.mustAppend("demo", seen("y", sortID, price, 5))
	h.waitFor("demo", "price 3:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers") // once and for all
}

func TestANewRevisionIsReportedAtOnce(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.projects.Store(&[]Project{{SDKKey: "demo", Datafile: mustParse(t, "8")}})
	if report, ok, _ := h.results.Report("demo", Query{}); !ok || report.Revision != "8" {
		t.Errorf("report: %+v", report)
	}
	if _, ok, _ := h.results.Report("sandbox", Query{}); ok {
		t.Error("a project that is gone has a report")
	}
}

func TestTheReportHasTheShapeOfOptimizelysResults(t *testing.T) {
	h := mustStart(t, t.TempDir())
	h.count()
	h.mustAppend("demo", seen("v", sortID, price, 5), did("v", purchase, 6, 300), seen("w", sortID, price, 5), seen("x", sortID, category, 5))
	h.waitFor("demo", "price 2:1/1/300, category 1:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	text, ok, err := h.results.Results("demo", Query{Experiment: "sort"})
	if !ok || err != nil {
		t.Fatal("no results")
	}
	var report struct {
		Experiments []struct {
			Metrics []struct {
				Results map[string]json.RawMessage
			}
			Reach  json.RawMessage
			Health json.RawMessage `json:"x_health"`
		}
	}
	if err := json.Unmarshal(text, &report); err != nil || len(report.Experiments) != 1 || len(report.Experiments[0].Metrics) != 8 {
		t.Fatalf("%s: %v", text, err)
	}
	sort := report.Experiments[0]
	for want, got := range map[string]json.RawMessage{
		`{"total_count":3,"variations":{"71":{"name":"price","count":2,"variation_reach":0.6666666666666666},` +
			`"72":{"name":"category","count":1,"variation_reach":0.3333333333333333}}}`: sort.Reach,
		`{"name":"price","is_baseline":true,"samples":2,"value":1,"rate":0.5,"variance":0.25,"x_converters":1,"x_status":"baseline"}`:    sort.Metrics[0].Results["71"],
		`{"name":"price","is_baseline":true,"samples":2,"value":300,"rate":150,"variance":45000,"x_converters":1,"x_status":"baseline"}`: sort.Metrics[2].Results["71"],
		`{"name":"category","is_baseline":false,"samples":1,"value":0,"rate":0,"variance":0,"x_converters":0,"x_status":"collecting",` +
			`"lift":{"value":-1,"significance":0,"confidence_interval":[null,null],"is_significant":false,"is_most_conclusive":false,` +
			`"lift_status":"equal","visitors_remaining":null,"x_p_value":1,"x_q_value":1,"x_ln_lambda":0.0023639306154811138,"x_ready":false,"x_resets":0,` +
			`"x_difference":-0.5,"x_absolute_ci":[null,null],"x_ci_alpha":0.1,"x_current":{"p_value":0.9976388612681233,"naive_p_value":0.1572992070502852,` +
			`"confidence_interval":[null,null],"naive_called_at":null,"chance_to_beat_baseline":0.0786496035251426}}}`: sort.Metrics[0].Results["72"],
		`{"srm":{"p":1,"ln_bf":-0.00995033085306396,"status":"ok","chi2_p":0.5637028616507731,"expected":{"71":1.5,"72":1.5},"observed":{"71":2,"72":1}},"decisions":{"checked":3,"mismatches":3,"unknown":0},"crossovers":0,"duplicates":0,"unattributed":0,` +
			`"late":4,"ahead":0,"amounts":0,"strangers":0}`: sort.Health,
	} {
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestEventsThatNoDatafileKnowsAreToldTogether(t *testing.T) {
	var told strings.Builder
	now := noon()
	b := newBook(10, slog.New(slog.NewTextHandler(&told, nil)), func() time.Time { return now })
	arrive := func(n int) {
		for range n {
			b.wait(&waiting{VisitorID: "v", Received: now})
		}
	}
	arrive(maxWaiting)
	if told.Len() > 0 {
		t.Errorf("of those that wait it told %s", &told)
	}
	arrive(1000)
	now = now.Add(tellEvery)
	arrive(1)
	if lines := strings.Count(told.String(), "\n"); lines != 2 || !strings.Contains(told.String(), "events=1\n") || !strings.Contains(told.String(), "events=1000\n") {
		t.Errorf("it told\n%s", &told)
	}
}

func TestWhatHasWaitedForLongGivesWayToWhatComes(t *testing.T) {
	p := Project{SDKKey: "demo", Datafile: mustParse(t, "7")}
	now := noon()
	b := newBook(10, slog.New(slog.DiscardHandler), func() time.Time { return now })
	for range maxWaiting {
		b.wait(&waiting{Sighting: sighting{ExperimentID: "made up"}, Received: now})
	}
	now = now.Add(waitFor + time.Second)
	b.add("", now, eventlogtest.MustDecode(t, "", relaytest.Body(seen("v", sortID, price, 5))).Events)
	b.begin([]Project{p})
	if got := brief(newReport(p, b.tallies["demo"], 0, Query{}), 0); got != "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers" {
		t.Error(got)
	}
}

func TestAnEventTooLargeToWaitIsNotCopied(t *testing.T) {
	b := newBook(10, slog.New(slog.DiscardHandler), noon)
	large := waiting{VisitorID: strings.Repeat("x", maxWaitingBytes+1), ProjectID: "none"}
	if allocated := testing.AllocsPerRun(100, func() { b.wait(&large) }); allocated > 0 || len(b.waiting) > 0 {
		t.Errorf("%v allocations, and %d wait", allocated, len(b.waiting))
	}
}
