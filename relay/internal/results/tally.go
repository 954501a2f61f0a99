package results

import (
	"cmp"
	"log/slog"
	"math"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// What a tally holds is bounded. Ids of the datafile are always counted; of
// ids it does not know, as many as senders can make up, only so many are.
const (
	maxForeign     = 100     // experiments, variations of one, events, revisions
	maxIndices     = 1 << 16 // of each of these, known or not
	maxForeignID   = 200     // bytes of one
	maxConversions = 64      // kept one by one, of a visitor and event; later ones join the last of them
	maxAmount      = 1e12    // revenue in cents or value, either sign
)

// tally is what is known of one project's visitors.
//
// A visitor is a few words without pointers, in tables: an index into
// exposures and one into conversions begin chains linked by Next, which zero
// ends. Exported fields are those of the snapshot.
type tally struct {
	maxVisitors int
	log         *slog.Logger
	datafile    *datafile.Project
	engines     engines

	experimentIndex map[string]uint32
	experiments     []*experiment
	eventIndex      map[string]uint32 // by id
	revisionIndex   map[string]uint32

	visitors    visitors
	exposures   table[exposure]
	conversions table[conversion]

	noted noted
}

// noted is what was seen of a project beyond its counts.
type noted struct {
	Own        int64 // conversions of this project's own
	Duplicates int64 // conversions that had come before, though the log took them for new
	Late       int64 // events that came more than an hour after they happened
	Ahead      int64 // events from the future
	Amounts    int64 // revenues and values that are no usable numbers
	Strangers  int64 // exposures to experiments that no datafile of the project had
}

// exposure is a visitor's first to an experiment.
type exposure struct {
	At         int64
	Next       uint32
	Visitor    uint32
	Experiment uint16
	Variation  uint16
	Revision   uint16 // of the datafile that decided
	Crossed    bool   // there was one to another variation
	Forced     bool   // somebody chose the variation for this visitor
}

// conversion is one event of a visitor, or several. A chain is in order of
// time, the last first.
type conversion struct {
	At      int64
	UUID    uint64 // hash, of the first
	Revenue float64
	Value   float64
	Next    uint32
	Event   uint32
	Count   uint32
	Own     uint32 // of Count: those that are no guests, see newConversion
}

// after tells whether a conversion comes after another in time; the uuid makes
// the order one for any arrival.
func (c *conversion) after(other *conversion) bool {
	if c.At != other.At {
		return c.At > other.At
	}
	return c.UUID > other.UUID
}

// experiment is what is known of one.
type experiment struct {
	variationIndex map[string]uint32
	crossovers     int64
	check          Check
	epochs         epochs
	timeline       timeline
	reports        []cachedReport
}

func newTally(maxVisitors int, log *slog.Logger) *tally {
	t := &tally{
		maxVisitors:     maxVisitors,
		log:             log,
		experimentIndex: map[string]uint32{},
		eventIndex:      map[string]uint32{},
		revisionIndex:   map[string]uint32{},
	}
	t.exposures.add(exposure{}) // index zero ends chains
	t.conversions.add(conversion{})
	return t
}

// newConversion makes a conversion of an event. One that was posted without an
// SDK key is a guest in all projects it may concern but the first: it counts
// where its visitor was exposed, but nobody else misses it.
func newConversion(e *event.Event, guest bool) conversion {
	c := conversion{At: momentOf(e.Timestamp), UUID: xxhash.Sum64String(e.UUID), Count: 1, Own: 1}
	if guest {
		c.Own = 0
	}
	if usable(e.Revenue) {
		c.Revenue = math.Trunc(e.Revenue.Number)
	}
	if usable(e.Value) {
		c.Value = e.Value.Number
	}
	return c
}

func usable(a event.Amount) bool { return a.Valid && math.Abs(a.Number) <= maxAmount }

// sighting is an exposure as it arrives.
type sighting struct {
	Visitor                             uint64
	ExperimentID, VariationID, Revision string
	At                                  int64
	Forced                              bool
}

// expose counts an exposure.
func (t *tally) expose(s *sighting) {
	experiment, variation, ok := t.arm(s.ExperimentID, s.VariationID)
	if !ok {
		return
	}
	who, ok := t.visitor(s.Visitor)
	if !ok {
		return
	}
	e := exposure{At: s.At, Visitor: who, Experiment: uint16(experiment), Variation: uint16(variation), //nolint:gosec // below maxIndices
		Revision: t.revision(s.Revision), Forced: s.Forced}
	v := t.visitors.rows.at(who)
	at := t.exposureTo(v, e.Experiment)
	if at == 0 {
		e.Next = v.Exposure
		v.Exposure = t.exposures.add(e)
		t.enter(v.Exposure, never)
		return
	}
	first := t.exposures.at(at)
	if first.Variation != e.Variation && !first.Crossed {
		first.Crossed = true
		t.experiments[experiment].crossovers++
		t.experiments[experiment].timeline.crossed(first.At)
	}
	if e.At < first.At {
		before := first.At
		e.Next, e.Crossed = first.Next, first.Crossed
		*first = e
		t.enter(at, before)
	}
}

// enter writes an exposure into its experiment's timeline, with those of its
// visitor's conversions from then on that are not there yet: the ones before a
// moment.
func (t *tally) enter(at uint32, before int64) {
	first := t.exposures.at(at)
	line := &t.experiments[first.Experiment].timeline
	line.append(entry{at: first.At, exposure: at})
	for i := t.visitors.rows.at(first.Visitor).Conversion; i != 0; i = t.conversions.at(i).Next {
		switch n := t.conversions.at(i); {
		case n.At < first.At:
			return
		case n.At < before:
			line.append(entry{at: n.At, exposure: at, conversion: i})
		}
	}
}

// convert counts a conversion; its event is set here.
func (t *tally) convert(hash uint64, e *event.Event, n conversion) {
	var ok bool
	if n.Event, ok = t.event(e); !ok {
		return
	}
	who, ok := t.visitor(hash)
	if !ok {
		return
	}
	v := t.visitors.rows.at(who)
	place, ok := t.place(v, &n)
	if !ok {
		t.noted.Duplicates++
		return
	}
	t.noted.Own += int64(n.Own)
	if place.same < maxConversions {
		t.insert(v, place.behind, n)
	} else {
		t.joinLast(v, place.last, &n)
	}
}

// insert puts a conversion into its visitor's chain, behind another or at its head, and into the timelines of the experiments that
// they saw before it.
func (t *tally) insert(v *visitor, behind uint32, n conversion) {
	at := t.conversions.add(n)
	link := &v.Conversion
	if behind != 0 {
		link = &t.conversions.at(behind).Next
	}
	t.conversions.at(at).Next, *link = *link, at
	for i := v.Exposure; i != 0; i = t.exposures.at(i).Next {
		if first := t.exposures.at(i); n.At >= first.At {
			t.experiments[first.Experiment].timeline.append(entry{at: n.At, exposure: i, conversion: at})
		}
	}
}

// joinLast counts a conversion as a part of the last one of its visitor and event.
func (t *tally) joinLast(v *visitor, at uint32, n *conversion) {
	last := t.conversions.at(at)
	last.join(n)
	for i := v.Exposure; i != 0; i = t.exposures.at(i).Next {
		t.experiments[t.exposures.at(i).Experiment].timeline.changed(last.At)
	}
}

// place is where a conversion belongs in its visitor's chain.
type place struct {
	behind uint32 // 0: at its head
	same   int    // conversions of the same event
	last   uint32 // of them
}

// place finds it, or finds that the conversion is there already.
func (t *tally) place(v *visitor, n *conversion) (p place, ok bool) {
	for i := v.Conversion; i != 0; i = t.conversions.at(i).Next {
		old := t.conversions.at(i)
		if old.UUID == n.UUID {
			return p, false
		}
		if old.after(n) {
			p.behind = i
		}
		if old.Event == n.Event {
			if p.same == 0 {
				p.last = i
			}
			p.same++
		}
	}
	return p, true
}

func (c *conversion) join(n *conversion) {
	c.Count += n.Count
	c.Own += n.Own
	c.Revenue += n.Revenue
	c.Value += n.Value
}

// exposureTo returns the index of a visitor's exposure to an experiment, or 0.
func (t *tally) exposureTo(v *visitor, experiment uint16) uint32 {
	for i := v.Exposure; i != 0; i = t.exposures.at(i).Next {
		if t.exposures.at(i).Experiment == experiment {
			return i
		}
	}
	return 0
}

// visitor returns the index of a visitor; false for a new one too many.
func (t *tally) visitor(hash uint64) (uint32, bool) {
	i, ok := t.visitors.index(hash)
	if ok {
		return i, true
	}
	if t.visitors.rows.len() >= t.maxVisitors {
		return 0, false
	}
	if i = t.visitors.add(hash); t.visitors.rows.len() == t.maxVisitors {
		t.log.Error("no more new visitors are counted", "visitors", t.maxVisitors)
	}
	return i, true
}

// arm returns the indices of an experiment and its variation.
func (t *tally) arm(experimentID, variationID string) (experimentAt, variationAt uint32, ok bool) {
	known := t.datafile.ExperimentByID(experimentID) != nil
	x, experimentAt, ok := t.experimentAt(experimentID, known)
	if !ok {
		return 0, 0, false
	}
	if !known && !x.epochs.described() {
		t.noted.Strangers++
	}
	variationAt, ok = index(x.variationIndex, variationID, t.datafile.VariationByID(variationID) != nil)
	return experimentAt, variationAt, ok
}

// experimentAt returns an experiment by its id and its index, both new unless there are too many of those the datafile does not know.
func (t *tally) experimentAt(id string, known bool) (x *experiment, i uint32, ok bool) {
	if i, ok = index(t.experimentIndex, id, known); !ok {
		return nil, 0, false
	}
	if int(i) == len(t.experiments) {
		t.experiments = append(t.experiments, newExperiment())
	}
	return t.experiments[i], i, true
}

func newExperiment() *experiment {
	return &experiment{variationIndex: map[string]uint32{}, timeline: newTimeline()}
}

// experiment returns what is known of one by its id, or nil.
func (t *tally) experiment(id string) *experiment {
	if i, ok := t.experimentIndex[id]; ok {
		return t.experiments[i]
	}
	return nil
}

// event returns the index of an event. Senders that don't know its id send the
// key alone.
func (t *tally) event(e *event.Event) (uint32, bool) {
	id := e.EntityID
	if known := t.datafile.EventByKey(e.Key); known != nil && id == "" {
		id = known.ID
	}
	known := slices.ContainsFunc(t.datafile.Events, func(of *datafile.Event) bool { return of.ID == id })
	return index(t.eventIndex, id, known)
}

// revision returns the index of a datafile's revision. Those too many are as
// good as one the relay never had.
func (t *tally) revision(name string) uint16 {
	i, ok := index(t.revisionIndex, name, t.datafile != nil && name == t.datafile.Revision)
	if !ok {
		return math.MaxUint16
	}
	return uint16(i) //nolint:gosec // below maxIndices
}

// index returns the index of an id, a new one unless there are too many of
// those the datafile does not know.
func index(of map[string]uint32, id string, known bool) (uint32, bool) {
	i, ok := of[id]
	if ok {
		return i, true
	}
	if !known && (len(of) >= maxForeign || len(id) > maxForeignID) || len(of) >= maxIndices-1 {
		return 0, false
	}
	i = uint32(len(of))       //nolint:gosec // bounded by maxIndices
	of[strings.Clone(id)] = i // it may be a part of a large batch
	return i, true
}

// names returns the ids of an index in the order they were given in.
func names(of map[string]uint32) []string {
	list := make([]string, len(of))
	for id, i := range of {
		list[i] = id
	}
	return list
}

// lineUp compares two entries of a timeline: by time, an exposure before
// conversions, and these by their uuid, so that the order of arrival is
// nowhere in it but among exposures of one moment, where nothing depends on it.
func (t *tally) lineUp(a, b entry) int {
	byKind := cmp.Compare(min(a.conversion, 1), min(b.conversion, 1))
	switch {
	case a.at != b.at:
		return cmp.Compare(a.at, b.at)
	case byKind != 0:
		return byKind
	}
	return cmp.Or(cmp.Compare(t.conversions.at(a.conversion).UUID, t.conversions.at(b.conversion).UUID), cmp.Compare(a.exposure, b.exposure))
}
