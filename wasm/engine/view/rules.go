package view

import (
	"slices"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
)

// rule is an experiment or a delivery rule. One is read after the other, into the same room.
type rule struct {
	_                           lean.Uncompared
	id, key, audienceConditions raw
	hasVariations               bool
	variations                  []variation
	sets                        []set // of all variations
}

type variation struct {
	_                       lean.Uncompared
	id, key, featureEnabled raw
	from, to                int // its sets
}

// set is what a variation sets a variable to.
type set struct {
	_         lean.Uncompared
	id, value raw
	variable  *variable
	isShown   bool
}

// read reads a rule, and with its own variations what flags add to a feature rollout.
func (r *rule) read(p *datafile.Project, linked *datafile.Experiment) {
	*r = rule{variations: r.variations[:0], sets: r.sets[:0]}
	parser := jsontext.New(linked.Source())
	parser.Members(
		at("audienceConditions", &r.audienceConditions),
		at("id", &r.id),
		at("key", &r.key),
		jsontext.Member{Name: "variations", To: func() {
			r.hasVariations = parser.Kind() == jsontext.Array
			r.variations = r.variations[:0]
			parser.Array(func(int) { r.readVariation(parser) })
		}},
	)
	for _, v := range linked.Variations[len(linked.Own()):] {
		r.readVariation(jsontext.New(string(variationSource(p, v))))
	}
}

func (r *rule) readVariation(p *jsontext.Parser) {
	r.variations = append(r.variations, variation{})
	v := &r.variations[len(r.variations)-1]
	p.Members(at("featureEnabled", &v.featureEnabled), at("id", &v.id), at("key", &v.key), jsontext.Member{Name: "variables", To: func() {
		v.from = len(r.sets)
		p.Array(func(int) {
			r.sets = append(r.sets, set{})
			s := &r.sets[len(r.sets)-1]
			p.Members(at("id", &s.id), at("value", &s.value))
		})
		v.to = len(r.sets)
	}})
}

// writeRule writes the experiment or delivery rule that was read, with the variables of its flag, if it has one.
func (c *config) writeRule(linked *datafile.Experiment, f *flag) {
	r := &c.rule
	if c.isStrict && !r.hasVariations {
		c.lacks("the experiment ", linked.Key, "variations")
	}
	c.item("{")
	c.member(`,"id":`, r.id)
	c.member(`,"key":`, r.key)
	c.member(`,"audiences":`, `"`)
	if r.audienceConditions.isTrue() {
		c.words(r.audienceConditions)
	}
	c.text(`","variationsMap":{`)
	for i := range r.variations {
		c.variation(&r.variations[i], f)
	}
	c.text("}}")
}

// variation writes a variation with the variables of its flag, or what it sets them to, and what it sets besides.
func (c *config) variation(v *variation, f *flag) {
	sets := c.rule.sets[v.from:v.to]
	for i := range sets {
		if !c.resolve(v, &sets[i]) {
			return
		}
	}
	c.under(v.key, "{")
	c.member(`,"id":`, v.id)
	c.member(`,"key":`, v.key)
	c.member(`,"featureEnabled":`, v.featureEnabled)
	c.member(`,"variablesMap":`, "{")
	if f != nil {
		for _, declared := range f.variables {
			c.setVariable(declared, sets)
		}
	}
	for i := range sets {
		if s := &sets[i]; !s.isShown {
			c.variable(s.variable, s.id, s.value)
		}
	}
	c.text("}}")
}

// resolve finds the variable that is set. Where the flag is off, all have their defaults.
func (c *config) resolve(v *variation, s *set) bool {
	s.variable = c.variables.Find(s.id.name())
	if s.variable == nil {
		c.unknownVariable(v, s)
		return false
	}
	if !v.featureEnabled.isTrue() {
		s.value = s.variable.value
	}
	return true
}

//go:noinline
func (c *config) unknownVariable(v *variation, s *set) {
	c.fail("variation " + v.key.name() + " sets the variable " + s.id.name() + ", which no flag has")
}

// setVariable writes a variable, or the last that is set of those with its key.
func (c *config) setVariable(declared *variable, sets []set) {
	v, id, value := declared, declared.id, declared.value
	for i := range sets {
		if s := &sets[i]; s.variable.named == declared.named {
			s.isShown = true
			v, id, value = s.variable, s.id, s.value
		}
	}
	c.variable(v, id, value)
}

// variationSource returns the JSON of a variation, which stands in the list of one rule.
func variationSource(p *datafile.Project, v *datafile.Variation) raw {
	for _, e := range p.Rules {
		if i := slices.Index(e.Own(), v); i >= 0 {
			return raw(e.Source()).member("variations").items()[i]
		}
	}
	return ""
}
