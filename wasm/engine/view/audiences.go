package view

import (
	"slices"

	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/names"
)

type audience struct {
	_                    lean.Uncompared
	id, conditions, name raw
	called               string // its id
	isTyped              bool
}

func readAudience(source string) *audience {
	a := &audience{}
	jsontext.New(source).Members(at("conditions", &a.conditions), at("id", &a.id), at("name", &a.name))
	a.called = a.id.name()
	return a
}

// readAudiences reads the older audiences, and behind them the typed ones, which replace older ones with their id.
func (c *config) readAudiences() {
	older, typed := c.project.AudienceSources()
	all := make([]*audience, len(older)+len(typed))
	for i, source := range append(slices.Clip(older), typed...) {
		a := readAudience(source)
		if a.isTyped = i >= len(older); !a.isTyped {
			a.conditions = raw(a.conditions.name()) // which are JSON within a string
		}
		all[i] = a
	}
	c.audiences = names.Of(all, func(a *audience) string { return a.called }, names.Table[*audience]{})
}

// writeAudiences lists the typed audiences, then the older ones that none of them replaces.
func (c *config) writeAudiences() {
	for _, a := range c.audiences.Entries {
		if a.isTyped {
			c.audience(a)
		}
	}
	for _, a := range c.audiences.Entries {
		if !a.isTyped && !c.audiences.Find(a.called).isTyped && a.called != "$opt_dummy_audience" {
			c.audience(a)
		}
	}
}

func (c *config) audience(a *audience) {
	c.item("{")
	c.member(`,"id":`, a.id)
	if a.conditions != "" {
		c.member(`,"conditions":`, `"`)
		c.stringified(a.conditions)
		c.text(`"`)
	}
	c.member(`,"name":`, a.name)
	c.text("}")
}

// words puts audience conditions into words within a string: names in quotes, joined by the operator that came last.
func (c *config) words(conditions raw) {
	if !conditions.isList() {
		c.fail("the audience conditions are no list")
	}
	operator, isFirst := "OR", true
	for _, item := range conditions.items() {
		name := ""
		if !item.isList() {
			name = item.name()
		}
		switch name {
		case "and":
			operator = "AND"
			continue
		case "or":
			operator = "OR"
			continue
		case "not":
			operator = "NOT"
			continue
		}
		if !isFirst {
			c.text(" ")
		}
		if !isFirst || operator == "NOT" {
			c.text(operator)
			c.text(" ")
		}
		if item.isList() {
			c.text("(")
			c.words(item)
			c.text(")")
		} else {
			c.audienceNamed(name, item, isFirst && operator == "NOT")
		}
		isFirst = false
	}
}

// audienceNamed writes the name of an audience in quotes, or what was taken for its id. The official SDK fails on one that it does not know
// behind a `not` that comes first.
func (c *config) audienceNamed(id string, item raw, isFirstNot bool) {
	known := c.audiences.Find(id)
	switch {
	case known != nil:
		item = known.name
	case isFirstNot:
		c.fail("the audience " + id + " is not in the datafile")
	}
	c.quoted(item)
}
