package datafile

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/jsontext"
)

// legacyAudience reads an audience whose conditions are JSON within a string. They are read again in link; that the string is
// JSON is checked here, where an error can name its place.
func (d *decoder) legacyAudience() audienceText {
	var a audienceText
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			a.id = d.parser.Text()
		case "conditions":
			if d.parser.Kind() != jsontext.String {
				d.parser.Fail("the conditions of an audience must be JSON within a string; lists belong into typedAudiences")
				return
			}
			a.conditions = d.parser.String()
			if err := wellFormed(a.conditions); err != nil {
				d.parser.Fail("the conditions are not JSON: " + err.Error())
			}
		default:
			d.parser.Skip()
		}
	})
	return a
}

func wellFormed(text string) error {
	p := jsontext.New(text)
	p.Skip()
	return p.End()
}

func (d *decoder) typedAudience() audienceText {
	var a audienceText
	d.parser.Object(func(key string) {
		switch key {
		case "id":
			a.id = d.parser.Text()
		case "conditions":
			a.conditions = d.parser.Raw()
		default:
			d.parser.Skip()
		}
	})
	return a
}

// link joins the sections: the list of all experiments and the tables over it, audiences, traffic targets, flags. It returns what
// the datafile lacks, or "".
func (d *decoder) link() Error {
	p := d.project
	switch {
	case p.Version == "":
		return "the version is missing"
	case p.RevisionJSON == "":
		return "the revision is missing"
	case !d.hasExperiments && len(d.groupExperiments)+len(d.rules) > 0:
		return "the list of experiments is missing, though groups or rollouts have some"
	}
	p.Experiments = append(append(d.experiments, d.groupExperiments...), d.rules...)
	d.index()
	d.compileAudiences()
	for _, e := range p.Experiments {
		e.Running = p.experimentByKey[e.Key].Status == "Running"
		for _, r := range e.Allocation {
			e.Targets = append(e.Targets, p.variationByID[r.EntityID])
		}
	}
	for _, f := range p.Flags {
		for _, id := range f.ExperimentIDs {
			if e := p.experimentByID[id]; e != nil {
				e.HasFlag = true
			}
		}
	}
	return ""
}

// index numbers experiments, variations and events and fills the lookup tables, the last entry winning.
func (d *decoder) index() {
	p := d.project
	p.experimentByKey = make(map[string]*Experiment, len(p.Experiments))
	p.experimentByID = make(map[string]*Experiment, len(p.Experiments))
	p.variationByID = make(map[string]*Variation, 2*len(p.Experiments))
	p.eventByKey = make(map[string]*Event, len(p.Events))
	for i, e := range p.Experiments {
		e.Index = i
		p.experimentByKey[e.Key] = e
		p.experimentByID[e.ID] = e
		for _, v := range e.Variations {
			v.Index = len(p.Variations)
			p.Variations = append(p.Variations, v)
			p.variationByID[v.ID] = v
		}
	}
	for i, e := range p.Events {
		e.Index = i
		p.eventByKey[e.Key] = e
	}
}

// compileAudiences compiles audiences, the typed one winning over the legacy one of the same id, and then the audience lists of
// experiments over them.
func (d *decoder) compileAudiences() {
	compiler := audience.NewCompiler()
	for _, a := range d.attributes {
		compiler.Slot(a.key)
	}
	programs := make(map[string]*audience.Program, len(d.legacyAudiences)+len(d.typedAudiences))
	for _, texts := range [][]audienceText{d.legacyAudiences, d.typedAudiences} {
		for _, a := range texts {
			program := compiler.Conditions(jsontext.New(a.conditions))
			programs[a.id] = &program
		}
	}
	for _, list := range d.audienceLists {
		list.experiment.Audience = compiler.AudienceList(jsontext.New(list.ids), programs)
	}
	d.indexAttributes(compiler.Keys())
}

// indexAttributes names the slots. Of two attributes with one key the last one's id counts.
func (d *decoder) indexAttributes(keys []string) {
	p := d.project
	p.AttributeKeys = keys
	p.slotByKey = make(map[string]int, len(keys))
	for slot, key := range keys {
		p.slotByKey[key] = slot
	}
	p.AttributeIDs = make([]string, len(keys))
	for _, a := range d.attributes {
		p.AttributeIDs[p.slotByKey[a.key]] = a.id
	}
}
