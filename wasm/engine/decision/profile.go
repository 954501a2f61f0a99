package decision

import "sortition/wasm/engine/datafile"

// Assignment says which variation an experiment's id stands for with a user, whatever rules would say. Slot is the experiment's.
type Assignment struct {
	Slot      int
	Variation *datafile.Variation
}

// Profile is what is remembered of a user between decisions, by a user profile service or only during one call.
type Profile struct {
	Variations []Assignment
	Changes    []Assignment // what decisions have added to Variations
}

// Restart takes away what decisions have added.
func (p *Profile) Restart() {
	p.Variations = p.Variations[:len(p.Variations)-len(p.Changes)]
	p.Changes = p.Changes[:0]
}

func (p *Profile) remember(e *datafile.Experiment, v *datafile.Variation) {
	a := Assignment{Slot: e.Slot, Variation: v}
	p.Variations = append(p.Variations, a)
	p.Changes = append(p.Changes, a)
}

// assigned returns the variation that is assigned at a slot, or nil. It is seldom called, and code in two places otherwise.
//
//go:noinline
func assigned(all []Assignment, slot int) *datafile.Variation {
	for i := range all {
		if all[i].Slot == slot {
			return all[i].Variation
		}
	}
	return nil
}
