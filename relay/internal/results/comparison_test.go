package results

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"sortition/relay/internal/stats"
)

// endToEnd is an experiment with everything that must come out of it at a single look.
type endToEnd struct {
	Alpha   float64
	Arms    []struct{ Visitors int64 }
	Metrics []struct {
		Key, Kind, Tier string
		Data            []json.RawMessage
	}
	Expected []struct {
		Metric, Tier, Variation string
		Lift, Significance      float64
		P                       float64    `json:"p_value"`
		Q                       float64    `json:"q_value"`
		Level                   float64    `json:"ci_alpha"`
		Absolute                [2]float64 `json:"abs_ci"`
		Relative                [2]float64 `json:"lift_ci"`
		Significant             bool       `json:"is_significant"`
		Status                  string
		Remaining               int64 `json:"visitors_remaining"`
	}
}

func mustReadEndToEnd(t *testing.T) (v endToEnd) {
	t.Helper()
	text, err := os.ReadFile("../stats/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	all := struct{ Experiment *endToEnd }{&v}
	if err := json.Unmarshal(text, &all); err != nil || len(v.Expected) == 0 {
		t.Fatal(err)
	}
	return v
}

// counts are the vector's: each metric as an event of its own.
func (v *endToEnd) counts(t *testing.T) (c counts) {
	t.Helper()
	for arm := range v.Arms {
		cell := c.cell(0, uint16(arm))
		cell.visitors = v.Arms[arm].Visitors
		for i, m := range v.Metrics {
			sums := cell.of(uint32(i))
			var numeric struct {
				Sum     float64
				Squares float64 `json:"sum_sq"`
				NonZero int64
			}
			var err error
			if m.Kind == "binary" {
				err = json.Unmarshal(m.Data[arm], &sums.converters)
			} else if err = json.Unmarshal(m.Data[arm], &numeric); err == nil {
				sums.revenue = moments{numeric.Sum, numeric.Squares, numeric.NonZero}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	c.events = 1
	return c
}

func TestAnExperimentFromEndToEnd(t *testing.T) {
	v := mustReadEndToEnd(t)
	looks := []checkpoint{{at: 1, counts: v.counts(t)}}
	a := &analysis{x: &experiment{}, alpha: v.Alpha, looks: looks}
	var all []*comparison
	for i, m := range v.Metrics {
		number := converted
		if m.Kind != "binary" {
			number = revenue
		}
		for variation := range uint32(2) {
			all = append(all, compare(metric{number, uint32(i), true}, m.Tier, 0, variation+1, looks, v.Alpha))
		}
	}
	correct(all, v.Alpha)
	for i, want := range v.Expected {
		c := all[i]
		c.narrow()
		lift := a.lift(c)
		for name, pair := range map[string][2]float64{
			"lift": {*lift.Value, want.Lift}, "p": {lift.P, want.P}, "q": {lift.Q, want.Q}, "significance": {lift.Significance, want.Significance}, "level": {lift.Level, want.Level},
			"low": {*lift.ConfidenceInterval[0], want.Relative[0]}, "high": {*lift.ConfidenceInterval[1], want.Relative[1]},
			"difference low": {*lift.DifferenceInterval[0], want.Absolute[0]}, "difference high": {*lift.DifferenceInterval[1], want.Absolute[1]},
			"remaining": {float64(*lift.VisitorsRemaining), float64(want.Remaining)},
		} {
			if math.Abs(pair[0]-pair[1]) > max(1e-12, 1e-9*math.Abs(pair[1])) {
				t.Errorf("%s of %s: %s is %v, want %v", want.Metric, want.Variation, name, pair[0], pair[1])
			}
		}
		if fooled := c.fooled > 0; fooled != (lift.Current.NaiveP <= v.Alpha) {
			t.Errorf("%s of %s: a z-test says p %v, and it would have called it: %v", want.Metric, want.Variation, lift.Current.NaiveP, fooled)
		}
		if a.status(c) != want.Status || lift.IsSignificant != want.Significant {
			t.Errorf("%s of %s is %s", want.Metric, want.Variation, a.status(c))
		}
	}
}

// fill gives a variation its visitors of an epoch, and those of them who converted.
func fill(c *counts, epoch int, variation uint16, visitors, converters int64) {
	cell := c.cell(epoch, variation)
	cell.visitors = visitors
	cell.of(0).converters = converters
}

func TestVisitorsAreComparedWithinTheirEpochOnly(t *testing.T) {
	var c counts
	fill(&c, 0, 0, 2500, 250)
	fill(&c, 0, 1, 2500, 250)
	fill(&c, 1, 0, 1500, 300)
	fill(&c, 1, 1, 13_500, 2700)
	fill(&c, 2, 0, 10, 9) // not past the burn-in: left out
	fill(&c, 2, 1, 10, 1)
	pair, ready := metric{converted, 0, true}.pair(&c, 0, 1)
	if pooled := (stats.Pair{Baseline: stats.Binary(4000, 550), Variation: stats.Binary(16_000, 2950)}); pooled.P() > 1e-6 {
		t.Errorf("pooled, p is %v: this shows nothing", pooled.P())
	}
	if lift, ok := pair.Lift(); !ready || !ok || math.Abs(lift) > 1e-12 || pair.P() != 1 || pair.N() != 20_000 {
		t.Errorf("lift %v, p %v, of %d visitors", lift, pair.P(), pair.N())
	}
}

// TestAnEpochOfOneArmIsNoComparison has a variation that got traffic when the baseline had had it alone for long.
func TestAnEpochOfOneArmIsNoComparison(t *testing.T) {
	var c counts
	fill(&c, 0, 0, 5000, 500)
	converters := metric{converted, 0, true}
	if pair, ready := converters.pair(&c, 0, 1); ready || pair.N() != 0 {
		t.Errorf("before the variation has visitors, the pair is %+v, ready: %v", pair, ready)
	}
	fill(&c, 1, 0, 50, 5)
	fill(&c, 1, 1, 50, 5)
	if pair, ready := converters.pair(&c, 0, 1); ready || pair.N() != 100 || pair.Difference() != 0 {
		t.Errorf("the pair is %+v, ready: %v", pair, ready)
	}
}

// TestWhatRemainsIsToldByTheEpochsThatAreCompared has a baseline that was alone for long: half of the traffic goes to it now.
func TestWhatRemainsIsToldByTheEpochsThatAreCompared(t *testing.T) {
	var c counts
	fill(&c, 0, 0, 9000, 900)
	fill(&c, 1, 0, 500, 50)
	fill(&c, 1, 1, 500, 60)
	a := &analysis{x: &experiment{}, alpha: 0.1, looks: []checkpoint{{counts: c}}}
	one := compare(metric{converted, 0, true}, primary, 0, 1, a.looks, a.alpha)
	correct([]*comparison{one}, a.alpha)
	needed, _ := one.now().pair.Needed(one.level)
	got := a.remaining(one)
	if got == nil {
		t.Fatal("nobody can tell how many more visitors it takes")
	}
	if want := needed - 1000; *got != want {
		t.Errorf("%d more visitors, want %d: the two have all of them", *got, want)
	}
}

// TestQIsNotSmallWhereAComparisonIsBackInItsBurnIn has converters who all took back what they had bought.
func TestQIsNotSmallWhereAComparisonIsBackInItsBurnIn(t *testing.T) {
	c := &comparison{tier: primary, looks: []look{{ready: true, p: 0.001}, {ready: false, p: 0.001}}}
	correct([]*comparison{c}, 0.1)
	for at, want := range []float64{0.001, 1} {
		if q := qAt([]*comparison{c}, at, 0.1)[c]; q != want {
			t.Errorf("q at look %d is %v, want %v", at, q, want)
		}
	}
	if c.q != 1 {
		t.Errorf("q is %v now, want 1", c.q)
	}
}
