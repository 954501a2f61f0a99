package audience

import (
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// condition is a leaf of a condition tree as the datafile writes it: `{"type", "name", "match", "value"}`.
type condition struct {
	kind  string // "type": custom_attribute or third_party_dimension
	name  string // key of the attribute
	match Value  // Absent where the datafile has none, which is not the same as empty
	value Value
}

// readCondition consumes a leaf. What is no object has no members.
func readCondition(p *jsontext.Parser) (c condition) {
	p.Object(func(key string) {
		switch key {
		case "type":
			c.kind = p.String()
		case "name":
			c.name = p.Text()
		case "match":
			c.match = ReadValue(p)
		case "value":
			c.value = ReadValue(p)
		default:
			p.Skip()
		}
	})
	return c
}

// condition consumes a leaf and compiles it.
func (c *Compiler) condition(p *jsontext.Parser) node {
	leaf := readCondition(p)
	switch leaf.kind {
	case "custom_attribute":
		n := leaf.attributeNode()
		if n.op != opConstant {
			n.slot = int32(c.Slot(leaf.name))
		}
		return n
	case "third_party_dimension":
		return leaf.segmentNode()
	default:
		return constant(Unknown)
	}
}

// attributeNode compiles a condition about an attribute, all but its slot. A match that does not exist, or that cannot be made
// with the condition's value, is Unknown whatever the user has.
func (c *condition) attributeNode() node {
	if c.match.Kind == Absent {
		return c.exactNode()
	}
	switch match := c.match.Text; match { // "" unless it is text, which no match is called
	case "exact":
		return c.exactNode()
	case "exists":
		return node{op: opExists}
	case "substring":
		n := c.textNode(opSubstring)
		n.finder = text.NewFinder(n.text)
		return n
	default:
		return c.orderNode(match)
	}
}

// orderNode compiles the matches that ask for an order: gt, ge, lt and le of numbers, and after semver_ these and eq of versions.
func (c *condition) orderNode(match string) node {
	const ofVersions = "semver_"
	isOfVersions := text.HasPrefix(match, ofVersions)
	if isOfVersions {
		match = match[len(ofVersions):]
	}
	var accept order
	switch match {
	case "gt":
		accept = greater
	case "ge":
		accept = greater | equal
	case "lt":
		accept = less
	case "le":
		accept = less | equal
	case "eq":
		accept = equal
	}
	switch {
	case accept == 0, accept == equal && !isOfVersions:
		return constant(Unknown)
	case isOfVersions:
		return c.versionNode(accept)
	default:
		return c.numberNode(accept)
	}
}

func (c *condition) exactNode() node {
	switch c.value.Kind {
	case Text:
		return c.textNode(opText)
	case Number:
		return c.numberNode(equal)
	case Boolean:
		return node{op: opBool, truth: truthOf(c.value.Bool)}
	default:
		return constant(Unknown)
	}
}

func (c *condition) textNode(o op) node {
	if c.value.Kind != Text {
		return constant(Unknown)
	}
	return node{op: o, text: c.value.Text}
}

func (c *condition) numberNode(accept order) node {
	if !c.value.Finite() {
		return constant(Unknown)
	}
	return node{op: opNumber, accept: accept, number: c.value.Number}
}

func (c *condition) versionNode(accept order) node {
	if c.value.Kind != Text {
		return constant(Unknown)
	}
	v := parseVersion(c.value.Text)
	if v == nil {
		return constant(Unknown)
	}
	return node{op: opVersion, accept: accept, version: v}
}

// segmentNode compiles a condition about the segments a user is in; a name that is no text is nobody's segment.
func (c *condition) segmentNode() node {
	if c.match.Kind != Absent && c.match.Text != "qualified" {
		return constant(Unknown)
	}
	if c.value.Kind != Text {
		return constant(False)
	}
	return node{op: opSegment, text: c.value.Text}
}
