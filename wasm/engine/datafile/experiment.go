package datafile

import "sortition/wasm/engine/internal/jsontext"

func (d *decoder) experiment() *Experiment {
	e := &Experiment{}
	d.rule(e)
	return e
}

// rule reads an experiment, a delivery rule or a holdout, with the members that only some of them have.
func (d *decoder) rule(e *Experiment, further ...jsontext.Member) {
	var audienceIDs, audienceConditions string
	d.parser.Members(append(further,
		jsontext.Member{Name: "id", To: &e.ID},
		jsontext.Member{Name: "key", To: &e.Key},
		jsontext.Member{Name: "status", To: &e.Status},
		jsontext.Member{Name: "layerId", To: &e.LayerID},
		jsontext.Member{Name: "type", To: &e.Type},
		jsontext.Member{Name: "cmab", To: func() { e.CMAB = d.truthy() != "" }},
		jsontext.Member{Name: "variations", To: func() { e.Variations = list(d, d.variation) }},
		jsontext.Member{Name: "trafficAllocation", To: func() { e.Allocation = d.allocation() }},
		jsontext.Member{Name: "audienceIds", To: func() { audienceIDs = d.parser.Raw() }},
		jsontext.Member{Name: "audienceConditions", To: func() { audienceConditions = d.truthy() }},
		jsontext.Member{Name: "forcedVariations", To: func() { e.Whitelist = d.whitelist() }},
	)...)
	if audienceConditions == "" {
		audienceConditions = audienceIDs
	}
	if audienceConditions != "" {
		d.audienceLists = append(d.audienceLists, audienceList{e, audienceConditions})
	}
}

// truthy returns the text of the next value, or "" where JavaScript takes the value for false; an empty list is true.
func (d *decoder) truthy() string {
	kind := d.parser.Kind()
	raw := d.parser.Raw()
	switch {
	case kind == jsontext.Null, raw == "false", raw == `""`:
		return ""
	case kind == jsontext.Number && jsontext.New(raw).Number() == 0:
		return ""
	}
	return raw
}

func (d *decoder) variation() *Variation {
	v := &Variation{}
	d.parser.Members(
		jsontext.Member{Name: "id", To: &v.ID},
		jsontext.Member{Name: "key", To: &v.Key},
		jsontext.Member{Name: "featureEnabled", To: &v.Enabled},
		jsontext.Member{Name: "variables", To: func() {
			v.hasValues = d.parser.Kind() == jsontext.Array
			v.values = list(d, d.variableValue)
		}},
	)
	return v
}

func (d *decoder) variableValue() (v VariableValue) {
	d.parser.Members(jsontext.Member{Name: "id", To: &v.ID}, jsontext.Member{Name: "value", To: &v.Value})
	return v
}

func (d *decoder) whitelist() map[string]string {
	var users map[string]string
	d.parser.Object(func(user string) {
		if users == nil {
			users = map[string]string{}
		}
		users[user] = d.parser.Text()
	})
	return users
}

func (d *decoder) group() *Group {
	g := &Group{}
	var policy string
	var experiments []*Experiment
	d.parser.Members(
		jsontext.Member{Name: "id", To: &g.ID},
		jsontext.Member{Name: "policy", To: &policy},
		jsontext.Member{Name: "trafficAllocation", To: func() { g.Allocation = d.allocation() }},
		jsontext.Member{Name: "experiments", To: func() { experiments = list(d, d.experiment) }},
	)
	g.Random = policy == "random"
	for _, e := range experiments {
		e.Group = g
	}
	d.groupExperiments = append(d.groupExperiments, experiments...)
	return g
}
