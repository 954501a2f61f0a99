package results

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// mustDecide returns the variation's id, as the engine decides.
func mustDecide(t *testing.T, d *datafile.Project, visitor string) string {
	t.Helper()
	e, err := engine.New(d.Text)
	if err != nil {
		t.Fatal(err)
	}
	variation := e.GetVariation("sort", e.NewUser(visitor, nil))
	if variation == nil {
		t.Fatalf("%s is sorted into nothing", visitor)
	}
	return variation.ID
}

func TestDecisionsAreRepeatedAndDifferencesTold(t *testing.T) {
	half, most := mustSplit(t, "1", 5000), mustSplit(t, "2", 9999)
	asking, err := datafile.Parse(strings.NewReplacer(`"revision":"7"`, `"revision":"3"`, `"audienceIds":[]`, `"audienceIds":["5"]`,
		`"attributes":[]`, `"attributes":[{"id":"4","key":"colour"}]`, `"audiences":[]`,
		`"audiences":[{"id":"5","name":"blue","conditions":"[\"or\",{\"type\":\"custom_attribute\",\"name\":\"colour\",\"value\":\"blue\"}]"}]`).Replace(attributionDatafile))
	if err != nil {
		t.Fatal(err)
	}
	moved := "" // sorted into B by the first datafile and into A by the second
	for i := 0; moved == ""; i++ {
		if name := fmt.Sprint("visitor ", i); mustDecide(t, half, name) == "B" && mustDecide(t, most, name) == "A" {
			moved = name
		}
	}
	sees := func(visitor, variation, revision string, attributes ...event.Attribute) *event.Batch {
		b := sees(visitor, variation, revision, noon())
		b.Visitors[0].Attributes = attributes
		return b
	}
	blue := event.Attribute{EntityID: "4", Key: "colour", Value: audience.OfText("blue")}
	bucketed := event.Attribute{EntityID: engine.BucketingIDAttribute, Key: engine.BucketingIDAttribute, Value: audience.OfText(moved)}
	for name, test := range map[string]struct {
		batches []*event.Batch
		want    Check
	}{
		"as decided":                        {[]*event.Batch{sees(moved, "B", "1")}, Check{Checked: 1}},
		"otherwise":                         {[]*event.Batch{sees(moved, "A", "1")}, Check{Checked: 1, Mismatches: 1}},
		"by an older datafile":              {[]*event.Batch{sees(moved, "B", "1"), sees(moved, "A", "2")}, Check{Checked: 2}},
		"kept from an older datafile":       {[]*event.Batch{sees(moved, "B", "1"), sees(moved, "B", "2")}, Check{Checked: 1, Unknown: 1}},
		"by a datafile that is not here":    {[]*event.Batch{sees(moved, "B", "none")}, Check{Unknown: 1}},
		"of an audience, attributes sent":   {[]*event.Batch{sees(moved, "B", "3", blue)}, Check{Checked: 1}},
		"of an audience, and otherwise":     {[]*event.Batch{sees(moved, "A", "3", blue)}, Check{Checked: 1, Mismatches: 1}},
		"of an audience, with none sent":    {[]*event.Batch{sees(moved, "B", "3")}, Check{Unknown: 1}},
		"sorted by another id than its own": {[]*event.Batch{sees("who", mustDecide(t, half, moved), "1", bucketed)}, Check{Checked: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(100, slog.New(slog.DiscardHandler), noon)
			for _, d := range []*datafile.Project{half, most, asking} {
				b.begin([]Project{{SDKKey: "demo", Datafile: d}})
			}
			for _, batch := range test.batches {
				b.add("demo", noon(), batch)
			}
			if got := b.tallies["demo"].experiment("60").check; got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
}

func TestADecisionIsCountedOnceAtTheFirstActivationOfItsSnapshot(t *testing.T) {
	d := mustSplit(t, "1", 5000)
	b := newBook(100, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{{SDKKey: "demo", Datafile: d}})
	batch := sees("Matt", mustDecide(t, d, "Matt"), "1", noon())
	snapshot := &batch.Visitors[0].Snapshots[0]
	for _, before := range []time.Duration{time.Minute, time.Hour, time.Second} {
		snapshot.Events = append(snapshot.Events, event.Event{Key: event.Activated, Timestamp: noon().Add(-before).UnixMilli()})
	}
	b.add("demo", noon(), batch)
	tally := b.tallies["demo"]
	if got, want := tally.experiment("60").check, (Check{Checked: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := tally.exposures.at(1).At, noon().Add(-time.Hour).UnixMilli(); got != want {
		t.Errorf("exposed at %d, want %d", got, want)
	}
}

func TestAVisitorsAttributesAreReadOnceForAllOfTheirDecisions(t *testing.T) {
	d := mustSplit(t, "1", 5000)
	b := newBook(100, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{{SDKKey: "demo", Datafile: d}})
	batch := sees("Matt", mustDecide(t, d, "Matt"), "1", noon())
	visitor := &batch.Visitors[0]
	visitor.Snapshots[0].Decisions = slices.Repeat(visitor.Snapshots[0].Decisions, 1000)
	for i := range 1000 {
		visitor.Attributes = append(visitor.Attributes, event.Attribute{Key: fmt.Sprint("attribute ", i), Value: audience.OfNumber(float64(i) + 0.5)})
	}
	if allocated := testing.AllocsPerRun(1, func() { b.add("demo", noon(), batch) }); allocated > 3000 {
		t.Errorf("%v allocations for 1000 decisions of a visitor with 1000 attributes", allocated)
	}
}

func TestOnlyTheLastDatafilesDecideAgain(t *testing.T) {
	var e engines
	for i := range 3 * maxEngines {
		e.see(mustSplit(t, fmt.Sprint(i), 5000))
	}
	if len(e.byRevision) != maxEngines || e.of("0") != nil || e.of(fmt.Sprint(3*maxEngines-1)) == nil {
		t.Errorf("%d engines", len(e.byRevision))
	}
}
