package results

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

func TestLookingInBetweenChangesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 11))
	for range 20 {
		story := randomStory(random)
		p := Project{SDKKey: "demo", Datafile: mustParse(t, "7")}
		looked, waited := newBook(1000, slog.New(slog.DiscardHandler), noon), newBook(1000, slog.New(slog.DiscardHandler), noon)
		for _, b := range []*book{looked, waited} {
			b.begin([]Project{p})
		}
		random.Shuffle(len(story), func(i, j int) { story[i], story[j] = story[j], story[i] })
		for _, h := range story {
			batch := eventlogtest.MustDecode(t, "", relaytest.Body(h.visitorObject())).Events
			looked.add("demo", noon(), batch)
			waited.add("demo", noon(), batch)
			newReport(p, looked.tallies["demo"], 0, Query{})
		}
		q := Query{Timeseries: true}
		first, second := newReport(p, looked.tallies["demo"], 0, q), newReport(p, waited.tallies["demo"], 0, q)
		if !bytes.Equal(mustMarshal(t, first), mustMarshal(t, second)) {
			t.Fatalf("(-looked +waited)\n%s", cmp.Diff(first, second))
		}
	}
}

// What arrives while a range is worked out may come before, after and at the moment where that stands, move a visitor's first
// exposure, or make a crossover.
func TestWhatIsWorkedOutByAndByIsWhatIsWorkedOutAtOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 12))
	for range 20 {
		story := randomStory(random)
		moment := func() time.Time { return time.UnixMilli(story[random.IntN(len(story))].at) }
		queries := []Query{{}, {Crossovers: "exclude"}, {Start: moment()}, {End: moment()}, {Start: moment(), Crossovers: "exclude"}, {End: moment(), Crossovers: "exclude"}}
		p := Project{SDKKey: "demo", Datafile: mustParse(t, "7")}
		steps, atOnce := newBook(1000, slog.New(slog.DiscardHandler), noon), newBook(1000, slog.New(slog.DiscardHandler), noon)
		for _, b := range []*book{steps, atOnce} {
			b.begin([]Project{p})
		}
		random.Shuffle(len(story), func(i, j int) { story[i], story[j] = story[j], story[i] })
		for _, h := range story {
			batch := eventlogtest.MustDecode(t, "", relaytest.Body(h.visitorObject())).Events
			steps.add("demo", noon(), batch)
			atOnce.add("demo", noon(), batch)
			steps.tallies["demo"].approach(queries[random.IntN(4)], 1+random.IntN(3)) // the last two come when all is there
		}
		for _, q := range queries {
			first, second := newReport(p, steps.tallies["demo"], 0, q), newReport(p, atOnce.tallies["demo"], 0, q)
			if !bytes.Equal(mustMarshal(t, first), mustMarshal(t, second)) {
				t.Fatalf("%+v (-by and by +at once)\n%s", q, cmp.Diff(first, second))
			}
		}
	}
}

func TestAStepOfARangeIsBounded(t *testing.T) {
	const entries, step = 1000, 300
	tally, q := crowd(t, entries).tallies["demo"], Query{Start: time.UnixMilli(1)}
	x := tally.experiment(sortID)
	counted := func() int { return x.timeline.views[0].counted + x.timeline.view(q.filter()).counted }
	for before, done := 0, false; !done; before = counted() {
		done = tally.approach(q, step)
		if by := counted() - before; by > 2*step {
			t.Fatalf("%d entries were counted in one step", by)
		}
	}
	if want := 2 * len(x.timeline.entries); counted() != want || want < 2*entries {
		t.Errorf("%d entries are counted, want %d", counted(), want)
	}
}

func TestCheckpointsStandFurtherAndFurtherApart(t *testing.T) {
	var l ledger
	for i := range int64(1_000_000) {
		l.now.events++
		l.look(i, int(i)+1)
	}
	var at []int64
	for _, c := range l.checkpoints {
		at = append(at, c.counts.events)
	}
	if n := len(at); n < 500 || n > 600 {
		t.Errorf("a million events have %d checkpoints", n)
	}
	if first := []int64{1, 2, 3}; !slices.Equal(at[:3], first) {
		t.Errorf("they begin with %d", at[:3])
	}
	for i, e := range at[1:] {
		if by := e - at[i]; by > 1 && float64(by) > 0.02*float64(at[i])+1 {
			t.Errorf("from %d to %d is too far", at[i], e)
		}
	}
}

func TestACheckpointNeverDividesAMoment(t *testing.T) {
	b := newBook(1000, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{{SDKKey: "demo", Datafile: mustParse(t, "7")}})
	for _, v := range []string{
		seen("a", sortID, price, 1), seen("b", sortID, price, 1), seen("c", sortID, category, 1), did("a", purchase, 1, 5), seen("d", sortID, category, 2),
	} {
		b.add("demo", noon(), eventlogtest.MustDecode(t, "", relaytest.Body(v)).Events)
		newReport(b.projects[0], b.tallies["demo"], 0, Query{})
	}
	var at []int64
	for _, c := range b.tallies["demo"].experiment(sortID).timeline.everybody().checkpoints {
		at = append(at, c.counts.events)
	}
	if !slices.Equal(at, []int64{4, 5}) {
		t.Errorf("checkpoints at %d events", at)
	}
}

// BenchmarkRangeOfAMillionVisitors measures how long counting stands still for one, each time for another range.
func BenchmarkRangeOfAMillionVisitors(b *testing.B) {
	_, t := million(b)
	newReport(Project{Datafile: mustParse(b, "7")}, t, 0, Query{})
	var longest time.Duration
	i := int64(0)
	for b.Loop() {
		i++
		q := Query{Start: noon().Add(time.Duration(i) * time.Millisecond)}
		for done := false; !done; {
			began := time.Now()
			done = t.approach(q, stepEntries)
			longest = max(longest, time.Since(began))
		}
	}
	b.ReportMetric(float64(longest.Microseconds())/1e3, "ms-longest-step")
}
