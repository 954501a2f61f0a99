package datafile

import (
	"slices"

	"sortition/wasm/engine/internal/names"
)

// link joins the sections: the list of all experiments and the tables over it, flags, holdouts, audiences. It
// returns what the datafile lacks, or "".
func (d *decoder) link() Error {
	p := d.project
	p.Experiments = append(p.Experiments, d.experiments...)
	p.Experiments = append(p.Experiments, d.groupExperiments...)
	for _, r := range d.rollouts {
		p.Experiments = append(p.Experiments, r.Rules...)
	}
	switch {
	case p.Version == "":
		return "the version is missing"
	case p.RevisionJSON == "":
		return "the revision is missing"
	case !d.hasExperiments && len(p.Experiments) > 0:
		return "the list of experiments is missing, though groups or rollouts have some"
	}
	p.experimentByID = names.Of(p.Experiments, func(e *Experiment) string { return e.ID }, d.earlier.experimentByID)
	if len(d.holdouts) != 0 || len(d.localHoldouts) != 0 { // else a page need not compile what links them
		d.linkHoldouts()
	}
	p.Rules = append(slices.Clip(p.Experiments), p.Holdouts...)
	d.index()
	if lack := d.linkFlags(); lack != "" {
		return lack
	}
	d.linkAudiences()
	for _, h := range p.Holdouts {
		p.LoadRule(h)
	}
	return ""
}

// index numbers rules, variations and events and fills the lookup tables, the last entry winning.
func (d *decoder) index() {
	p := d.project
	p.experimentByKey = names.Of(p.Experiments, func(e *Experiment) string { return e.Key }, d.earlier.experimentByKey)
	for i, e := range p.Rules {
		e.Index = i
		for _, v := range e.Variations {
			v.Index = len(p.Variations)
			p.Variations = append(p.Variations, v)
		}
	}
	p.variationByID = names.Of(p.Variations, func(v *Variation) string { return v.ID }, d.earlier.variationByID)
	for _, h := range p.Holdouts {
		h.Slot, h.KeySlot, h.Running = h.Index, h.Index, h.Status == "Running"
	}
	for _, e := range p.Experiments {
		named := p.experimentByID.Find(e.ID)
		e.Slot, e.Group, e.LocalHoldouts = named.Index, named.Group, named.LocalHoldouts
		named = p.experimentByKey.Find(e.Key)
		e.KeySlot, e.Running = p.experimentByID.Find(named.ID).Index, named.Status == "Running"
	}
	for i, e := range p.Events {
		e.Index = i
	}
	p.eventByKey = names.Of(p.Events, func(e *Event) string { return e.Key }, d.earlier.eventByKey)
}
