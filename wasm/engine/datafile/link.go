package datafile

import (
	"slices"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/jsontext"
)

// legacyAudience reads an audience whose conditions are JSON within a string. They are read again in link; that the string is
// JSON is checked here, where an error can name its place.
func (d *decoder) legacyAudience() *audienceText {
	a := &audienceText{}
	d.parser.Members(jsontext.Member{Name: "id", To: &a.id}, jsontext.Member{Name: "conditions", To: func() {
		if d.parser.Kind() != jsontext.String {
			d.parser.Fail("the conditions of an audience must be JSON within a string; lists belong into typedAudiences")
			return
		}
		a.conditions = d.parser.String()
		if err := wellFormed(a.conditions); err != nil {
			d.parser.Fail("the conditions are not JSON: " + err.Error())
		}
	}})
	return a
}

func wellFormed(text string) error {
	p := jsontext.New(text)
	p.Skip()
	return p.End()
}

func (d *decoder) typedAudience() *audienceText {
	a := &audienceText{}
	d.parser.Members(
		jsontext.Member{Name: "id", To: &a.id},
		jsontext.Member{Name: "conditions", To: func() { a.conditions = d.parser.Raw() }},
	)
	return a
}

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
	d.linkHoldouts()
	p.Rules = append(slices.Clip(p.Experiments), p.Holdouts...)
	d.index()
	d.linkFlags()
	d.compileAudiences()
	for _, h := range p.Holdouts {
		p.LoadRule(h)
	}
	return ""
}

// index numbers rules, variations and events and fills the lookup tables, the last entry winning.
func (d *decoder) index() {
	p := d.project
	p.experimentByKey = nameAll(p.Experiments, func(e *Experiment) string { return e.Key })
	p.experimentByID = nameAll(p.Experiments, func(e *Experiment) string { return e.ID })
	for i, e := range p.Rules {
		e.Index = i
		for _, v := range e.Variations {
			v.Index = len(p.Variations)
			p.Variations = append(p.Variations, v)
		}
	}
	p.variationByID = nameAll(p.Variations, func(v *Variation) string { return v.ID })
	for _, h := range p.Holdouts {
		h.Slot, h.KeySlot, h.Running = h.Index, h.Index, h.Status == "Running"
	}
	for _, e := range p.Experiments {
		named := p.experimentByID.find(e.ID)
		e.Slot, e.Group = named.Index, named.Group
		named = p.experimentByKey.find(e.Key)
		e.KeySlot, e.Running = p.experimentByID.find(named.ID).Index, named.Status == "Running"
	}
	for i, e := range p.Events {
		e.Index = i
	}
	p.eventByKey = nameAll(p.Events, func(e *Event) string { return e.Key })
}

// compileAudiences compiles audiences, the typed one winning over the legacy one of the same id.
func (d *decoder) compileAudiences() {
	compiler := audience.NewCompiler()
	for _, a := range d.attributes {
		compiler.Slot(a.key)
	}
	programs := make(map[string]*audience.Program, len(d.legacyAudiences)+len(d.typedAudiences))
	d.project.audienceByID = programs
	for _, texts := range [][]*audienceText{d.legacyAudiences, d.typedAudiences} {
		for _, a := range texts {
			program := compiler.Conditions(jsontext.New(a.conditions))
			programs[a.id] = &program
		}
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
