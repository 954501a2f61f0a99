package audience

import (
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// Program is a compiled condition tree, or a compiled list of audiences. The zero Program has no conditions: everyone meets it.
type Program struct {
	Walk  Walk // of an audience list alone; other conditions have none
	nodes []node

	// Source is the JSON text it was compiled from, for those who show conditions to people.
	Source string
}

// node is a condition or a group of them. A program is its nodes in the order the tree is read: a group is followed by the
// subtrees of its operands. Compiling has removed what does not change the truth: groups of one, groups within groups of the
// same kind, and `not`, which is pushed down to the conditions (De Morgan's laws hold in three-valued logic).
type node struct {
	_        lean.Uncompared
	op       op
	negated  bool  // of a condition: its truth changes sign
	accept   order // of opNumber and opVersion: how the user's may lie to the wanted one
	truth    Truth // of opConstant, and the wanted one of opBool
	size     int32 // nodes of the subtree, this one included
	slot     int32 // of the attribute a condition is about
	number   float64
	text     string
	finder   *text.Finder   // of opSubstring
	version  *wantedVersion // of opVersion
	audience *Program       // of opAudience
}

// op is what a node does. All but opAnd and opOr are conditions; they are evaluated in match.go.
type op uint8

const (
	opConstant op = iota
	opAnd
	opOr
	opAudience
	opSegment
	opExists
	opText
	opSubstring
	opBool
	opNumber
	opVersion
)

func (o op) isGroup() bool { return o == opAnd || o == opOr }

// Matches tells whether Eval gives True.
func (p *Program) Matches(u *User) bool {
	if len(p.Walk.steps) == 0 {
		return p.Eval(u) == True
	}
	return p.Walk.First(u, 0) >= 0
}

// Eval tells whether the user meets the conditions.
func (p *Program) Eval(u *User) Truth {
	if len(p.nodes) == 0 {
		return True
	}
	return eval(p.nodes, u)
}

// eval evaluates the subtree at the front of nodes. It recurses as deep as the source text nests, which jsontext bounds.
func eval(nodes []node, u *User) Truth {
	n := &nodes[0]
	if !n.op.isGroup() {
		if n.negated {
			return -n.match(u)
		}
		return n.match(u)
	}
	decisive := True
	if n.op == opAnd {
		decisive = False
	}
	result := -decisive
	for i := int32(1); i < n.size; i += nodes[i].size {
		switch eval(nodes[i:], u) {
		case decisive:
			return decisive
		case Unknown:
			result = Unknown
		}
	}
	return result
}
