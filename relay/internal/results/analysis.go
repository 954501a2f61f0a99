package results

import (
	"math"
	"slices"

	"sortition/relay/internal/stats"
	"sortition/wasm/engine/datafile"
)

// maxPoints bounds those of a timeseries.
const maxPoints = 100

// analysis is one experiment's results as they are worked out.
type analysis struct {
	x        *experiment
	events   []*datafile.Event
	list     []metric // of each event in turn: all its numbers
	alpha    float64
	looks    []checkpoint // the last of them is the present
	total    []cell       // of the variations, by index
	exposed  int64        // visitors, in all of them
	baseline named

	comparisons map[uint32][]*comparison // by variation, as the list
	course      []past                   // if it was asked for
}

// past is a look that a timeseries tells of.
type past struct {
	look int
	q    map[*comparison]float64
}

func newAnalysis(t *tally, x *experiment, p Project, l *ledger, q Query) *analysis {
	a := &analysis{x: x, events: p.events(), alpha: q.alpha(), looks: l.looks(), comparisons: map[uint32][]*comparison{}}
	a.total = make([]cell, len(x.variationIndex))
	for i := range a.total {
		a.total[i] = l.now.total(uint32(i)) //nolint:gosec // below maxIndices
		a.exposed += a.total[i].visitors
	}
	for _, e := range a.events {
		i, ok := t.eventIndex[e.ID]
		for n := range numbers {
			a.list = append(a.list, metric{n, i, ok})
		}
	}
	if len(x.epochs.Design.Variations) > 0 {
		a.baseline = x.epochs.Design.Variations[0]
	}
	if asked := x.epochs.Design.find(q.Baseline); asked != nil {
		a.baseline = *asked
	}
	a.compare()
	if q.Timeseries {
		all := a.all()
		for _, look := range spread(len(a.looks), maxPoints) {
			a.course = append(a.course, past{look, qAt(all, look, a.alpha)})
		}
	}
	return a
}

// events are the datafile's, the primary one first.
func (p Project) events() []*datafile.Event {
	primary := p.Datafile.EventByKey(p.PrimaryEvent)
	if primary == nil {
		return p.Datafile.Events
	}
	rest := slices.DeleteFunc(slices.Clone(p.Datafile.Events), func(e *datafile.Event) bool { return e == primary })
	return append([]*datafile.Event{primary}, rest...)
}

// compare follows every variation of the datafile beside the baseline.
func (a *analysis) compare() {
	for _, v := range a.x.epochs.Design.Variations {
		i := a.x.variationIndex[v.ID]
		if v == a.baseline {
			continue
		}
		for place, m := range a.list {
			one := compare(m, tier(place), a.x.variationIndex[a.baseline.ID], i, a.looks, a.alpha)
			a.comparisons[i] = append(a.comparisons[i], one)
		}
	}
	all := a.all()
	correct(all, a.alpha)
	for _, c := range all {
		c.narrow()
	}
}

func (a *analysis) all() (all []*comparison) {
	for _, v := range a.x.epochs.Design.Variations {
		all = append(all, a.comparisons[a.x.variationIndex[v.ID]]...)
	}
	return all
}

func (a *analysis) ids() []string {
	ids := []string{}
	for _, v := range a.x.epochs.Design.Variations {
		ids = append(ids, v.ID)
	}
	return ids
}

// present tells whether a variation is to be shown: the datafile has it, or
// somebody saw it.
func (a *analysis) present(id string) (shown, removed bool) {
	if a.x.epochs.Design.find(id) != nil {
		return true, false
	}
	return a.total[a.x.variationIndex[id]].visitors > 0, true
}

func (a *analysis) reach() Reach {
	reach := Reach{TotalCount: a.exposed, Variations: map[string]VariationReach{}}
	for id, i := range a.x.variationIndex {
		if shown, removed := a.present(id); shown {
			n := a.total[i].visitors
			reach.Variations[id] = VariationReach{a.x.epochs.Design.name(id), n, ratio(float64(n), float64(a.exposed)), removed}
		}
	}
	return reach
}

// name is a variation's key; one that no datafile had goes by its id.
func (d *design) name(id string) string {
	if key, ok := d.Names[id]; ok {
		return key
	}
	return id
}

func (a *analysis) metrics() []Metric {
	metrics := []Metric{}
	for place, m := range a.list {
		event := a.events[place/int(numbers)]
		one := Metric{
			Name: event.Key, EventID: event.ID, Aggregator: m.number.aggregator(), Field: m.number.field(),
			Scope: "visitor", WinningDirection: "increasing", Tier: tier(place), Results: map[string]Outcome{},
		}
		for id, i := range a.x.variationIndex {
			if shown, _ := a.present(id); shown {
				one.Results[id] = a.outcome(place, id, i)
			}
		}
		one.conclude()
		metrics = append(metrics, one)
	}
	return metrics
}

// outcome is a metric of one variation.
func (a *analysis) outcome(place int, id string, variation uint32) Outcome {
	m := a.list[place]
	all := a.total[variation].event(m.event, m.hasEvent)
	of := m.number.of(&all)
	o := Outcome{Name: a.x.epochs.Design.name(id), Samples: a.total[variation].visitors, Value: of.sum, NonZero: of.nonZero, Status: "baseline"}
	o.Rate, o.Variance = spreadOf(m.number.arm(o.Samples, of))
	var c *comparison
	if compared := a.comparisons[variation]; len(compared) > 0 {
		c = compared[place]
		lift := a.lift(c)
		o.Lift, o.Status = &lift, a.status(c)
	} else if id != a.baseline.ID {
		o.Status = "removed"
	}
	o.IsBaseline = o.Status == "baseline"
	for _, p := range a.course {
		o.Timeseries = append(o.Timeseries, a.point(m, variation, c, p))
	}
	return o
}

// spreadOf returns an arm's mean and the variance of a single visitor's number.
func spreadOf(arm stats.Arm) (mean, variance float64) { return arm.Mean, arm.Variance * float64(arm.N) }

func (a *analysis) point(m metric, variation uint32, c *comparison, p past) Point {
	at := &a.looks[p.look]
	cell := at.counts.total(variation)
	all := cell.event(m.event, m.hasEvent)
	of := m.number.of(&all)
	point := Point{Time: timeOf(at.at), Samples: cell.visitors, Value: of.sum}
	point.Rate, point.Variance = spreadOf(m.number.arm(cell.visitors, of))
	if c == nil {
		return point
	}
	look := &c.looks[p.look]
	point.Lift = &PointLift{
		Value: liftOf(look.pair), Significance: 1 - p.q[c], ConfidenceInterval: ends(look.lift),
		NaiveP: look.pair.FixedHorizonP(), Reset: look.reset,
	}
	return point
}

func liftOf(p stats.Pair) *float64 {
	if lift, ok := p.Lift(); ok {
		return &lift
	}
	return nil
}

func (a *analysis) lift(c *comparison) Lift {
	now := c.now()
	l := Lift{
		Value: liftOf(now.pair), Significance: 1 - c.q, ConfidenceInterval: ends(c.lift), IsSignificant: c.significant(a.alpha),
		LiftStatus: "equal", VisitorsRemaining: a.remaining(c),
		P: now.p, Q: c.q, LnLambda: now.pair.LnLambda(), Ready: now.ready, Resets: c.running.Resets,
		DifferenceInterval: ends(c.difference), Level: c.level,
		Current: Current{P: now.pair.P(), NaiveP: now.pair.FixedHorizonP(), ChanceToBeat: now.pair.ChanceToBeat()},
	}
	if now.pair.N() > 0 {
		difference := now.pair.Difference()
		l.Difference = &difference
	}
	if c.fooled > 0 {
		l.Current.NaiveCalledAt = &c.fooled
	}
	if now.ready {
		l.Current.ConfidenceInterval = ends(now.pair.LiftInterval(c.level))
	}
	if l.IsSignificant {
		l.LiftStatus = "better"
		if c.falls() {
			l.LiftStatus = "worse"
		}
	}
	return l
}

// falls tells to which side of 0 the interval of a significant comparison lies.
func (c *comparison) falls() bool { return c.difference.High < 0 }

// remaining is how many more visitors it takes; nil when nobody can tell.
func (a *analysis) remaining(c *comparison) *int64 {
	now := c.now()
	if !now.ready {
		return nil
	}
	var none int64
	if c.significant(a.alpha) {
		return &none
	}
	needed, ok := now.pair.Needed(c.level)
	if !ok {
		return nil
	}
	remaining := stats.Remaining(needed, now.pair.N(), float64(now.pair.N())/float64(a.comparedAmong(c)))
	return &remaining
}

// comparedAmong is how many visitors of all variations there were in the epochs that a comparison counts: how the traffic was split
// in others says nothing of how soon visitors come to it.
func (a *analysis) comparedAmong(c *comparison) (visitors int64) {
	baseline, counts := a.x.variationIndex[a.baseline.ID], &a.looks[len(a.looks)-1].counts
	for epoch, cells := range counts.cells {
		if _, isMature := c.metric.within(counts, epoch, baseline, c.variation); isMature {
			for i := range cells {
				visitors += cells[i].visitors
			}
		}
	}
	return visitors
}

func (a *analysis) status(c *comparison) string {
	switch {
	case !c.ready():
		return "collecting"
	case !c.significant(a.alpha):
		return "inconclusive"
	case c.falls():
		return "loser"
	}
	return "winner"
}

// conclude names the clear winner and loser, and which comparison says most. It may be a winner that is observed below the baseline at the
// moment: its interval is what all looks leave possible.
func (m *Metric) conclude() {
	best, worst, least := 0.0, 0.0, math.Inf(1)
	conclusive := ""
	for _, id := range sortedKeys(m.Results) {
		o := m.Results[id]
		if o.Lift == nil || !o.Lift.Ready {
			continue
		}
		switch by := *o.Lift.Difference; {
		case o.Status == "winner" && (m.Conclusion.Winner == nil || by > best):
			m.Conclusion.Winner, best = &id, by
		case o.Status == "loser" && (m.Conclusion.Loser == nil || by < worst):
			m.Conclusion.Loser, worst = &id, by
		}
		if o.Lift.P < least {
			conclusive, least = id, o.Lift.P
		}
	}
	if o, ok := m.Results[conclusive]; ok {
		o.Lift.IsMostConclusive = true
	}
}

func (a *analysis) epochs() []Epoch {
	epochs := []Epoch{}
	for i, p := range a.x.epochs.Periods {
		e := Epoch{Since: timeOf(p.Since), Revisions: p.Revisions, Allocation: map[string]float64{}}
		for _, s := range p.Shares {
			e.Allocation[s.Variation] = s.Of
		}
		if n := len(a.looks); n > 0 {
			for variation := range a.total {
				e.Visitors += a.looks[n-1].counts.at(i, uint32(variation)).visitors //nolint:gosec // below maxIndices
			}
		}
		epochs = append(epochs, e)
	}
	return epochs
}

func (a *analysis) split() Split {
	check := checkSplit(a.x, a.looks)
	return Split{check.p, check.lnBayesFactor, check.status(), check.chiSquaredP, check.expected, check.observed}
}
