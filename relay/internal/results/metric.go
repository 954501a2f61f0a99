package results

import "sortition/relay/internal/stats"

// number is what a metric says of a visitor.
type number int

const (
	converted   number = iota // whether there was a conversion
	conversions               // how many
	revenue                   // cents
	value
	numbers
)

// aggregator and field are a number's names in Optimizely's API.
func (n number) aggregator() string {
	switch n {
	case converted:
		return "unique"
	case conversions:
		return "count"
	default:
		return "sum"
	}
}

func (n number) field() *string {
	field := ""
	switch n {
	case revenue:
		field = "revenue"
	case value:
		field = "value"
	default:
		return nil
	}
	return &field
}

// of returns the moments of a number among the visitors of a cell.
func (n number) of(s *sums) moments {
	switch n {
	case conversions:
		return s.count
	case revenue:
		return s.revenue
	case value:
		return s.value
	default:
		return moments{sum: float64(s.converters), squares: float64(s.converters), nonZero: s.converters}
	}
}

func (n number) arm(visitors int64, m moments) stats.Arm {
	if n == converted {
		return stats.Binary(visitors, m.nonZero)
	}
	return stats.Numeric(visitors, m.sum, m.squares)
}

// metric is one number of one event.
type metric struct {
	number   number
	event    uint32
	hasEvent bool // anything of it ever came
}

// pair compares two variations, over the epochs in which both are past the
// burn-in. While none is, it compares them over all in which both have
// visitors, which is not ready.
func (m metric) pair(c *counts, baseline, variation uint32) (pair stats.Pair, ready bool) {
	var mature, all stats.Stratified
	for epoch := range c.cells {
		one, isMature := m.within(c, epoch, baseline, variation)
		if one.N() == 0 {
			continue
		}
		all.Add(one)
		if isMature {
			mature.Add(one)
			ready = true
		}
	}
	if ready {
		return mature.Pair(), true
	}
	return all.Pair(), false
}

// within compares two variations in one epoch, and tells whether both are past
// the burn-in there. Where one has no visitors there is nothing to compare: a
// mean of nobody is none.
func (m metric) within(c *counts, epoch int, baseline, variation uint32) (pair stats.Pair, isMature bool) {
	cell0, cell1 := c.at(epoch, baseline), c.at(epoch, variation)
	if cell0.visitors == 0 || cell1.visitors == 0 {
		return stats.Pair{}, false
	}
	sums0, sums1 := cell0.event(m.event, m.hasEvent), cell1.event(m.event, m.hasEvent)
	of0, of1 := m.number.of(&sums0), m.number.of(&sums1)
	pair = stats.Pair{Baseline: m.number.arm(cell0.visitors, of0), Variation: m.number.arm(cell1.visitors, of1)}
	return pair, stats.Ready(pair, of0.nonZero, of1.nonZero, m.number == converted)
}

// Tiers of metrics: each is a family of its own in the correction for many
// tests, as at Optimizely.
const (
	primary    = "primary"
	secondary  = "secondary"
	monitoring = "monitoring"
)

// tier is that of the metric at a place of the list.
func tier(place int) string {
	switch {
	case place == 0:
		return primary
	case place < 5:
		return secondary
	}
	return monitoring
}
