package datafile

import "sortition/wasm/engine/internal/jsontext"

func (d *decoder) experiment() *Experiment {
	e := &Experiment{}
	var audienceIDs, audienceConditions string
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			e.ID = d.parser.Text()
		case "key":
			e.Key = d.parser.Text()
		case "status":
			e.Status = d.parser.Text()
		case "layerId":
			e.LayerID = d.parser.Text()
		case "variations":
			e.Variations = list(d, func() *Variation { return d.variation(e) })
		case "trafficAllocation":
			e.Allocation = d.allocation()
		case "audienceIds":
			audienceIDs = d.parser.Raw()
		case "audienceConditions":
			audienceConditions = d.truthy()
		case "forcedVariations":
			e.Whitelist = d.whitelist()
		default:
			d.parser.Skip()
		}
	})
	if audienceConditions == "" {
		audienceConditions = audienceIDs
	}
	if audienceConditions != "" {
		d.audienceLists = append(d.audienceLists, audienceList{e, audienceConditions})
	}
	return e
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

func (d *decoder) variation(e *Experiment) *Variation {
	v := &Variation{Experiment: e}
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			v.ID = d.parser.Text()
		case "key":
			v.Key = d.parser.Text()
		default:
			d.parser.Skip()
		}
	})
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
	var experiments []*Experiment
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			g.ID = d.parser.Text()
		case "policy":
			g.Random = d.parser.Text() == "random"
		case "trafficAllocation":
			g.Allocation = d.allocation()
		case "experiments":
			experiments = list(d, d.experiment)
		default:
			d.parser.Skip()
		}
	})
	for _, e := range experiments {
		e.Group = g
	}
	d.groupExperiments = append(d.groupExperiments, experiments...)
	return g
}

func (d *decoder) rollout() {
	d.parser.Object(func(key string) {
		if key != "experiments" {
			d.parser.Skip()
			return
		}
		for _, rule := range list(d, d.experiment) {
			rule.Rollout = true
			d.rules = append(d.rules, rule)
		}
	})
}

func (d *decoder) flag() *Flag {
	f := &Flag{}
	hasVariables := false
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			f.ID = d.parser.Text()
		case "key":
			f.Key = d.parser.Text()
		case "experimentIds":
			f.ExperimentIDs = list(d, d.parser.Text)
		case "variables":
			hasVariables = d.parser.Kind() == jsontext.Array
			d.parser.Skip()
		default:
			d.parser.Skip()
		}
	})
	if !hasVariables {
		d.parser.Fail(`flag "` + f.Key + `" must have a list of variables`)
	}
	return f
}
