package results

import (
	"slices"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// maxEngines is how many of a project's last datafiles can decide again.
const maxEngines = 8

// Check is how the exposures of an experiment compare with what the relay's
// own engine decides. Left out is what cannot be known from an event: a
// datafile the relay does not have any more, an audience that may have asked
// for attributes or segments that were withheld, and a variation that the
// visitor may have kept from an earlier datafile. A variation that a page
// forced cannot be told from a mismatch.
type Check struct {
	Checked    int64 `json:"checked"`
	Mismatches int64 `json:"mismatches"`
	Unknown    int64 `json:"unknown"` // left out
}

// engines decide as the last datafiles of a project say.
type engines struct{ byRevision []revised }

type revised struct {
	revision string
	engine   *engine.Engine
	user     *engine.User // who is decided for, one after the other
	turn     uint64       // of the user, as of a waiting
}

// see adds a datafile; one of the same revision replaces the one before.
func (e *engines) see(d *datafile.Project) {
	made, err := engine.New(d.Text)
	if err != nil {
		return // it was parsed before: only a datafile without its text is none
	}
	e.byRevision = slices.DeleteFunc(e.byRevision, func(r revised) bool { return r.revision == d.Revision })
	e.byRevision = append(e.byRevision, revised{d.Revision, made, made.NewUser("", nil), 0})
	if len(e.byRevision) > maxEngines {
		e.byRevision = slices.Delete(e.byRevision, 0, 1)
	}
}

func (e *engines) of(revision string) *revised {
	for i := len(e.byRevision) - 1; i >= 0; i-- {
		if e.byRevision[i].revision == revision {
			return &e.byRevision[i]
		}
	}
	return nil
}

// check decides an exposure again, before it is counted.
func (t *tally) check(w *waiting) {
	x := t.experiment(w.Sighting.ExperimentID)
	if x == nil || !x.epochs.described() {
		return
	}
	variation, known := t.decide(w)
	switch {
	case !known:
		x.check.Unknown++
	case variation == w.Sighting.VariationID:
		x.check.Checked++
	case t.mayHaveKept(x, w):
		x.check.Unknown++
	default:
		x.check.Checked++
		x.check.Mismatches++
	}
}

// decide returns the id of the variation that the engine chooses, or "".
func (t *tally) decide(w *waiting) (variationID string, known bool) {
	by := t.engines.of(w.Sighting.Revision)
	if by == nil {
		return "", false
	}
	experiment := by.engine.Project().ExperimentByID(w.Sighting.ExperimentID)
	if experiment == nil || experiment.Rollout {
		return "", false
	}
	by.serve(w)
	variation := by.engine.GetVariation(experiment.Key, by.user)
	if variation == nil {
		return "", !experiment.Running || by.user.Meets(&experiment.Audience)
	}
	return variation.ID, true
}

// serve makes the user the visitor of an exposure, once for all of theirs in a batch: somebody may send thousands, with as many attributes.
func (r *revised) serve(w *waiting) {
	if w.turn == 0 || w.turn != r.turn {
		r.user.Renew(w.VisitorID, attributesOf(w.attributes))
		r.turn = w.turn
	}
}

// mayHaveKept tells whether a visitor got the variation by an earlier datafile.
func (t *tally) mayHaveKept(x *experiment, w *waiting) bool {
	who, ok := t.visitors.index(w.Sighting.Visitor)
	if !ok {
		return false
	}
	at := t.exposureTo(t.visitors.rows.at(who), uint16(t.experimentIndex[w.Sighting.ExperimentID])) //nolint:gosec // below maxIndices
	if at == 0 {
		return false
	}
	first := t.exposures.at(at)
	return uint32(first.Variation) == x.variationIndex[w.Sighting.VariationID] && first.Revision != t.revision(w.Sighting.Revision)
}

// attributesOf are a visitor's attributes as an engine takes them.
func attributesOf(sent []event.Attribute) map[string]any {
	if len(sent) == 0 {
		return nil
	}
	attributes := make(map[string]any, len(sent))
	for i := range sent {
		switch v := sent[i].Value; v.Kind {
		case audience.Text:
			attributes[sent[i].Key] = v.Text
		case audience.Number:
			attributes[sent[i].Key] = v.Number
		case audience.Boolean:
			attributes[sent[i].Key] = v.Bool
		}
	}
	return attributes
}
