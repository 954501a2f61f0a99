package audience

import (
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// Compiler compiles the audiences of one datafile and numbers the attribute keys they mention. Make one with NewCompiler.
type Compiler struct {
	keys   []string
	places []uint32 // 1 more than the slot of a key, where its hash leads to, or 0; at least half of them
}

// NewCompiler returns a Compiler that knows no attributes yet.
func NewCompiler() *Compiler { return &Compiler{places: make([]uint32, 64)} }

// Slot returns the number of an attribute key: the same for the same key, and a new one, in order from 0, for a new key.
func (c *Compiler) Slot(key string) int {
	place := c.place(key)
	if *place == 0 {
		c.keys = append(c.keys, key)
		*place = uint32(len(c.keys))
		if 2*len(c.keys) > len(c.places) {
			c.grow()
		}
		return len(c.keys) - 1
	}
	return int(*place) - 1
}

// Find is Slot for a key that is not to get a number: it tells whether it has one.
func (c *Compiler) Find(key string) (slot int, ok bool) {
	place := *c.place(key)
	return int(place) - 1, place != 0
}

// place is where a key is, or would be.
func (c *Compiler) place(key string) *uint32 {
	mask := len(c.places) - 1
	for at := text.Hash(key) & mask; ; at = (at + 1) & mask {
		place := &c.places[at]
		if *place == 0 || c.keys[*place-1] == key {
			return place
		}
	}
}

// grow makes room for as many keys again.
func (c *Compiler) grow() {
	c.places = make([]uint32, 2*len(c.places))
	for slot, key := range c.keys {
		*c.place(key) = uint32(slot + 1)
	}
}

// Keys returns the attribute keys by slot.
func (c *Compiler) Keys() []string { return c.keys }

// usual is how many nodes hardly any tree of conditions exceeds while it is read.
const usual = 8

// Conditions compiles the condition tree of one audience and consumes it. A legacy audience has its tree as JSON within a
// string: give it a parser of that text. Nothing in a tree is an error; what cannot be evaluated is Unknown for every user.
func (c *Compiler) Conditions(p *jsontext.Parser) Program {
	return compile(p.Raw(), make([]node, 0, usual), func(p *jsontext.Parser) node { return c.condition(p) })
}

// CompileList compiles what an experiment names its audiences with and consumes it: a list of ids, a tree of them, or one id.
// An empty list, and what JavaScript takes for false, stands for everyone; an id that audiences gives nil for is Unknown.
// The programs of audiences are used, not copied.
func CompileList(p *jsontext.Parser, audiences func(id string) *Program) Program {
	source := p.Raw()
	if isEveryone(source) {
		return Everyone(source)
	}
	list := compile(source, nil, func(p *jsontext.Parser) node {
		switch audience := audiences(audienceID(p)); {
		case audience == nil:
			return constant(Unknown)
		case len(audience.nodes) == 0:
			return constant(True)
		default:
			return node{op: opAudience, audience: audience}
		}
	})
	list.Walk = walkOf(list.nodes)
	return list
}

// isEveryone tells whether JavaScript takes the value for false or for an empty list.
func isEveryone(source string) bool {
	p := jsontext.New(source)
	switch p.Kind() {
	case jsontext.Array:
		empty := true
		p.Array(func(int) { p.Skip(); empty = false })
		return empty
	case jsontext.Number:
		return p.Number() == 0
	}
	return source == "" || source == "null" || source == "false" || source == `""`
}

// audienceID consumes a leaf and gives it the name under which JavaScript looks it up in an object, such as "12" for 12.0.
func audienceID(p *jsontext.Parser) string {
	switch p.Kind() {
	case jsontext.Number:
		return string(ecma.AppendNumber(nil, p.Number()))
	case jsontext.Null:
		return p.Raw()
	default:
		return p.Text()
	}
}
