package datafile

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/internal/jsontext"
)

// experiment is rule for an experiment or a delivery rule, of which the official SDK reads at once what variations set.
func (d *decoder) experiment() *Experiment {
	requireExtensible(d.parser)
	e := d.rule()
	for _, v := range e.Variations {
		if !v.hasValues && isTrue(v.source) {
			d.parser.Fail(`variation "` + v.Key + `" must have a list of variables`)
		}
	}
	return e
}

// rule reads of an experiment, a delivery rule or a holdout what others refer to. LoadRule reads the rest.
func (d *decoder) rule() *Experiment {
	var e *Experiment
	if i, m := d.again(rules); i >= 0 {
		e = d.ruleAgain(i, &m)
	} else {
		e = d.ruleBlocks.next()
		e.source = d.read(rules,
			jsontext.Member{Name: "id", To: &e.ID},
			jsontext.Member{Name: "key", To: &e.Key},
			jsontext.Member{Name: "layerId", To: &e.LayerID},
			jsontext.Member{Name: "status", To: &e.Status},
			jsontext.Member{Name: "type", To: &e.Type},
			jsontext.Member{Name: "variations", To: func() { e.Variations = subsection(d, &d.variations, (*decoder).variation) }},
		)
	}
	e.own = int32(len(e.Variations))
	d.project.rules = append(d.project.rules, e)
	return e
}

func (d *decoder) variation() *Variation {
	v := d.variationBlocks.next()
	d.parser.Members(
		jsontext.Member{Name: "featureEnabled", To: (*jsontext.Raw)(&v.featureEnabled)},
		jsontext.Member{Name: "id", To: &v.ID},
		jsontext.Member{Name: "key", To: &v.Key},
		jsontext.Member{Name: "variables", To: func() {
			v.hasValues = d.parser.Kind() == jsontext.Array
			v.source = d.parser.Raw()
		}},
	)
	v.Enabled = isTrue(v.featureEnabled)
	return v
}

func (d *decoder) group() *Group {
	g := &Group{}
	var policy string
	var experiments []*Experiment
	d.parser.Members(
		jsontext.Member{Name: "experiments", To: func() { experiments = subsection(d, &d.rules, (*decoder).experiment) }},
		jsontext.Member{Name: "id", To: &g.ID},
		jsontext.Member{Name: "policy", To: &policy},
		jsontext.Member{Name: "trafficAllocation", To: func() { g.Allocation = allocation(d.parser) }},
	)
	g.Line = bucketing.NewLine(g.Allocation)
	g.Random = policy == "random"
	for _, e := range experiments {
		e.Group = g
	}
	d.groupExperiments = append(d.groupExperiments, experiments...)
	return g
}

func (d *decoder) rollout() *Rollout {
	r := d.rolloutBlocks.next()
	d.parser.Members(
		jsontext.Member{Name: "experiments", To: func() { r.Rules = subsection(d, &d.rules, (*decoder).experiment) }},
		jsontext.Member{Name: "id", To: &r.ID},
	)
	for _, rule := range r.Rules {
		rule.Rollout = true
	}
	return r
}
