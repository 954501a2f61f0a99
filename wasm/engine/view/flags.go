package view

import (
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/names"
)

type flag struct {
	_         lean.Uncompared
	id, key   raw
	called    string // its id
	variables []*variable
	size      int // of all variables as they are shown
}

// variable is one of a flag, with its default as value.
type variable struct {
	_                    lean.Uncompared
	id, key, kind, value raw
	called, named        string // its id and key
	begun                span   // where it was written last, up to its value
}

// readFlags reads all flags with their variables.
func (c *config) readFlags() {
	flags := make([]*flag, len(c.project.Flags))
	var variables []*variable
	for i, f := range c.project.Flags {
		p := jsontext.New(c.project.FlagSource(f))
		flags[i] = &flag{}
		from := len(variables)
		p.Members(at("id", &flags[i].id), at("key", &flags[i].key), jsontext.Member{Name: "variables", To: func() {
			variables = variables[:from]
			p.Array(func(int) { variables = append(variables, readVariable(p)) })
		}})
		flags[i].called = flags[i].id.name()
		flags[i].variables = variables[from:len(variables):len(variables)]
		for _, v := range flags[i].variables {
			flags[i].size += len(`"":{"id":,"key":,"type":,"value":},`) + 2*len(v.key) + len(v.id) + len(v.kind) + len(v.value)
		}
	}
	c.flags = names.Of(flags, func(f *flag) string { return f.called }, names.Table[*flag]{})
	c.variables = names.Of(variables, func(v *variable) string { return v.called }, names.Table[*variable]{})
}

func readVariable(p *jsontext.Parser) *variable {
	v := &variable{}
	var subType raw
	p.Members(at("defaultValue", &v.value), at("id", &v.id), at("key", &v.key), at("subType", &subType), at("type", &v.kind))
	if v.kind.name() == "string" && subType.name() == "json" {
		v.kind = subType
	}
	v.called, v.named = v.id.name(), v.key.name()
	return v
}

func (c *config) flag(i int) {
	f, linked := c.flags.Entries[i], c.project.Flags[i]
	c.under(f.key, "{")
	c.member(`,"id":`, f.id)
	c.member(`,"key":`, f.key)
	c.member(`,"experimentRules":`, "[")
	for _, e := range linked.Experiments {
		if shown := c.shownAs[e.Index]; shown != nil {
			c.item(shown.place)
		} else {
			c.item("-1")
		}
	}
	c.text(`],"deliveryRules":[`)
	if linked.Rollout != nil {
		for _, e := range linked.Rollout.Rules {
			c.rule.read(c.project, e)
			c.writeRule(e, c.ofRules(i))
		}
	}
	c.text(`],"experimentsMap":{`)
	for _, e := range linked.Experiments {
		if shown := c.shownAs[e.Index]; shown != nil {
			c.under(shown.key, shown.place)
		}
	}
	c.text(`},"variablesMap":{`)
	for _, v := range f.variables {
		c.variable(v, v.id, v.value)
	}
	c.text("}}")
}

// variable writes a variable, with the id that who sets it knows it by.
func (c *config) variable(v *variable, id, value raw) {
	if id == v.id && v.begun.to != 0 {
		c.item("")
		c.again(v.begun)
	} else {
		c.begin(v, id)
	}
	c.member(`,"value":`, value)
	c.text("}")
}

// begin writes what a variable is whatever its value.
func (c *config) begin(v *variable, id raw) {
	c.item("")
	from := len(c.out)
	c.under(v.key, "{")
	c.member(`,"id":`, id)
	c.member(`,"key":`, v.key)
	c.member(`,"type":`, v.kind)
	if id == v.id {
		v.begun = span{from, len(c.out)}
	}
}
