package results

import (
	"errors"
	"log/slog"
	"slices"

	"github.com/cespare/xxhash/v2"

	"sortition/wasm/engine/event"
)

// maxUnresolved bounds how many needs a book remembers.
const maxUnresolved = 1000

// errResolvable means that the log must be counted again: events were left
// out for want of a datafile that is there now.
var errResolvable = errors.New("events that belonged to nobody now belong to a project")

// book is the counts of all projects.
type book struct {
	maxVisitors int
	log         *slog.Logger

	projects   []Project // as of the last begin
	tallies    map[string]*tally
	touched    map[string]bool   // SDK keys, since the last begin
	unresolved map[need]struct{} // of events that were left out
}

// need is what was missing to count an event: the datafile of an SDK key, or,
// for one that was posted without, a project or experiment of an id.
type need struct{ sdkKey, id string }

func (n need) isMet(by Project) bool {
	if n.sdkKey != "" {
		return by.SDKKey == n.sdkKey
	}
	return by.Datafile.ProjectID == n.id || by.Datafile.ExperimentByID(n.id) != nil
}

func newBook(maxVisitors int, log *slog.Logger) *book {
	return &book{
		maxVisitors: maxVisitors,
		log:         log,
		tallies:     map[string]*tally{},
		touched:     map[string]bool{},
		unresolved:  map[need]struct{}{},
	}
}

// begin says which projects there are from now on.
func (b *book) begin(projects []Project) {
	b.projects = projects
	clear(b.touched)
}

func (b *book) touchedKeys() (keys []string) {
	for key := range b.touched {
		keys = append(keys, key)
	}
	return keys
}

// resolves says whether there is by now what an event was left out for.
func (b *book) resolves(projects []Project) bool {
	for n := range b.unresolved {
		if slices.ContainsFunc(projects, n.isMet) {
			return true
		}
	}
	return false
}

// add counts a batch, posted for an SDK key or, if that is empty, for whom it concerns.
func (b *book) add(sdkKey string, batch *event.Batch) {
	for i := range batch.Visitors {
		visitor := xxhash.Sum64String(batch.Visitors[i].ID)
		for j := range batch.Visitors[i].Snapshots {
			b.addSnapshot(sdkKey, batch.ProjectID, visitor, &batch.Visitors[i].Snapshots[j])
		}
	}
}

func (b *book) addSnapshot(sdkKey, projectID string, visitor uint64, s *event.Snapshot) {
	for i := range s.Events {
		e := &s.Events[i]
		if e.Key != event.Activated {
			b.addConversion(sdkKey, projectID, visitor, e)
			continue
		}
		for j := range s.Decisions {
			if d := &s.Decisions[j]; isExposure(d) {
				b.addExposure(sdkKey, visitor, d, e.Timestamp)
			}
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

func (b *book) addExposure(sdkKey string, visitor uint64, d *event.Decision, at int64) {
	for _, p := range b.projects {
		if p.SDKKey == sdkKey || sdkKey == "" && p.Datafile.ExperimentByID(d.ExperimentID) != nil {
			b.tally(p).expose(visitor, d.ExperimentID, d.VariationID, at)
			b.touched[p.SDKKey] = true
			return
		}
	}
	b.leaveOut(sdkKey, d.ExperimentID)
}

func (b *book) addConversion(sdkKey, projectID string, visitor uint64, e *event.Event) {
	found := false
	for _, p := range b.projects {
		if p.SDKKey == sdkKey || sdkKey == "" && p.Datafile.ProjectID == projectID {
			b.tally(p).convert(visitor, e, newConversion(e, found))
			b.touched[p.SDKKey] = true
			found = true
		}
	}
	if !found {
		b.leaveOut(sdkKey, projectID)
	}
}

// leaveOut remembers what an event would have needed.
func (b *book) leaveOut(sdkKey, id string) {
	if sdkKey != "" {
		id = ""
	}
	if len(b.unresolved) < maxUnresolved {
		b.unresolved[need{sdkKey, id}] = struct{}{}
	}
}

// tally returns the project's, with its newest datafile.
func (b *book) tally(p Project) *tally {
	t := b.tallies[p.SDKKey]
	if t == nil {
		t = newTally(b.maxVisitors, b.log.With("project", p.SDKKey))
		b.tallies[p.SDKKey] = t
	}
	t.datafile = p.Datafile
	return t
}
