package view

import (
	"slices"

	"sortition/wasm/engine/datafile"
)

// rule writes an experiment or a delivery rule, as the datafile links and writes it, with the variables of its flag.
func (c *config) rule(linked *datafile.Experiment, e *entity, ofFlag []*entity) {
	if c.isStrict && !e.raw[variations].isList() {
		c.fail("the experiment " + linked.Key + " has no list of variations")
	}
	c.text("{")
	c.members(e, ofEntity)
	c.name("audiences", "")
	words := ""
	if e.raw[audienceConditions].isTrue() {
		words = c.words(e.raw[audienceConditions])
	}
	c.quote(words)
	c.name("variationsMap", "{")
	for _, source := range variationSources(c.project, linked, e) {
		c.variation(read(source), ofFlag)
	}
	c.text("}}")
}

// variation writes a variation with the variables of its flag, or what it sets them to, and what it sets besides.
func (c *config) variation(v *entity, ofFlag []*entity) {
	all := slices.Clone(ofFlag)
	for _, source := range v.raw[variables].items() {
		set := read(source)
		declared := c.variables.find(set.name(id))
		if declared == nil {
			c.fail("variation " + v.name(key) + " sets the variable " + set.name(id) + ", which no flag has")
			return
		}
		if v.raw[featureEnabled].isTrue() {
			for _, m := range ofDeclaration {
				set.raw[m] = declared.raw[m]
			}
			declared = set
		}
		all = replace(all, declared)
	}
	c.name(v.name(key), "{")
	c.members(v, ofVariation)
	c.variablesMap(all)
	c.text("}")
}

// replace puts an entity in the place of those with its key, or behind all.
func replace(all []*entity, e *entity) []*entity {
	isThere := false
	for i, other := range all {
		if other.raw[key] == e.raw[key] {
			all[i], isThere = e, true
		}
	}
	if isThere {
		return all
	}
	return append(all, e)
}

// readVariables reads those of a flag, with their defaults as values.
func readVariables(list raw) (all []*entity) {
	for _, source := range list.items() {
		v := read(source)
		v.raw[value] = v.raw[defaultValue]
		if v.raw[kind] == `"string"` && v.raw[subType] == `"json"` {
			v.raw[kind] = v.raw[subType]
		}
		all = append(all, v)
	}
	return all
}

func (c *config) variablesMap(all []*entity) {
	c.name("variablesMap", "{")
	for _, v := range all {
		c.name(v.name(key), "{")
		c.members(v, ofVariable)
		c.text("}")
	}
	c.text("}")
}

// variationSources returns the JSON of a rule's variations: those of its list, and what flags add to a feature rollout.
func variationSources(p *datafile.Project, linked *datafile.Experiment, e *entity) []raw {
	sources := e.raw[variations].items()
	for _, v := range linked.Variations[len(linked.Own()):] {
		sources = append(sources, variationSource(p, v))
	}
	return sources
}

// variationSource returns the JSON of a variation, which stands in the list of one rule.
func variationSource(p *datafile.Project, v *datafile.Variation) raw {
	for _, e := range p.Rules {
		if at := slices.Index(e.Own(), v); at >= 0 {
			return read(raw(e.Source())).raw[variations].items()[at]
		}
	}
	return ""
}
