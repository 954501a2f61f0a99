package results

import (
	"math"
	"slices"
)

// filter leaves out a part of the visitors.
type filter struct {
	start, end        int64 // first exposures from start on, events before end; end 0: no filter by time
	excludeCrossovers bool
}

func (f filter) passes(first *exposure, at int64) bool {
	return (f.end == 0 || first.At >= f.start && at < f.end) && !(f.excludeCrossovers && first.Crossed)
}

// ledger is the counts at the end of a timeline, and at checkpoints along it:
// those at which the statistics are looked at.
type ledger struct {
	filter      filter
	now         counts
	first, last int64 // moments, of what is counted
	checkpoints []checkpoint
}

type checkpoint struct {
	at      int64
	entries int // of the timeline, up to here
	counts  counts
}

// growth is how much more must have happened until the next checkpoint: so
// that a million events have about 550.
const growth = 1.02

// look makes a checkpoint when it is time for one. Everything of the same
// moment has been added before.
func (l *ledger) look(at int64, entries int) {
	previous := int64(0)
	if n := len(l.checkpoints); n > 0 {
		previous = l.checkpoints[n-1].counts.events
	}
	next := max(previous+1, int64(math.Ceil(growth*float64(previous))))
	if l.now.events >= next {
		l.checkpoints = append(l.checkpoints, checkpoint{at, entries, l.now.clone()})
	}
}

// looks are the checkpoints, and the present when it is none.
func (l *ledger) looks() []checkpoint {
	n := len(l.checkpoints)
	if l.now.events == 0 || n > 0 && l.checkpoints[n-1].counts.events == l.now.events {
		return l.checkpoints
	}
	return append(l.checkpoints[:n:n], checkpoint{at: l.last, counts: l.now})
}

// rewind goes back to the last checkpoint before a moment and returns how many
// entries are counted there.
func (l *ledger) rewind(to int64) (entries int) {
	n := len(l.checkpoints)
	for n > 0 && l.checkpoints[n-1].at >= to {
		n--
	}
	clear(l.checkpoints[n:])
	l.checkpoints = l.checkpoints[:n]
	l.now = counts{}
	if n > 0 {
		l.now, entries = l.checkpoints[n-1].counts.clone(), l.checkpoints[n-1].entries
	}
	return entries
}

// add counts an entry.
func (l *ledger) add(t *tally, x *experiment, e entry) {
	first := t.exposures.at(e.exposure)
	if !l.filter.passes(first, e.at) {
		return
	}
	if l.now.events == 0 {
		l.first = e.at
	}
	l.last = e.at
	l.now.events++
	cell := l.now.cell(x.epochs.of(first), first.Variation)
	if e.conversion == 0 {
		cell.visitors++
		if first.Forced {
			cell.forced++
		}
		return
	}
	n := t.conversions.at(e.conversion)
	before := t.sumBefore(n, first.At)
	l.now.attributed += int64(n.Own)
	sums := cell.of(n.Event)
	if before.Count == 0 {
		sums.converters++
	}
	sums.count.change(float64(before.Count), float64(n.Count))
	sums.revenue.change(before.Revenue, n.Revenue)
	sums.value.change(before.Value, n.Value)
}

// sumBefore returns what a conversion's visitor did before it, from a moment on, of the same event: what the conversion changes depends
// on that. It adds up the first things first, so that what it returns is to the last bit what the conversion before has made of it: else
// fractions that came to 0 might not be 0 here.
func (t *tally) sumBefore(n *conversion, from int64) (sum conversion) {
	var room [maxConversions]*conversion
	before := room[:0]
	for i := n.Next; i != 0 && t.conversions.at(i).At >= from; i = t.conversions.at(i).Next {
		if old := t.conversions.at(i); old.Event == n.Event {
			before = append(before, old)
		}
	}
	for _, old := range slices.Backward(before) {
		sum.join(old)
	}
	return sum
}

// counts are an experiment's at some moment.
type counts struct {
	cells      [][]cell // by epoch, then by variation; both may be shorter than there are
	events     int64    // exposures and conversions
	attributed int64    // conversions of the project's own
}

// cell is one variation in one epoch.
type cell struct {
	visitors int64
	forced   int64 // of them, those whose variation was chosen by somebody
	events   []sums
}

// sums are those of one event.
type sums struct {
	converters            int64
	count, revenue, value moments
}

// moments are those of a number that each visitor has, 0 unless told.
type moments struct {
	sum, squares float64
	nonZero      int64 // visitors
}

// change adds to the number of a visitor.
func (m *moments) change(from, by float64) {
	if by == 0 {
		return
	}
	to := from + by
	m.sum += by
	m.squares += to*to - from*from
	if from == 0 {
		m.nonZero++
	}
	if to == 0 {
		m.nonZero--
	}
}

func (m *moments) add(other *moments) {
	m.sum += other.sum
	m.squares += other.squares
	m.nonZero += other.nonZero
}

func (c *counts) cell(epoch int, variation uint16) *cell {
	for len(c.cells) <= epoch {
		c.cells = append(c.cells, nil)
	}
	for len(c.cells[epoch]) <= int(variation) {
		c.cells[epoch] = append(c.cells[epoch], cell{})
	}
	return &c.cells[epoch][variation]
}

func (c *cell) of(event uint32) *sums {
	for len(c.events) <= int(event) {
		c.events = append(c.events, sums{})
	}
	return &c.events[event]
}

func (c *counts) clone() counts {
	copied := *c
	copied.cells = make([][]cell, len(c.cells))
	for i, cells := range c.cells {
		copied.cells[i] = slices.Clone(cells)
		for j := range copied.cells[i] {
			copied.cells[i][j].events = slices.Clone(copied.cells[i][j].events)
		}
	}
	return copied
}

// at returns what was counted of a variation in an epoch.
func (c *counts) at(epoch int, variation uint32) cell {
	if epoch >= len(c.cells) || int(variation) >= len(c.cells[epoch]) {
		return cell{}
	}
	return c.cells[epoch][variation]
}

// total returns what was counted of a variation in all epochs.
func (c *counts) total(variation uint32) (all cell) {
	for epoch := range c.cells {
		one := c.at(epoch, variation)
		all.visitors += one.visitors
		all.forced += one.forced
		for i := range one.events {
			to, from := all.of(uint32(i)), &one.events[i] //nolint:gosec // below maxIndices
			to.converters += from.converters
			to.count.add(&from.count)
			to.revenue.add(&from.revenue)
			to.value.add(&from.value)
		}
	}
	return all
}

// event returns the sums of an event.
func (c *cell) event(i uint32, ok bool) sums {
	if !ok || int(i) >= len(c.events) {
		return sums{}
	}
	return c.events[i]
}
