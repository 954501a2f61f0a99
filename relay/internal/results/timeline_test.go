package results

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"

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
	for _, c := range b.tallies["demo"].experiment(sortID).timeline.ledger.checkpoints {
		at = append(at, c.counts.events)
	}
	if !slices.Equal(at, []int64{4, 5}) {
		t.Errorf("checkpoints at %d events", at)
	}
}
