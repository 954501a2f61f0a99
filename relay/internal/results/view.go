package results

// view is a ledger that is worked out by and by along a timeline.
type view struct {
	ledger  ledger
	counted int   // entries of the timeline
	last    int64 // the moment of the last of them
	dirty   int64 // the earliest moment at which something changed since
}

func newView(f filter) *view { return &view{ledger: ledger{filter: f}, dirty: never} }

// changed says that an entry of a moment is not what it was.
func (v *view) changed(at int64) { v.dirty = min(v.dirty, at) }

// follow counts at most so many entries more, and tells whether all are
// counted. They are in order; those before the earliest change are where they
// were the last time.
func (v *view) follow(t *tally, x *experiment, entries []entry, most int) bool {
	if v.counted > 0 && v.dirty <= v.last {
		v.counted = v.ledger.rewind(v.dirty)
	}
	v.dirty = never
	end := v.counted + min(most, len(entries)-v.counted)
	for i := v.counted; i < end; i++ {
		at := entries[i].at
		v.ledger.add(t, x, entries[i])
		if i+1 == len(entries) || entries[i+1].at != at {
			v.ledger.look(at, i+1)
		}
		v.last = at
	}
	v.counted = end
	return end == len(entries)
}
