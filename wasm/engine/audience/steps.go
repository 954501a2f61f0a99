package audience

import (
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// A decision asks a list of audiences one question: is it True? For that, False and Unknown are the same, and as `not` stands at
// conditions only, the whole tree, audiences included, is a walk from condition to condition: each says where to go on when it
// has the truth it should have, and where when not. It is three to five times faster than Eval in WebAssembly, where calls are
// what costs.

// step is a condition on the walk. One with a key compares it with the user's; any other is for match.
type step struct {
	_       lean.Uncompared
	next    [2]int32 // the next step, or belongs, or doesNot: when the condition does not have its wanted truth, and when it has
	slot    int32
	wanted  Truth
	negated uint8 // 1 when False is wanted
	accept  order
	kind    Kind
	exists  bool // the value need only be there
	key     uint64
	finder  *text.Finder
	version *plainVersion
	node    *node
}

// The ends of a walk.
const (
	belongs = -1
	doesNot = -2
)

// maxSteps bounds what a list that names large audiences over and over unfolds to; beyond it Matches falls back on Eval.
const maxSteps = 4096

// Matches tells whether Eval gives True.
func (p *Program) Matches(u *User) bool {
	if len(p.steps) == 0 {
		return len(p.nodes) == 0 || p.Eval(u) == True
	}
	steps, attributes := p.steps, u.Attributes
	at := int32(0)
	for at >= 0 {
		s := &steps[at]
		var yes uint8
		if int(s.slot) >= len(attributes) {
			yes = s.match(u)
		} else if v := &attributes[s.slot]; s.key != 0 && v.Key != 0 {
			yes = s.compare(v)
		} else if s.version != nil && v.Kind == Text {
			yes = s.compareVersion(v.Text, u)
		} else if s.finder != nil && v.Kind == Text {
			yes = bit(s.finder.In(v.Text)) ^ s.negated
		} else if s.exists {
			yes = bit(v.Kind > Null) ^ s.negated
		} else {
			yes = s.match(u)
		}
		at = s.next[yes&1]
	}
	return at == belongs
}

// compare returns 1 when the condition has its wanted truth for a value with a Key, else 0. It is arithmetic and no branches:
// which way they would go differs from user to user, so the processor would guess wrong.
func (s *step) compare(v *Value) uint8 {
	lies := equal - order(bit(v.Key < s.key)) + 2*order(bit(v.Key > s.key))
	return bit(v.Kind == s.kind) & (bit(s.accept&lies != 0) ^ s.negated)
}

// compareVersion is compare for a plain version and a text, which mostly is one too.
func (s *step) compareVersion(user string, u *User) uint8 {
	o, ok := comparePlain(user, s.version)
	if !ok {
		return s.match(u)
	}
	return bit(s.accept&o != 0) ^ s.negated
}

// match is compare for any condition.
func (s *step) match(u *User) uint8 { return bit(s.node.match(u) == s.wanted) }

func bit(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// walk returns the steps of a tree, or nil where there would be too many.
func walk(nodes []node) []step {
	n := conditions(nodes)
	if n > maxSteps {
		return nil
	}
	return appendSteps(make([]step, 0, n), nodes, false, belongs, doesNot)
}

// appendSteps appends the steps of a subtree, negated or not, that goes on at yes and no.
func appendSteps(steps []step, nodes []node, negated bool, yes, no int32) []step {
	n := &nodes[0]
	negated = negated != n.negated
	switch {
	case n.op == opAudience:
		return appendSteps(steps, n.audience.nodes, negated, yes, no)
	case !n.op.isGroup():
		return append(steps, n.step(negated, yes, no))
	}
	all := (n.op == opAnd) != negated // every operand must hold, rather than any
	for i := int32(1); i < n.size; i += nodes[i].size {
		operandYes, operandNo := yes, no
		if i+nodes[i].size < n.size {
			next := int32(len(steps) + conditions(nodes[i:]))
			if all {
				operandYes = next
			} else {
				operandNo = next
			}
		}
		steps = appendSteps(steps, nodes[i:], negated, operandYes, operandNo)
	}
	return steps
}

// step makes the step of a condition.
func (n *node) step(negated bool, yes, no int32) step {
	s := step{next: [2]int32{no, yes}, slot: n.slot, wanted: True, negated: bit(negated), accept: n.accept, node: n}
	if negated {
		s.wanted = False
	}
	switch n.op {
	case opText:
		s.kind, s.accept = Text, equal
		if key := TextKey(n.text); key != LongKey {
			s.key = key
		}
	case opNumber:
		s.kind, s.key = Number, NumberKey(n.number)
	case opBool:
		s.kind, s.accept, s.key = Boolean, equal, BoolKey(n.truth == True)
	case opExists:
		s.exists = true
	case opSubstring:
		s.finder = n.finder
	case opVersion:
		if n.version.isPlain {
			s.version = &n.version.plain
		}
	}
	return s
}

// conditions counts the steps of a subtree.
func conditions(nodes []node) (count int) {
	for i := range nodes[:nodes[0].size] {
		switch n := &nodes[i]; {
		case n.op == opAudience:
			count += conditions(n.audience.nodes)
		case !n.op.isGroup():
			count++
		}
	}
	return count
}
