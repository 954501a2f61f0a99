package results

import (
	"fmt"
	"log/slog"
	"testing"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// shopped is the report of so many visitors of each variation, of whom so many of a hundred bought.
func shopped(tb testing.TB, visitors, ofPrice, ofCategory int) Experiment {
	tb.Helper()
	p := Project{SDKKey: "demo", Datafile: mustParse(tb, "7")}
	b := newBook(10_000, slog.New(slog.DiscardHandler), noon)
	b.begin([]Project{p})
	var all []string
	for variation, buyers := range map[string]int{price: ofPrice, category: ofCategory} {
		for i := range visitors {
			id := fmt.Sprint(variation, " ", i)
			all = append(all, seen(id, sortID, variation, int64(2*i)))
			if i%100 < buyers {
				all = append(all, did(id, purchase, int64(2*i+1), 300))
			}
		}
	}
	b.add("demo", noon(), eventlogtest.MustDecode(tb, "", relaytest.Body(all...)).Events)
	return newReport(p, b.tallies["demo"], 0, Query{}).Experiments[0]
}

func TestAClearDifferenceIsCalledByWhoseItIs(t *testing.T) {
	for _, test := range []struct {
		ofPrice, ofCategory, visitors int
		status, lift                  string
		significant                   bool
	}{
		{10, 60, 500, "winner", "better", true},
		{60, 10, 500, "loser", "worse", true},
		{30, 30, 500, "inconclusive", "equal", false},
		{10, 60, 50, "collecting", "equal", false},
	} {
		e := shopped(t, test.visitors, test.ofPrice, test.ofCategory)
		metric := e.Metrics[0]
		one := metric.Results[category]
		if e.Status != test.status || one.Status != test.status || one.Lift.LiftStatus != test.lift || one.Lift.IsSignificant != test.significant ||
			one.Lift.IsMostConclusive != one.Lift.Ready {
			t.Errorf("%d and %d of a hundred: the experiment is called %s, the variation %s: %+v", test.ofPrice, test.ofCategory, e.Status, one.Status, one.Lift)
		}
		winner, loser := metric.Conclusion.Winner, metric.Conclusion.Loser
		if (winner != nil && *winner == category) != (test.status == "winner") || (loser != nil && *loser == category) != (test.status == "loser") {
			t.Errorf("%d and %d of a hundred: %+v", test.ofPrice, test.ofCategory, metric.Conclusion)
		}
	}
}

func TestTheClearestOfSeveralIsNamed(t *testing.T) {
	outcome := func(status string, by, p float64) Outcome {
		return Outcome{Status: status, Lift: &Lift{Ready: status != "collecting", Difference: &by, P: p}}
	}
	m := Metric{Results: map[string]Outcome{
		"baseline": {Status: "baseline"},
		"a":        outcome("winner", 0.1, 0.01),
		"b":        outcome("winner", 0.3, 0.02),
		"c":        outcome("winner", 0.2, 0.03),
		"d":        outcome("loser", -0.2, 0.04),
		"e":        outcome("loser", -0.1, 0.05),
		"f":        outcome("inconclusive", 0.5, 0.2),
		"g":        outcome("collecting", 0.9, 0),
	}}
	m.conclude()
	if c := m.Conclusion; c.Winner == nil || *c.Winner != "b" || c.Loser == nil || *c.Loser != "d" {
		t.Errorf("the conclusion: %+v", c)
	}
	for id, o := range m.Results {
		if o.Lift != nil && o.Lift.IsMostConclusive != (id == "a") {
			t.Errorf("%s is the most conclusive: %v", id, o.Lift.IsMostConclusive)
		}
	}
}

// TestAWinnerIsNamedWhateverIsObservedNow has differences that have gone to the other side of 0 since, as long as their interval has not.
func TestAWinnerIsNamedWhateverIsObservedNow(t *testing.T) {
	for status, by := range map[string]float64{"winner": -0.001, "loser": 0.001} {
		m := Metric{Results: map[string]Outcome{"a": {Status: status, Lift: &Lift{Ready: true, Difference: &by, P: 0.01}}}}
		m.conclude()
		named := map[string]*string{"winner": m.Conclusion.Winner, "loser": m.Conclusion.Loser}[status]
		if called := conclusionOf([]Metric{m}); named == nil || *named != "a" || called != status {
			t.Errorf("a %s by %v: the conclusion is %+v, and the experiment's %s", status, by, m.Conclusion, called)
		}
	}
}

func TestTheFirstMetricIsPrimaryAndTheNextFourSecondary(t *testing.T) {
	for place, want := range []string{primary, secondary, secondary, secondary, secondary, monitoring, monitoring} {
		if got := tier(place); got != want {
			t.Errorf("metric %d is %s, not %s", place, got, want)
		}
	}
}
