package results

import (
	"cmp"
	"math"
	"slices"
)

// timeline is everything that counts for one experiment, in the order it
// happened. What is shown is worked out along it, and not along the arrival of
// events, so it is the same for any order of arrival.
//
// It is worked out when somebody asks, for all visitors or some of them: mostly
// only the new end of it; and what arrived late makes it begin again at the
// last checkpoint before.
type timeline struct {
	entries []entry      // in order
	fresh   table[entry] // to be put in order among them
	dirty   int64        // the earliest moment at which something changed since they were
	views   []*view      // the first is of everybody
	version uint64       // another one whenever the results may be others
}

// entry is an exposure, or a conversion that counts because of one.
type entry struct {
	at                   int64
	exposure, conversion uint32 // conversion 0: the exposure itself
}

// never comes after all moments.
const never = math.MaxInt64

// momentOf is when an event happened by its timestamp, which may be any: there
// is always a moment behind it.
func momentOf(timestamp int64) int64 { return min(timestamp, never-1) }

func newTimeline() timeline {
	return timeline{dirty: never, views: []*view{newView(filter{})}}
}

// append adds an entry, in whatever order.
func (l *timeline) append(e entry) {
	l.fresh.add(e)
	l.changed(e.at)
}

// changed says that an entry of a moment is not what it was.
func (l *timeline) changed(at int64) {
	l.version++
	l.dirty = min(l.dirty, at)
	for _, v := range l.views {
		v.changed(at)
	}
}

// crossed says that a visitor first exposed at a moment has become a crossover.
func (l *timeline) crossed(at int64) {
	l.version++
	for _, v := range l.views {
		if v.ledger.filter.excludeCrossovers {
			v.changed(at)
		}
	}
}

// countAgain forgets what was worked out.
func (l *timeline) countAgain() { l.changed(math.MinInt64) }

// everybody is what is counted when no one is left out, as of the last time.
func (l *timeline) everybody() *ledger { return &l.views[0].ledger }

// catchUp counts for some visitors what was added since the last time.
func (l *timeline) catchUp(t *tally, x *experiment, f filter) *ledger {
	for !l.approach(t, x, f, math.MaxInt) {
	}
	return &l.view(f).ledger
}

// approach is at most so many entries of catchUp, and tells whether all are
// counted, for everybody as well.
func (l *timeline) approach(t *tally, x *experiment, f filter, most int) bool {
	l.lineUp(t)
	return l.views[0].follow(t, x, l.entries, most) && l.view(f).follow(t, x, l.entries, most)
}

// view returns the one of a filter. A few are kept, the newest.
func (l *timeline) view(f filter) *view {
	i := slices.IndexFunc(l.views, func(v *view) bool { return v.ledger.filter == f })
	if i >= 0 {
		return l.views[i]
	}
	if len(l.views) > maxCached {
		l.views = slices.Delete(l.views, 1, 2)
	}
	v := newView(f)
	l.views = append(l.views, v)
	return v
}

// empty tells whether there is nothing to count.
func (l *timeline) empty() bool { return len(l.entries) == 0 && l.fresh.len() == 0 }

// lineUp puts all entries in order, and removes those of exposures that have
// moved to an earlier time.
func (l *timeline) lineUp(t *tally) {
	if l.dirty == never && l.fresh.len() == 0 {
		return
	}
	from, _ := slices.BinarySearchFunc(l.entries, l.dirty, func(e entry, at int64) int { return cmp.Compare(e.at, at) })
	l.entries = slices.Grow(l.entries, l.fresh.len())
	for _, page := range l.fresh.pages {
		l.entries = append(l.entries, page...)
	}
	slices.SortFunc(l.entries[from:], t.lineUp)
	moved := func(e entry) bool { return e.conversion == 0 && t.exposures.at(e.exposure).At != e.at }
	l.entries = append(l.entries[:from], slices.DeleteFunc(l.entries[from:], moved)...)
	l.fresh, l.dirty = table[entry]{}, never
}
