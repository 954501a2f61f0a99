package view

import (
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
)

// readAudiences reads the names of all audiences, and lists the typed ones, then the older ones that none of them replaces.
func (c *config) readAudiences() {
	older, typed := c.project.AudienceSources()
	replaced := index{"$opt_dummy_audience": &entity{}}
	for _, source := range typed {
		a := read(raw(source))
		replaced.add(a.name(id), a)
		c.listed = append(c.listed, a)
	}
	for _, source := range older {
		a := read(raw(source))
		a.raw[conditions] = raw(a.name(conditions)) // which are JSON within a string
		c.audiences.add(a.name(id), a)
		if replaced.find(a.name(id)) == nil {
			c.listed = append(c.listed, a)
		}
	}
	for _, a := range c.listed[:len(typed)] {
		c.audiences.add(a.name(id), a)
	}
}

func (c *config) audience(a *entity) {
	if stated := a.raw[conditions]; stated != "" {
		a.raw[conditions] = raw(jsontext.AppendQuote(nil, string(ecma.AppendStringified(nil, string(stated)))))
	}
	c.item("{")
	c.members(a, ofAudience)
	c.text("}")
}

// words puts audience conditions into words: names in quotes, joined by the operator that came last.
func (c *config) words(conditions raw) (words string) {
	if !conditions.isList() {
		c.fail("the audience conditions are no list")
	}
	operator := "OR"
	for _, item := range conditions.items() {
		switch item.name() {
		case "and":
			operator = "AND"
		case "or":
			operator = "OR"
		case "not":
			operator = "NOT"
		default:
			words = c.join(words, operator, item)
		}
	}
	return words
}

// join appends a part of conditions to what was put into words before.
func (c *config) join(words, operator string, item raw) string {
	name := item.name()
	audience := c.audiences.find(name)
	switch {
	case words != "":
		words += " " + operator + " "
	case operator == "NOT" && audience == nil && !item.isList():
		c.fail("the audience " + name + " is not in the datafile")
	case operator == "NOT":
		words = "NOT "
	}
	if item.isList() {
		return words + "(" + c.words(item) + ")"
	}
	if audience != nil {
		name = audience.name(audienceName)
	}
	return words + `"` + name + `"`
}
