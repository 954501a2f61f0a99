package audience

// A decision asks a list of audiences one question: is it True? For that, False and Unknown are the same, and as `not` stands at
// conditions only, the whole tree, audiences included, is a walk from condition to condition: each says where to go on when it
// has the truth it should have, and where when not. It is three to five times faster than Eval in WebAssembly, where calls are
// what costs.

// step is a condition on the walk. What the commonest conditions need lies in it, so that their walk goes nowhere else.
type step struct {
	op      op
	wanted  Truth
	slot    int32
	yes, no int32 // the next step, or belongs, or doesNot
	number  float64
	text    string
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
		truth := Unknown
		// match, with the commonest conditions written out: a call costs as much as they do.
		if int(s.slot) >= len(attributes) || s.op > lastPlainOp {
			truth = s.node.match(u)
		} else if v := &attributes[s.slot]; v.Kind == Text {
			if s.op == opText {
				truth = truthOf(v.Text == s.text)
			}
		} else if v.Kind == Number {
			if s.op != opText && v.Finite() {
				truth = truthOf(matchNumber(s.op, v.Number, s.number))
			}
		}
		if truth == s.wanted {
			at = s.yes
		} else {
			at = s.no
		}
	}
	return at == belongs
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
		wanted := True
		if negated {
			wanted = False
		}
		return append(steps, step{op: n.op, wanted: wanted, slot: n.slot, yes: yes, no: no, number: n.number, text: n.text, node: n})
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
