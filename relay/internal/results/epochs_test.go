package results

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// mustSplit parses the attribution datafile with another revision and end of A's range.
func mustSplit(t *testing.T, revision string, end int) *datafile.Project {
	t.Helper()
	text := strings.NewReplacer(`"revision":"7"`, fmt.Sprintf(`"revision":%q`, revision), `"endOfRange":5000`, fmt.Sprintf(`"endOfRange":%d`, end)).
		Replace(attributionDatafile)
	project, err := datafile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// sees is a batch with one exposure.
func sees(visitor, variation, revision string, at time.Time) *event.Batch {
	return &event.Batch{ProjectID: "2", Revision: revision, Visitors: []event.Visitor{{ID: visitor, Snapshots: []event.Snapshot{{
		Decisions: []event.Decision{{ExperimentID: "60", VariationID: variation, Metadata: event.Metadata{RuleType: "experiment"}}},
		Events:    []event.Event{{UUID: visitor + variation + revision, Key: event.Activated, Timestamp: at.UnixMilli()}},
	}}}}}
}

func TestAVisitorBelongsToTheEpochOfTheDatafileThatDecided(t *testing.T) {
	clock := noon()
	b := newBook(1000, slog.New(slog.DiscardHandler), func() time.Time { return clock })
	publish := func(revision string, end int) {
		clock = clock.Add(time.Hour)
		b.begin([]Project{{SDKKey: "demo", Datafile: mustSplit(t, revision, end)}})
	}
	visitors := 0
	see := func(revision string, at time.Time) {
		visitors++
		b.add("demo", clock, sees(fmt.Sprint("visitor ", visitors), "A", revision, at))
	}
	publish("1", 5000) // 13:00
	see("1", clock)
	publish("2", 5000) // another revision, the same split
	see("2", clock)
	publish("3", 9000) // 15:00
	see("3", clock)
	see("2", clock.Add(time.Minute)) // a page that has not heard of it yet
	publish("3", 1000)               // 16:00; a hand edit that keeps the revision
	see("3", clock.Add(-time.Minute))
	see("3", clock.Add(time.Minute))
	see("no such revision", clock.Add(-90*time.Minute)) // 14:30
	see("no such revision", clock.Add(time.Minute))
	see("", noon().Add(-48*time.Hour))
	var got []string
	for _, e := range newReport(b.projects[0], b.tallies["demo"], 0, Query{}).Experiments[0].Epochs {
		got = append(got, fmt.Sprintf("%d from %s, %v to A: %d", e.Since.Hour(), strings.Join(e.Revisions, "+"), e.Allocation["A"], e.Visitors))
	}
	want := "13 from 1+2, 0.5 to A: 5; 15 from 3, 0.9 to A: 2; 16 from 3, 0.1 to A: 2"
	if strings.Join(got, "; ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "; "), want)
	}
}

func TestAnEpochNamesNoMoreThanItsFirstRevisionAndTheLast(t *testing.T) {
	b := newBook(1000, slog.New(slog.DiscardHandler), noon)
	for i := range 3 * maxRevisions {
		b.begin([]Project{{SDKKey: "demo", Datafile: mustSplit(t, fmt.Sprint(i), 5000)}})
	}
	epochs := newReport(b.projects[0], b.tallies["demo"], 0, Query{}).Experiments[0].Epochs
	if named := epochs[0].Revisions; len(epochs) != 1 || len(named) != maxRevisions || named[0] != "0" ||
		named[1] != fmt.Sprint(2*maxRevisions+1) || named[maxRevisions-1] != fmt.Sprint(3*maxRevisions-1) {
		t.Errorf("%d epochs, the first with %d revisions: %s", len(epochs), len(named), named)
	}
}

func TestASplitThatIsNotWhatItShouldBeRaisesTheAlarm(t *testing.T) {
	for _, test := range []struct {
		name   string
		every  int // so many visitors, one is B
		forced bool
		want   string
	}{{"half and half", 2, false, "ok"}, {"a third", 3, false, "mismatch"}, {"a third, but every one was chosen by somebody", 3, true, "ok"}} {
		t.Run(test.name, func(t *testing.T) {
			project := mustSplit(t, "1", 5000)
			if test.forced {
				whitelist := map[string]string{}
				for i := range 2000 {
					whitelist[fmt.Sprint(i)] = "a"
				}
				project.ExperimentByID("60").Whitelist = whitelist
			}
			b := newBook(10_000, slog.New(slog.DiscardHandler), noon)
			b.begin([]Project{{SDKKey: "demo", Datafile: project}})
			for i := range 2000 {
				variation := "A"
				if i%test.every == 0 {
					variation = "B"
				}
				b.add("demo", noon(), sees(fmt.Sprint(i), variation, "1", noon().Add(time.Duration(i)*time.Second)))
			}
			e := newReport(b.projects[0], b.tallies["demo"], 0, Query{}).Experiments[0]
			if e.Health.Split.Status != test.want || e.Trustworthy != (test.want == "ok") {
				t.Errorf("%+v", e.Health.Split)
			}
		})
	}
}

func TestWhatTheDatafileDropsIsShownStill(t *testing.T) {
	b := newBook(1000, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{{SDKKey: "demo", Datafile: mustSplit(t, "1", 5000)}})
	b.add("demo", noon(), sees("v", "B", "1", noon()))
	renamed, err := datafile.Parse(strings.NewReplacer(`{"id":"B","key":"b"}`, `{"id":"C","key":"c"}`, `"key":"a"`, `"key":"renamed"`).Replace(attributionDatafile))
	if err != nil {
		t.Fatal(err)
	}
	b.begin([]Project{{SDKKey: "demo", Datafile: renamed}})
	e := newReport(b.projects[0], b.tallies["demo"], 0, Query{}).Experiments[0]
	if got := e.Reach.Variations; !got["B"].Removed || got["B"].Name != "b" || got["B"].Count != 1 || got["A"].Name != "renamed" || got["C"].Name != "c" {
		t.Errorf("%+v", got)
	}
	if e.Metrics[0].Results["B"].Status != "removed" {
		t.Errorf("%+v", e.Metrics[0].Results["B"])
	}
	without, err := datafile.Parse(strings.Replace(attributionDatafile, `"experiments":[`, `"experiments":[],"ignored":[`, 1))
	if err != nil {
		t.Fatal(err)
	}
	b.begin([]Project{{SDKKey: "demo", Datafile: without}})
	report := newReport(b.projects[0], b.tallies["demo"], 0, Query{})
	if len(report.Experiments) != 1 || !report.Experiments[0].Gone || report.Experiments[0].Reach.TotalCount != 1 || report.Experiments[0].Key != "sort" {
		t.Errorf("%+v", report.Experiments)
	}
}

func TestADatafileThatComesWhileOthersWaitForTheBookBeginsOneEpoch(t *testing.T) {
	for name, look := range map[string]func(*Results){
		"a report":         func(r *Results) { _, _, _ = r.Report("demo", Query{}) },
		"a revision":       func(r *Results) { r.Revise() },
		"events, to count": func(r *Results) { r.count(r.book, nil, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			projects := func(revision string, end int) []Project {
				return []Project{{SDKKey: "demo", Datafile: mustSplit(t, revision, end)}}
			}
			newest, between := projects("1", 5000), func() {}
			r := New(Options{Now: noon, Projects: func() []Project {
				known := newest
				between()
				return known
			}})
			r.book = newBook(1000, slog.New(slog.DiscardHandler), noon)
			r.Revise()
			between = func() {
				between, newest = func() {}, projects("2", 9000)
				if r.mu.TryLock() {
					r.mu.Unlock()
					r.Revise()
				}
			}
			look(r)
			r.Revise()
			if periods := r.book.tallies["demo"].experiments[0].epochs.Periods; len(periods) != 2 {
				t.Errorf("epochs: %+v", periods)
			}
		})
	}
}
