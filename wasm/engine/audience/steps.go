package audience

import (
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// A decision asks a list of audiences one question: is it True? For that, False and Unknown are the same, and as `not` stands at
// conditions only, the whole tree, audiences included, is a walk from condition to condition: one way on is the next one, the other way is
// said. It is several times faster than Eval in WebAssembly, where calls are what costs.

// step is a condition on the walk.
type step struct {
	_        lean.Uncompared
	other    int32 // a step, or belongs, or doesNot: where to go on instead of with the next step
	slot     int32
	question question
	kind     Kind // of the values in the range
	stays    bool // the walk goes on with the next step when the condition has its wanted truth, or when it has not
	negated  bool // False is wanted
	accept   order
	low      uint64 // of the range: the least Key in it,
	span     uint64 // and how far behind it the last one is
	finder   *text.Finder
	version  *plainVersion
	node     *node
}

// question is how a step is answered.
type question uint8

const (
	byNode    question = iota // by match, which can answer any
	inRange                   // the value's Key is in a range
	isThere                   // there is a value
	hasPart                   // the text has a short part
	isVersion                 // the version lies to a plain one as accepted
)

// The ends of a walk.
const (
	belongs = -1
	doesNot = -2
)

// maxSteps bounds what a list that names large audiences over and over unfolds to; beyond it Matches falls back on Eval.
const maxSteps = 4096

// Matches tells whether Eval gives True.
func (p *Program) Matches(u *User) bool {
	if len(p.nodes) == 0 {
		return true
	}
	at := p.walk(u, 0)
	if at >= 0 {
		at = p.walkOn(u, at)
	}
	return at == belongs
}

// walkOn is walk past steps that are for match, and Eval where there are no steps.
//
//go:noinline
func (p *Program) walkOn(u *User, at int32) int32 {
	if len(p.steps) == 0 {
		if p.Eval(u) == True {
			return belongs
		}
		return doesNot
	}
	for at >= 0 {
		s := &p.steps[at]
		wanted := True
		if s.negated {
			wanted = False
		}
		at = p.walk(u, p.next(at, s.node.match(u) == wanted))
	}
	return at
}

// next is where the walk goes on from a step whose condition has its wanted truth, or has not.
func (p *Program) next(at int32, yes bool) int32 {
	s := &p.steps[at]
	switch {
	case yes != s.stays:
		return s.other
	case int(at) == len(p.steps)-1:
		return belongs
	default:
		return at + 1
	}
}

// walk goes on from a step to an end, or to a step that is for match. It calls nothing, so that Go need not take all it has at hand through
// memory.
//
//go:noinline
func (p *Program) walk(u *User, at int32) int32 {
	steps, attributes := p.steps, u.Attributes
	for uint(at) < uint(len(steps)) {
		s := &steps[at]
		v := &absent
		if uint(s.slot) < uint(len(attributes)) {
			v = &attributes[s.slot]
		}
		yes := false // as for a value of another kind, for which the truth is Unknown
		switch q := s.question; {
		case q == inRange:
			if v.Kind == s.kind {
				if v.Key == 0 {
					return at
				}
				yes = v.Key-s.low <= s.span
			}
		case q == byNode:
			return at
		case q == isThere:
			yes = v.Kind > Null != s.negated
		case v.Kind != Text:
		case q == hasPart && v.Key == LongKey:
			yes = s.finder.InLong(v.Text) != s.negated
		case v.Key == 0, v.Key == LongKey:
			return at
		case q == hasPart:
			yes = s.finder.InWord(v.Key) != s.negated
		default:
			o, ok := s.version.compare(v.Key)
			if !ok {
				return at
			}
			yes = s.accept&o != 0
		}
		if yes != s.stays {
			at = s.other
		} else if at++; int(at) == len(steps) {
			return belongs
		}
	}
	return at
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
		return append(steps, n.step(int32(len(steps)+1), negated, yes, no))
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

// step makes the step of a condition. One of its ways on leads to the next step, but for the last condition, which belongs.
func (n *node) step(next int32, negated bool, yes, no int32) step {
	s := step{slot: n.slot, other: no, stays: true, negated: negated, accept: n.accept, node: n}
	if no == next {
		s.other, s.stays = yes, false
	}
	switch n.op {
	case opText:
		if key := TextKey(n.text); key != 0 && key != LongKey {
			s.asks(Text, equal, key)
		}
	case opNumber:
		s.asks(Number, n.accept, NumberKey(n.number))
	case opBool:
		s.asks(Boolean, equal, BoolKey(n.truth == True))
	case opExists:
		s.question = isThere
	case opSubstring:
		if n.finder.IsShort() {
			s.question, s.finder = hasPart, n.finder
		}
	case opVersion:
		if n.version.isPlain {
			s.question, s.version = isVersion, &n.version.plain
			if negated {
				s.accept ^= less | equal | greater
			}
		}
	}
	return s
}

// asks for a Key that lies to another one as accepted. No value has the Key 0.
func (s *step) asks(kind Kind, accept order, key uint64) {
	first, last := key, key
	if accept&less != 0 {
		first = 1
	}
	if accept&greater != 0 {
		last = ^uint64(0)
	}
	if accept&equal == 0 {
		if accept == less {
			last--
		} else {
			first++
		}
	}
	s.question, s.kind, s.low, s.span = inRange, kind, first, last-first
	if s.negated { // all others: the range from behind the last one on, around to the first
		s.low, s.span = last+1, first-last-2
	}
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
