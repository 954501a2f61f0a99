package results

import (
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"os"
	"testing"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// attributionVector is a story with what must come out of it, for any order of arrival.
type attributionVector struct {
	Name, Policy string
	Events       []struct {
		UUID, Type, Visitor, Key string
		Variation                *string
		TS                       int64
		Revenue                  float64
	}
	Expected struct {
		Variations map[string]struct {
			Visitors    int64
			Unique      int64   `json:"conversions_unique"`
			Total       float64 `json:"conversions_total"`
			Revenue     float64 `json:"revenue_sum"`
			RevenueSq   float64 `json:"revenue_sum_sq"`
			RevenueNZ   int64   `json:"revenue_nonzero"`
			CountSquare float64 `json:"count_sum_sq"`
		}
		Duplicates, Crossovers int64
		Unattributed           int64 `json:"unattributed_conversions"`
	}
}

const attributionDatafile = `{"version":"4","accountId":"1","projectId":"2","revision":"7","groups":[],"featureFlags":[],"rollouts":[],
"audiences":[],"attributes":[],"events":[{"id":"81","key":"purchase","experimentIds":[]},{"id":"82","key":"add_to_cart","experimentIds":[]}],
"experiments":[{"id":"60","key":"sort","layerId":"50","status":"Running","audienceIds":[],"forcedVariations":{},
"trafficAllocation":[{"entityId":"A","endOfRange":5000},{"entityId":"B","endOfRange":10000}],"variations":[{"id":"A","key":"a"},{"id":"B","key":"b"}]}]}`

// batches are the story's events as SDKs send them, each in a batch of its own.
func (v *attributionVector) batches() (batches []*event.Batch) {
	for _, e := range v.Events {
		s := event.Snapshot{Events: []event.Event{{UUID: e.UUID, Key: e.Key, Timestamp: e.TS, Revenue: event.Amount{Number: e.Revenue, Valid: e.Revenue != 0}}}}
		if e.Type == "exposure" {
			d := event.Decision{ExperimentID: "60", Metadata: event.Metadata{RuleType: "ab-test"}}
			if e.Variation != nil {
				d.VariationID = *e.Variation
			}
			s.Events[0].Key = event.Activated
			s.Decisions = []event.Decision{d}
		}
		batches = append(batches, &event.Batch{ProjectID: "2", Revision: "7", Visitors: []event.Visitor{{ID: e.Visitor, Snapshots: []event.Snapshot{s}}}})
	}
	return batches
}

func TestAttributionVectors(t *testing.T) {
	text, err := os.ReadFile("../stats/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Attribution []attributionVector }
	if err := json.Unmarshal(text, &all); err != nil || len(all.Attribution) == 0 {
		t.Fatalf("%d vectors: %v", len(all.Attribution), err)
	}
	project, err := datafile.Parse(attributionDatafile)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, v := range all.Attribution {
		t.Run(v.Name, func(t *testing.T) {
			batches := v.batches()
			for range 100 {
				b := newBook(1000, slog.New(slog.DiscardHandler), noon)
				b.begin([]Project{{SDKKey: "demo", Datafile: project}})
				for _, batch := range batches {
					b.add("demo", noon(), batch)
				}
				v.check(t, b.tallies["demo"], project)
				random.Shuffle(len(batches), func(i, j int) { batches[i], batches[j] = batches[j], batches[i] })
			}
		})
	}
}

func (v *attributionVector) check(t *testing.T, tally *tally, d *datafile.Project) {
	t.Helper()
	report := newReport(Project{SDKKey: "demo", Datafile: d}, tally, 0, Query{Crossovers: v.Policy})
	e := report.Experiments[0]
	if h := e.Health; h.Duplicates != v.Expected.Duplicates || h.Crossovers != v.Expected.Crossovers || h.Unattributed != v.Expected.Unattributed {
		t.Fatalf("health is %+v, want %+v", h, v.Expected)
	}
	x := tally.experiment("60")
	ledger := x.timeline.catchUp(tally, x, Query{Crossovers: v.Policy}.filter())
	for id, want := range v.Expected.Variations {
		cell := ledger.now.total(x.variationIndex[id])
		i, ok := tally.eventIndex["81"]
		got := cell.event(i, ok)
		if cell.visitors != want.Visitors || got.converters != want.Unique || got.count.sum != want.Total || got.count.squares != want.CountSquare ||
			got.revenue != (moments{want.Revenue, want.RevenueSq, want.RevenueNZ}) {
			t.Fatalf("variation %s has %+v, purchases %+v; want %+v", id, cell, got, want)
		}
		if o := e.Metrics[0].Results[id]; o.Samples != want.Visitors || o.Value != float64(want.Unique) {
			t.Fatalf("variation %s is reported as %+v", id, o)
		}
	}
}
