package results

import (
	"slices"

	"sortition/relay/internal/stats"
)

// comparison is one metric of one variation beside the baseline, followed from
// checkpoint to checkpoint.
type comparison struct {
	metric    metric
	tier      string
	variation uint32

	looks   []look
	fooled  int64 // visitors of the pair when an ordinary z-test would first have called it; 0: never
	running stats.Running
	q       float64 // of the smallest p, among its tier
	level   float64 // the alpha its interval has among its tier

	difference, lift stats.Interval // at level
}

// look is one checkpoint of a comparison.
type look struct {
	pair  stats.Pair
	ready bool
	reset bool    // the course started over here
	p     float64 // smallest so far
	lift  stats.Interval
}

// compare follows a comparison along the checkpoints.
func compare(m metric, tier string, baseline, variation uint32, checkpoints []checkpoint, alpha float64) *comparison {
	c := &comparison{metric: m, tier: tier, variation: variation, looks: make([]look, len(checkpoints))}
	for i := range checkpoints {
		l := &c.looks[i]
		if l.pair, l.ready = m.pair(&checkpoints[i].counts, baseline, variation); l.ready {
			c.watch(l, alpha)
		} else {
			c.running.Skip()
		}
		l.p = c.running.P
	}
	return c
}

// watch goes on by a look that is past the burn-in.
func (c *comparison) watch(l *look, alpha float64) {
	resets := c.running.Resets
	c.running.Watch(l.pair, alpha)
	l.reset = c.running.Resets > resets
	if c.fooled == 0 && l.pair.FixedHorizonP() <= alpha {
		c.fooled = l.pair.N()
	}
}

// now is the last look; a comparison without any is not ready.
func (c *comparison) now() look {
	if len(c.looks) == 0 {
		return look{p: 1}
	}
	return c.looks[len(c.looks)-1]
}

// narrow works out the intervals at the comparison's level.
func (c *comparison) narrow() {
	c.difference, c.lift = stats.Unbounded, stats.Unbounded
	for i := range c.looks {
		l := &c.looks[i]
		if l.reset {
			c.difference, c.lift = stats.Unbounded, stats.Unbounded
		}
		if l.ready {
			c.difference = c.difference.And(l.pair.DifferenceInterval(c.level))
			c.lift = c.lift.And(l.pair.LiftInterval(c.level))
		}
		l.lift = c.lift
	}
}

// ready tells whether the comparison is past its burn-in.
func (c *comparison) ready() bool { return c.now().ready }

// significant tells whether the difference is more than chance.
func (c *comparison) significant(alpha float64) bool { return c.ready() && c.q <= alpha }

// correct gives each comparison its q and its level among those of its tier.
func correct(all []*comparison, alpha float64) {
	for _, family := range families(all) {
		q, level := correctedAt(family, func(c *comparison) look { return c.now() }, alpha)
		for i, c := range family {
			c.q, c.level = q[i], level[i]
		}
	}
}

// qAt returns what q was at a look, in the order of the comparisons.
func qAt(all []*comparison, at int, alpha float64) map[*comparison]float64 {
	past := make(map[*comparison]float64, len(all))
	for _, family := range families(all) {
		q, _ := correctedAt(family, func(c *comparison) look { return c.looks[at] }, alpha)
		for i, c := range family {
			past[c] = q[i]
		}
	}
	return past
}

// correctedAt leaves those out that are in their burn-in, even again: what a refund takes back may have been a converter.
func correctedAt(family []*comparison, at func(*comparison) look, alpha float64) (q, level []float64) {
	ps := make([]float64, len(family))
	for i, c := range family {
		ps[i] = 1
		if l := at(c); l.ready {
			ps[i] = l.p
		}
	}
	q, level = make([]float64, len(family)), make([]float64, len(family))
	stats.BenjaminiHochberg(ps, alpha, q, level)
	return q, level
}

// families divides comparisons by tier.
func families(all []*comparison) (parts [][]*comparison) {
	for _, tier := range []string{primary, secondary, monitoring} {
		family := slices.DeleteFunc(slices.Clone(all), func(c *comparison) bool { return c.tier != tier })
		if len(family) > 0 {
			parts = append(parts, family)
		}
	}
	return parts
}

// splitCheck is whether visitors are split as the datafile says.
type splitCheck struct {
	p, lnBayesFactor, chiSquaredP float64
	expected, observed            map[string]float64 // visitors, by variation id
}

// checkSplit follows the split from checkpoint to checkpoint. Visitors whose
// variation was chosen by somebody don't count in it.
func checkSplit(x *experiment, checkpoints []checkpoint) splitCheck {
	check := splitCheck{p: 1, chiSquaredP: 1, expected: map[string]float64{}, observed: map[string]float64{}}
	for i := range checkpoints {
		check.lnBayesFactor = 0
		for epoch, p := range x.epochs.Periods {
			counts, weights := x.splitOf(&checkpoints[i].counts, epoch, p.Shares)
			check.lnBayesFactor += stats.RatioLnBayesFactor(counts, weights, stats.RatioConcentration)
		}
		check.p = min(check.p, stats.RatioP(check.lnBayesFactor))
	}
	if len(checkpoints) > 0 {
		check.compareTotals(x, &checkpoints[len(checkpoints)-1].counts)
	}
	return check
}

// compareTotals adds up over all epochs how many visitors each variation has, and how many it should have.
func (c *splitCheck) compareTotals(x *experiment, now *counts) {
	for epoch, p := range x.epochs.Periods {
		counts, weights := x.splitOf(now, epoch, p.Shares)
		n, weight := 0.0, 0.0
		for i := range counts {
			n += float64(counts[i])
			weight += weights[i]
		}
		if weight <= 0 {
			continue
		}
		for i, s := range p.Shares {
			c.expected[s.Variation] += n * weights[i] / weight
			c.observed[s.Variation] += float64(counts[i])
		}
	}
	var observed []int64
	var expected []float64
	for _, id := range sortedKeys(c.expected) {
		observed, expected = append(observed, int64(c.observed[id])), append(expected, c.expected[id])
	}
	c.chiSquaredP = stats.ChiSquaredP(observed, expected)
}

func (x *experiment) splitOf(c *counts, epoch int, shares []share) (counts []int64, weights []float64) {
	for _, s := range shares {
		of := cell{}
		if i, ok := x.variationIndex[s.Variation]; ok {
			of = c.at(epoch, i)
		}
		counts, weights = append(counts, of.visitors-of.forced), append(weights, s.Of)
	}
	return counts, weights
}

func (c splitCheck) status() string {
	switch {
	case c.p < stats.RatioAlarm:
		return "mismatch"
	case c.p < stats.RatioWarning:
		return "warning"
	}
	return "ok"
}
