package audience

import "sortition/wasm/engine/internal/text"

// A decision asks a list of audiences one question: is it True? For that, False and Unknown are the same, and as `not` stands at
// conditions only, the whole tree, audiences included, is a walk from condition to condition: each says where to go on when it
// has the truth it should have, and where when not. It is three to five times faster than Eval in WebAssembly, where calls are
// what costs.

// step is a condition on the walk. One with a key compares it with the user's; any other is for match.
type step struct {
	next    [2]int32 // the next step, or belongs, or doesNot: when the condition does not have its wanted truth, and when it has
	slot    int32
	wanted  Truth
	negated uint8 // 1 when False is wanted
	accept  order
	kind    Kind
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
		return p.Eval(u) == True
	}
	attributes := u.Attributes
	at := int32(0)
	for at >= 0 {
		s := &p.steps[at]
		if int(s.slot) < len(attributes) && s.key != 0 && attributes[s.slot].Key != 0 {
			at = s.next[s.compare(&attributes[s.slot])&1]
		} else {
			at = s.next[s.match(u)&1]
		}
	}
	return at == belongs
}

// compare returns 1 when the condition has its wanted truth for a value with a Key, else 0. It is arithmetic and no branches:
// which way they would go differs from user to user, so the processor would guess wrong.
func (s *step) compare(v *Value) uint8 {
	lies := equal - order(bit(v.Key < s.key)) + 2*order(bit(v.Key > s.key))
	return bit(v.Kind == s.kind) & (bit(s.accept&lies != 0) ^ s.negated)
}

// match is compare for any condition. Versions and substrings come first as they are common, and called without a detour.
func (s *step) match(u *User) uint8 {
	var truth Truth
	switch v := u.attribute(s.slot); {
	case s.finder != nil && v.Kind == Text:
		truth = truthOf(s.finder.In(v.Text))
	case s.version != nil && v.Kind == Text:
		if o, ok := comparePlain(v.Text, s.version); ok {
			truth = truthOf(s.accept&o != 0)
		} else {
			truth = s.node.match(u)
		}
	default:
		truth = s.node.match(u)
	}
	return bit(truth == s.wanted)
}

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
