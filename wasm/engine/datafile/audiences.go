package datafile

import (
	"slices"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/names"
)

// namedAudience is an audience: who meets its conditions belongs to it. Its program is nil until somebody asks for it.
type namedAudience struct {
	_              lean.Uncompared
	id, conditions string
	isOld          bool // the earlier project had the same
	program        *audience.Program
}

func (d *decoder) legacyAudience() *namedAudience {
	a := d.audience(legacyAudiences, d.legacyConditions)
	if a.conditions == "" {
		d.parser.Fail("an audience must have conditions")
	}
	return a
}

func (d *decoder) typedAudience() *namedAudience { return d.audience(typedAudiences, d.parser.Raw) }

// audience reads an audience, and conditions its conditions.
func (d *decoder) audience(of part, conditions func() string) *namedAudience {
	if i, m := d.again(of); i >= 0 {
		return d.audienceAgain(of, i, &m)
	}
	a := &namedAudience{}
	d.read(of,
		jsontext.Member{Name: "conditions", To: func() { a.conditions = conditions() }},
		jsontext.Member{Name: "id", To: &a.id},
	)
	return a
}

// legacyConditions reads conditions that are JSON within a string. They are read again when they are compiled; that the string is JSON
// is checked here, where an error can name its place. JSON.parse takes what needs no brackets as well without a string.
func (d *decoder) legacyConditions() string {
	switch d.parser.Kind() {
	case jsontext.Null, jsontext.Bool, jsontext.Number:
		return d.parser.Raw()
	case jsontext.Array, jsontext.Object:
		d.parser.Fail("the conditions of an audience must be JSON within a string; lists belong into typedAudiences")
		return ""
	}
	conditions := d.parser.String()
	if err := wellFormed(conditions); err != nil {
		d.parser.Fail("the conditions are not JSON: " + err.Error())
	}
	return conditions
}

func wellFormed(text string) error {
	p := jsontext.New(text)
	p.Skip()
	return p.End()
}

// linkAudiences names the slots of attributes, which takes compiling audiences, as they may mention keys that are not among the
// datafile's attributes. It need not be done now of those that an earlier project had, when its slots were the same. The typed audience
// wins over the legacy one of the same id.
func (d *decoder) linkAudiences() {
	p := d.project
	p.compiler = audience.NewCompiler()
	for _, a := range d.attributes {
		p.compiler.Slot(a.key)
	}
	hasSlots := slices.Equal(p.compiler.Keys(), d.earlier.AttributeKeys)
	all := append(slices.Clip(d.legacyAudiences), d.typedAudiences...)
	for _, a := range all {
		if !a.isOld || !hasSlots {
			p.compile(a)
		}
	}
	p.audiences = names.Of(all, func(a *namedAudience) string { return a.id }, d.earlier.audiences)
	p.AttributeKeys = p.compiler.Keys()
	p.AttributeIDs = make([]string, len(p.AttributeKeys))
	for _, a := range d.attributes {
		p.AttributeIDs[p.compiler.Slot(a.key)] = a.id // of two with one key the last one's counts
	}
}

func (p *Project) compile(a *namedAudience) *audience.Program {
	if a.program == nil {
		program := p.compiler.Conditions(jsontext.New(a.conditions))
		a.program = &program
	}
	return a.program
}

// audience returns the program of the audience with an id, or nil.
func (p *Project) audience(id string) *audience.Program {
	a := p.audiences.Find(id)
	if a == nil {
		return nil
	}
	return p.compile(a)
}
