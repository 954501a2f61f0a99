package results

import (
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"sortition/wasm/engine/event"
)

// What a book keeps for want of a datafile is bounded.
const (
	maxWaiting      = 10_000 // events
	maxWaitingBytes = 2_000  // of one
	// waitFor is how long one keeps its place when others want it: anyone can make up an experiment that never comes, and fill all
	// places for good. In that time a page gives up what it cannot send.
	waitFor = 72 * time.Hour
)

// What one should know of a sender's clock.
const (
	lateBy  = time.Hour
	aheadBy = 5 * time.Minute
)

// book is the counts of all projects.
type book struct {
	maxVisitors int
	log         *slog.Logger
	now         func() time.Time

	projects []Project // as of the last begin
	tallies  map[string]*tally
	touched  map[string]bool // SDK keys, since the last begin
	waiting  []waiting       // events that belong to nobody yet
	dropped  dropped
	turns    uint64 // visitors of batches so far, who are counted one after the other
	revised  bool   // some experiment's epochs are not what they were
}

// waiting is an event that no datafile knew: an exposure, or a conversion.
type waiting struct {
	SDKKey     string
	ProjectID  string // of a conversion
	Sighting   sighting
	VisitorID  string
	Conversion *event.Event // nil: an exposure
	Received   time.Time

	// Not kept:
	attributes []event.Attribute // of the visitor
	turn       uint64            // the visitor's, see book; 0 when unknown
}

func newBook(maxVisitors int, log *slog.Logger, now func() time.Time) *book {
	return &book{
		maxVisitors: maxVisitors,
		log:         log,
		now:         now,
		tallies:     map[string]*tally{},
		touched:     map[string]bool{},
	}
}

// begin says which projects there are from now on. Events that had waited for
// one of them are counted.
func (b *book) begin(projects []Project) {
	clear(b.touched)
	if slices.Equal(b.projects, projects) {
		return
	}
	b.projects = slices.Clone(projects)
	for _, p := range projects {
		b.see(p)
	}
	again := b.waiting
	b.waiting = nil
	for i := range again {
		b.again(&again[i])
	}
}

// see gives a project's tally its newest datafile.
func (b *book) see(p Project) {
	t := b.tallies[p.SDKKey]
	if t == nil {
		t = newTally(b.maxVisitors, b.log.With("sdkKey", p.SDKKey))
		b.tallies[p.SDKKey] = t
	}
	if t.datafile == p.Datafile {
		return
	}
	t.datafile = p.Datafile
	t.engines.see(p.Datafile)
	revision := t.revision(p.Datafile.Revision)
	for _, e := range p.Datafile.Experiments {
		if e.Rollout {
			continue
		}
		x, _, ok := t.experimentAt(e.ID, true)
		if !ok {
			continue
		}
		for _, v := range e.Variations {
			index(x.variationIndex, v.ID, true)
		}
		if x.epochs.see(e, p.Datafile.Revision, revision, b.now().UnixMilli()) {
			x.timeline.countAgain()
			b.revised = true
		}
	}
}

func (b *book) touchedKeys() (keys []string) {
	for key := range b.touched {
		keys = append(keys, key)
	}
	return keys
}

// add counts a batch, posted for an SDK key or, if that is empty, for whom it
// concerns.
func (b *book) add(sdkKey string, received time.Time, batch *event.Batch) {
	for i := range batch.Visitors {
		v := &batch.Visitors[i]
		b.turns++
		w := waiting{
			SDKKey:    sdkKey,
			ProjectID: batch.ProjectID,
			Sighting:  sighting{Visitor: xxhash.Sum64String(v.ID), Revision: batch.Revision},
			VisitorID: v.ID,
			Received:  received,

			attributes: v.Attributes,
			turn:       b.turns,
		}
		for j := range v.Snapshots {
			b.addSnapshot(w, &v.Snapshots[j])
		}
	}
}

// addSnapshot counts each of a snapshot's conversions, and each decision once, at the first of its activations. Those after it would change
// nothing, and a snapshot that somebody made up has a thousand of either: each with each would be a million exposures.
func (b *book) addSnapshot(w waiting, s *event.Snapshot) {
	first, activated := int64(never), false
	for i := range s.Events {
		e := &s.Events[i]
		if e.Key != event.Activated {
			w.Conversion = e
			b.addConversion(&w)
			continue
		}
		first, activated = min(first, momentOf(e.Timestamp)), true
	}
	if !activated {
		return
	}
	w.Conversion = nil
	for i := range s.Decisions {
		if d := &s.Decisions[i]; isExposure(d) {
			w.Sighting.ExperimentID, w.Sighting.VariationID, w.Sighting.At = d.ExperimentID, d.VariationID, first
			b.addExposure(&w)
		}
	}
}

func isExposure(d *event.Decision) bool {
	switch d.Metadata.RuleType {
	case "", "rollout", "holdout":
		return false
	}
	return d.ExperimentID != "" && d.VariationID != ""
}

func (b *book) again(w *waiting) {
	if w.Conversion != nil {
		b.addConversion(w)
	} else {
		b.addExposure(w)
	}
}

func (b *book) addExposure(w *waiting) {
	for _, p := range b.projects {
		e := p.Datafile.ExperimentByID(w.Sighting.ExperimentID)
		if p.SDKKey != w.SDKKey && (w.SDKKey != "" || e == nil) {
			continue
		}
		w.Sighting.Forced = e != nil && e.Whitelist[w.VisitorID] != ""
		t := b.tallies[p.SDKKey]
		t.noted.clock(w.Sighting.At, w.Received)
		t.check(w)
		t.expose(&w.Sighting)
		b.touched[p.SDKKey] = true
		return
	}
	b.wait(w)
}

func (b *book) addConversion(w *waiting) {
	found := false
	for _, p := range b.projects {
		if p.SDKKey != w.SDKKey && (w.SDKKey != "" || p.Datafile.ProjectID != w.ProjectID) {
			continue
		}
		t := b.tallies[p.SDKKey]
		if !found {
			t.noted.clock(w.Conversion.Timestamp, w.Received)
			t.noted.amounts(w.Conversion)
		}
		t.convert(w.Sighting.Visitor, w.Conversion, newConversion(w.Conversion, found))
		b.touched[p.SDKKey] = true
		found = true
	}
	if !found {
		b.wait(w)
	}
}

// clock takes note of a timestamp that is far from the time of arrival.
func (n *noted) clock(at int64, received time.Time) {
	switch {
	case at < received.Add(-lateBy).UnixMilli():
		n.Late++
	case at > received.Add(aheadBy).UnixMilli():
		n.Ahead++
	}
}

// wait keeps an event until there is a datafile it may belong to.
func (b *book) wait(w *waiting) {
	if len(b.waiting) == maxWaiting {
		b.letGo()
	}
	if len(b.waiting) == maxWaiting || w.size() > maxWaitingBytes {
		b.drop(1, w.SDKKey)
		return
	}
	b.waiting = append(b.waiting, w.alone())
}

// letGo gives up the events that have waited for long. They are in the order they came in.
func (b *book) letGo() {
	limit, old := b.now().Add(-waitFor), 0
	for old < len(b.waiting) && b.waiting[old].Received.Before(limit) {
		old++
	}
	if old > 0 {
		b.drop(old, b.waiting[old-1].SDKKey)
		b.waiting = slices.Delete(b.waiting, 0, old)
	}
}

// drop counts no more of some events, the last of them posted for an SDK key, than that they are dropped.
func (b *book) drop(events int, sdkKey string) {
	if n := b.dropped.add(b.now(), events); n > 0 {
		b.log.Warn("events that no datafile knows are not counted: they are too large, have waited for long, or too many wait already", "sdkKey", sdkKey, "events", n)
	}
}

// dropped are events that are not counted. Anyone can send as many of them as they like, so they are told together.
type dropped struct {
	untold int
	told   time.Time
}

// tellEvery is how often they are told.
const tellEvery = time.Minute

// add adds some and returns how many are to be told now, if any.
func (d *dropped) add(now time.Time, events int) (tell int) {
	d.untold += events
	if !d.told.IsZero() && now.Sub(d.told).Abs() < tellEvery {
		return 0
	}
	tell, d.untold, d.told = d.untold, 0, now
	return tell
}

// alone returns a copy that does not keep the batch in memory.
func (w *waiting) alone() waiting {
	kept := *w
	kept.attributes, kept.turn = nil, 0
	for _, text := range []*string{&kept.ProjectID, &kept.VisitorID, &kept.Sighting.ExperimentID, &kept.Sighting.VariationID, &kept.Sighting.Revision} {
		*text = strings.Clone(*text)
	}
	if e := w.Conversion; e != nil {
		kept.Conversion = &event.Event{EntityID: strings.Clone(e.EntityID), Key: strings.Clone(e.Key), UUID: strings.Clone(e.UUID),
			Timestamp: e.Timestamp, Revenue: e.Revenue, Value: e.Value}
	}
	return kept
}

func (w *waiting) size() int {
	n := len(w.ProjectID) + len(w.VisitorID) + len(w.Sighting.ExperimentID) + len(w.Sighting.VariationID) + len(w.Sighting.Revision)
	if w.Conversion != nil {
		n += len(w.Conversion.EntityID) + len(w.Conversion.Key)
	}
	return n
}
