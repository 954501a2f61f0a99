package results

import (
	"slices"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// maxEpochs bounds those of an experiment: when its traffic is changed still
// more often, the last one goes on.
const maxEpochs = 200

// maxRevisions bounds those that a period names: the first, and the last ones.
// A project may be published many times a day while an experiment goes on, and
// each report tells of them. What was decided by one between belongs to the
// period by its time, once the relay has started again.
const maxRevisions = 100

// epochs are the periods of an experiment in each of which its traffic was
// split in one way. A visitor belongs to the one whose datafile decided: the
// batch tells its revision.
type epochs struct {
	Design  design
	Periods []period

	byRevision map[uint16][]int // periods, by the tally's index of the revision
}

// design is what the last datafile that had the experiment said of it.
type design struct {
	ID, Key    string
	Variations []named           // in its order
	Names      map[string]string // of all variations there ever were: key by id
}

type named struct{ ID, Key string }

// period is one epoch.
type period struct {
	Since     int64    // milliseconds since 1970, when the relay first had it
	Revisions []string // of the datafiles: the first, and the last
	Shares    []share  // of all traffic
}

// share is how much of all traffic a variation gets, 0 to 1.
type share struct {
	Variation string
	Of        float64
}

// described tells whether a datafile ever had the experiment.
func (e *epochs) described() bool { return e.Design.ID != "" }

// see takes note of the experiment as a datafile has it, and returns whether
// visitors may belong to other epochs now.
func (e *epochs) see(x *datafile.Experiment, revision string, index uint16, now int64) (changed bool) {
	e.Design.describe(x)
	shares := sharesOf(x.Allocation)
	last := len(e.Periods) - 1
	if last < 0 || !slices.Equal(e.Periods[last].Shares, shares) && len(e.Periods) < maxEpochs {
		e.Periods = append(e.Periods, period{Since: now, Shares: shares})
		last++
		changed = true
	}
	if e.Periods[last].name(revision) {
		changed = true
	}
	e.index(index, last)
	return changed
}

// name adds a revision to a period, and returns whether it was not there.
func (p *period) name(revision string) bool {
	if slices.Contains(p.Revisions, revision) {
		return false
	}
	if over := len(p.Revisions) + 1 - maxRevisions; over > 0 {
		p.Revisions = slices.Delete(slices.Clone(p.Revisions), 1, 1+over) // reports have the slice
	}
	p.Revisions = append(p.Revisions, revision)
	return true
}

func (d *design) describe(x *datafile.Experiment) {
	d.ID, d.Key, d.Variations = x.ID, x.Key, nil
	if d.Names == nil {
		d.Names = map[string]string{}
	}
	for _, v := range x.Variations {
		d.Variations = append(d.Variations, named{v.ID, v.Key})
		d.Names[v.ID] = v.Key
	}
}

// index notes that a revision had a period's allocation.
func (e *epochs) index(revision uint16, period int) {
	if e.byRevision == nil {
		e.byRevision = map[uint16][]int{}
	}
	if !slices.Contains(e.byRevision[revision], period) {
		e.byRevision[revision] = append(e.byRevision[revision], period)
	}
}

// of returns the epoch of an exposure. A datafile that is edited by hand may
// keep its revision, and a page may bear one that the relay never had: then
// the time decides.
func (e *epochs) of(first *exposure) int {
	among, known := e.byRevision[first.Revision]
	if !known {
		return e.at(first.At)
	}
	for i := len(among) - 1; i > 0; i-- {
		if e.Periods[among[i]].Since <= first.At {
			return among[i]
		}
	}
	return among[0]
}

// at returns the epoch of a moment; the first begins before all time.
func (e *epochs) at(moment int64) int {
	for i := len(e.Periods) - 1; i > 0; i-- {
		if e.Periods[i].Since <= moment {
			return i
		}
	}
	return 0
}

// sharesOf returns how the line of buckets is divided among variations, in the
// order in which they are named first.
func sharesOf(allocation []bucketing.Range) (shares []share) {
	from := 0
	for _, r := range allocation {
		if r.EndOfRange <= from {
			continue
		}
		of := float64(r.EndOfRange-from) / bucketing.MaxTraffic
		from = r.EndOfRange
		if r.EntityID == "" {
			continue
		}
		i := slices.IndexFunc(shares, func(s share) bool { return s.Variation == r.EntityID })
		if i < 0 {
			shares = append(shares, share{Variation: r.EntityID})
			i = len(shares) - 1
		}
		shares[i].Of += of
	}
	return shares
}
