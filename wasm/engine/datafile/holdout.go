package datafile

import "sortition/wasm/engine/internal/jsontext"

// holdout is a holdout with the ids of the rules it is local to.
type holdout struct {
	*Experiment
	includedRules []string
}

func (d *decoder) globalHoldout() *holdout {
	requireExtensible(d.parser)
	return d.holdout()
}

func (d *decoder) holdout() *holdout {
	h := &holdout{Experiment: d.rule()}
	p := jsontext.New(h.source)
	p.Members(
		jsontext.Member{Name: "excludeTargetedDeliveries", To: func() { h.ExcludeTargetedDeliveries = truthy(p) != "" }},
		jsontext.Member{Name: "includedRules", To: func() { h.includedRules = list(p, (*jsontext.Parser).Text) }},
	)
	for _, v := range h.Variations {
		v.holdout = true
	}
	return h
}

// linkHoldouts joins the holdouts: those of the section holdouts are global whatever else they say, and local ones belong to the
// rules they include; one that includes none is left out.
func (d *decoder) linkHoldouts() {
	p := d.project
	for _, h := range d.holdouts {
		p.GlobalHoldouts = append(p.GlobalHoldouts, h.Experiment)
	}
	p.Holdouts = append(p.Holdouts, p.GlobalHoldouts...)
	for _, h := range d.localHoldouts {
		if len(h.includedRules) != 0 {
			p.Holdouts = append(p.Holdouts, h.Experiment)
		}
		for _, id := range h.includedRules {
			if e := p.experimentByID.Find(id); e != nil { // and what others with that id have too, see index
				e.LocalHoldouts = append(e.LocalHoldouts, h.Experiment)
			}
		}
	}
}
