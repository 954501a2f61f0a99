package results

import (
	"log/slog"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// What a tally holds is bounded. Ids of the datafile are always counted; of
// ids it does not know, as many as senders can make up, only so many are.
const (
	maxForeign     = 100  // experiments, variations of one, events
	maxConversions = 64   // kept one by one, of a visitor and event; later ones join the last of them
	maxRevenue     = 1e12 // cents, either sign
)

// tally is the counts of one project.
//
// Visitors are few words each, without pointers, in slices: an index into
// exposures and one into conversions begin chains linked by next, which zero
// ends.
type tally struct {
	maxVisitors int
	log         *slog.Logger
	datafile    *datafile.Project

	experimentIndex map[string]uint32
	experiments     []*experiment
	eventIndex      map[string]uint32 // by id

	visitors    map[uint64]uint32 // by hash of the id
	chains      []chains
	exposures   []exposure
	conversions []conversion

	own        int // conversions of this project's own
	duplicates int
	counted    []uint32 // by event: the last round it was counted in
	round      uint32
}

// chains are where what is known of a visitor begins.
type chains struct{ exposure, conversion uint32 }

// exposure is a visitor's first to an experiment.
type exposure struct {
	at         int64
	next       uint32
	experiment uint32
	variation  uint32
	crossed    bool // there was one to another variation
}

// conversion is one event of a visitor, or several.
type conversion struct {
	at      int64
	uuid    uint64 // hash, of the first
	revenue int64  // cents
	next    uint32
	event   uint32
	count   uint32
	own     uint32 // of count: those that are no guests, see newConversion
}

// experiment is the counts of one.
type experiment struct {
	variationIndex map[string]uint32
	variations     []variation
	crossovers     int
	attributed     int // conversions of the project's own
}

type variation struct {
	visitors int
	totals   []totals // by event; may be shorter than there are events
}

// totals are the conversions of one event in one variation.
type totals struct {
	converters, conversions int
	revenue                 int64 // cents
}

func newTally(maxVisitors int, log *slog.Logger) *tally {
	return &tally{
		maxVisitors:     maxVisitors,
		log:             log,
		experimentIndex: map[string]uint32{},
		eventIndex:      map[string]uint32{},
		visitors:        map[uint64]uint32{},
		exposures:       make([]exposure, 1), // index zero ends chains
		conversions:     make([]conversion, 1),
	}
}

// newConversion makes a conversion of an event. One that was posted without an
// SDK key is a guest in all projects it may concern but the first: it counts
// where its visitor was exposed, but nobody else misses it.
func newConversion(e *event.Event, guest bool) conversion {
	c := conversion{at: e.Timestamp, uuid: xxhash.Sum64String(e.UUID), count: 1, own: 1}
	if guest {
		c.own = 0
	}
	if e.Revenue.Valid {
		c.revenue = int64(max(-maxRevenue, min(math.Trunc(e.Revenue.Number), maxRevenue)))
	}
	return c
}

// expose counts an exposure.
func (t *tally) expose(visitor uint64, experimentID, variationID string, at int64) {
	experiment, variation, ok := t.arm(experimentID, variationID)
	if !ok {
		return
	}
	c := t.chainsOf(visitor)
	if c == nil {
		return
	}
	first := t.exposureTo(c, experiment)
	if first == nil {
		t.exposures = append(t.exposures, exposure{at: at, next: c.exposure, experiment: experiment, variation: variation})
		c.exposure = uint32(len(t.exposures) - 1) //nolint:gosec // bounded by maxVisitors
		t.contribute(c, &t.exposures[c.exposure], 1)
		return
	}
	if first.variation != variation && !first.crossed {
		first.crossed = true
		t.experiments[experiment].crossovers++
	}
	if at < first.at {
		t.contribute(c, first, -1)
		first.at, first.variation = at, variation
		t.contribute(c, first, 1)
	}
}

// convert counts a conversion; its event and next are set here.
func (t *tally) convert(visitor uint64, e *event.Event, n conversion) {
	var ok bool
	if n.event, ok = t.event(e); !ok {
		return
	}
	c := t.chainsOf(visitor)
	if c == nil {
		return
	}
	same, last, known := t.others(c, n)
	if known {
		t.duplicates++
		return
	}
	t.own += int(n.own)
	latest := int64(math.MinInt64)
	if same > 0 {
		latest = t.conversions[last].at
	}
	if same < maxConversions {
		n.next = c.conversion
		t.conversions = append(t.conversions, n)
		c.conversion = uint32(len(t.conversions) - 1) //nolint:gosec // bounded by the log's size
	} else {
		n.at = latest
		t.conversions[last].join(n)
	}
	t.credit(c, n, same > 0, latest)
}

// credit adds a conversion to the experiments its visitor was exposed to. The
// visitor is a new converter where the latest of the event's others, if there
// are any, came before the exposure.
func (t *tally) credit(c *chains, n conversion, others bool, latest int64) {
	for i := c.exposure; i != 0; i = t.exposures[i].next {
		first := &t.exposures[i]
		if n.at < first.at {
			continue
		}
		x := t.experiments[first.experiment]
		x.attributed += int(n.own)
		sum := x.variations[first.variation].of(n.event)
		sum.add(n, 1)
		if !others || latest < first.at {
			sum.converters++
		}
	}
}

// others returns how many conversions of the same event a visitor has, the
// last of them, and whether n is among all of them already.
func (t *tally) others(c *chains, n conversion) (same int, last uint32, known bool) {
	for i := c.conversion; i != 0; i = t.conversions[i].next {
		old := &t.conversions[i]
		if old.uuid == n.uuid {
			return 0, 0, true
		}
		if old.event != n.event {
			continue
		}
		same++
		if last == 0 || old.at > t.conversions[last].at {
			last = i
		}
	}
	return same, last, false
}

func (c *conversion) join(n conversion) {
	c.count += n.count
	c.own += n.own
	c.revenue += n.revenue
}

// contribute adds to an experiment what the visitor brings to it, or takes it
// away again.
func (t *tally) contribute(c *chains, first *exposure, sign int) {
	x := t.experiments[first.experiment]
	v := &x.variations[first.variation]
	v.visitors += sign
	t.round++
	for i := c.conversion; i != 0; i = t.conversions[i].next {
		n := &t.conversions[i]
		if n.at < first.at {
			continue
		}
		x.attributed += sign * int(n.own)
		sum := v.of(n.event)
		sum.add(*n, sign)
		if t.firstOfRound(n.event) {
			sum.converters += sign
		}
	}
}

// of returns the totals of an event.
func (v *variation) of(event uint32) *totals {
	for len(v.totals) <= int(event) {
		v.totals = append(v.totals, totals{})
	}
	return &v.totals[event]
}

func (s *totals) add(n conversion, sign int) {
	s.conversions += sign * int(n.count)
	s.revenue += int64(sign) * n.revenue
}

// firstOfRound says whether the event comes for the first time since round
// was counted up.
func (t *tally) firstOfRound(event uint32) bool {
	for len(t.counted) <= int(event) {
		t.counted = append(t.counted, 0)
	}
	first := t.counted[event] != t.round
	t.counted[event] = t.round
	return first
}

func (t *tally) exposureTo(c *chains, experiment uint32) *exposure {
	for i := c.exposure; i != 0; i = t.exposures[i].next {
		if t.exposures[i].experiment == experiment {
			return &t.exposures[i]
		}
	}
	return nil
}

// chainsOf returns what is known of a visitor; nil for a new one too many.
func (t *tally) chainsOf(visitor uint64) *chains {
	i, ok := t.visitors[visitor]
	if !ok {
		if len(t.chains) >= t.maxVisitors {
			return nil
		}
		i = uint32(len(t.chains)) //nolint:gosec // bounded by maxVisitors
		t.visitors[visitor] = i
		if t.chains = append(t.chains, chains{}); len(t.chains) == t.maxVisitors {
			t.log.Error("no more new visitors are counted", "visitors", t.maxVisitors)
		}
	}
	return &t.chains[i]
}

// arm returns the indices of an experiment and its variation.
func (t *tally) arm(experimentID, variationID string) (experimentAt, variationAt uint32, ok bool) {
	known := t.datafile.ExperimentByID(experimentID) != nil
	if experimentAt, ok = index(t.experimentIndex, experimentID, known); !ok {
		return 0, 0, false
	}
	if int(experimentAt) == len(t.experiments) {
		t.experiments = append(t.experiments, &experiment{variationIndex: map[string]uint32{}})
	}
	x := t.experiments[experimentAt]
	if variationAt, ok = index(x.variationIndex, variationID, t.datafile.VariationByID(variationID) != nil); !ok {
		return 0, 0, false
	}
	if int(variationAt) == len(x.variations) {
		x.variations = append(x.variations, variation{})
	}
	return experimentAt, variationAt, true
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

// index returns the index of an id, a new one unless there are too many of
// those the datafile does not know.
func index(of map[string]uint32, id string, known bool) (uint32, bool) {
	i, ok := of[id]
	if ok {
		return i, true
	}
	if !known && len(of) >= maxForeign {
		return 0, false
	}
	i = uint32(len(of)) //nolint:gosec // bounded by maxForeign and the datafile
	of[id] = i
	return i, true
}
