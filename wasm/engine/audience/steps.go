package audience

import (
	"math"
	"unsafe"

	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// A decision asks a list of audiences one question: is it True? For that, False and Unknown are the same, and as `not` stands at
// conditions only, the whole tree, audiences included, is a walk from condition to condition: one way on is the next one, the other way is
// said. So are lists in a row: from the condition that leaves the user out of one, the walk goes on with the next list. It is several times faster
// than Eval in WebAssembly, where calls are what costs.

// step is a condition on the walk. It has all that its question takes at hand, in 32 bytes, as those of a large datafile have to be fetched
// from memory.
type step struct {
	_        lean.Uncompared
	slot     uint16
	other    int16 // where to go on instead of with the next step: at a step, behind the last one, or at an end (see endOf)
	question question
	detail   uint8  // inRange: the Kind of the values; isVersion: the accepted order
	stays    bool   // the walk goes on with the next step when the condition has its wanted truth, or when it has not
	negated  bool   // False is wanted
	low      uint64 // inRange: the least Key; hasPart: the part's word; isVersion: with span, the version
	span     uint64 // inRange: how far behind it the last one is; hasPart: the part's mask
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
	always
)

// endOf is where a walk ends when the user meets a list: below zero. Who meets none gets behind the last step.
func endOf(list int32) int32 { return ^list }

// maxSteps bounds what a list that names large audiences over and over unfolds to; beyond it there is one step, for match.
const maxSteps = 4096

// Walk asks lists in a row.
type Walk struct{ steps []step }

// Asked tells which attributes the walk may ask about: the bit of a slot, modulo 32, is 0 where it asks about none of them.
func (w *Walk) Asked() (slots uint32) {
	for i := range w.steps {
		s := &w.steps[i]
		if s.question == byNode && s.node.op == opAudience {
			return ^uint32(0) // whatever its conditions are
		}
		if s.question != always {
			slots |= 1 << (s.slot % 32)
		}
	}
	return slots
}

// First returns the first list that the user meets, or less than 0: from the first one on that the row has, or from one that begins at a step.
func (w *Walk) First(u *User, begin int32) (list int32) {
	at := w.walk(u, begin)
	if uint(at) < uint(len(w.steps)) {
		at = w.walkOn(u, at)
	}
	return ^at
}

// Everyone returns the program of a list that is for everyone.
func Everyone(source string) Program { return Program{Source: source, Walk: Walk{everyone}} }

var everyone = []step{{question: always, other: int16(endOf(0))}}

// walkOn is walk past steps that are for match.
//
//go:noinline
func (w *Walk) walkOn(u *User, at int32) int32 {
	for uint(at) < uint(len(w.steps)) {
		s := &w.steps[at]
		wanted := True
		if s.negated {
			wanted = False
		}
		at++
		if met := s.node.match(u) == wanted; met != s.stays {
			at = int32(s.other)
		}
		at = w.walk(u, at)
	}
	return at
}

// walk goes on from a step to an end, or to a step that is for match. It calls nothing, so that Go need not take all it has at hand through
// memory.
//
//go:noinline
func (w *Walk) walk(u *User, at int32) int32 {
	steps, attributes := w.steps, u.Attributes
	for uint(at) < uint(len(steps)) {
		s := &steps[at]
		v := &absent
		if uint(s.slot) < uint(len(attributes)) {
			v = &attributes[s.slot]
		}
		yes := false // as for a value of another kind, for which the truth is Unknown
		switch q := s.question; {
		case q == inRange:
			if v.Kind == Kind(s.detail) {
				if v.Key == 0 {
					return at
				}
				yes = v.Key-s.low <= s.span
			}
		case q == byNode:
			return at
		case q == always:
			yes = true
		case q == isThere:
			yes = v.Kind > Null != s.negated
		case v.Kind != Text:
		case q == hasPart && v.Key == LongKey:
			yes = s.part().InLong(v.Text) != s.negated
		case v.Key == 0, v.Key == LongKey:
			return at
		case q == hasPart:
			yes = s.part().InWord(v.Key) != s.negated
		default:
			o, ok := s.version().compare(v.Key)
			if !ok {
				return at
			}
			yes = order(s.detail)&o != 0
		}
		at++
		if yes != s.stays {
			at = int32(s.other)
		}
	}
	return at
}

// walkOf returns the walk of a list that is not for everyone.
func walkOf(nodes []node) Walk {
	n := conditions(nodes)
	if n > maxSteps {
		all := node{op: opAudience, audience: &Program{nodes: nodes}}
		return Walk{[]step{all.step(1, false, endOf(0), 1)}}
	}
	return Walk{appendSteps(make([]step, 0, n), nodes, false, endOf(0), int32(n))}
}

// Walk returns the walk of lists in a row, and tells begin where each begins. Where it would be too long there is none.
func (r *Room) Walk(lists []*Program, begin func(list int, at int32)) (w Walk, ok bool) {
	n := 0
	for _, list := range lists {
		n += len(list.Walk.steps)
	}
	if n > maxSteps {
		return w, false
	}
	w.steps = r.steps(n)
	for i, list := range lists {
		at := len(w.steps)
		begin(i, int32(at))
		for _, s := range list.Walk.steps {
			if s.other < 0 {
				s.other = int16(endOf(int32(i)))
			} else {
				s.other += int16(at) // behind the list's last step the next list begins
			}
			w.steps = append(w.steps, s)
		}
	}
	return w, true
}

// Room is memory for the walks of rows: those made one after the other stand together.
type Room struct{ free []step }

const (
	// fewSteps are so few bytes that Go lets none of them lie across two lines of memory. What is larger and has pointers it puts behind a
	// word of its own.
	fewSteps = 512 / unsafe.Sizeof(step{})
	// roomSize is how many steps a Room makes memory for at once: so many bytes that Go puts them where a page begins.
	roomSize = 32 << 10 / unsafe.Sizeof(step{})
)

// steps returns memory for up to n steps, none of which is there yet.
func (r *Room) steps(n int) []step {
	if n <= int(fewSteps) || n > int(roomSize) {
		return make([]step, 0, n)
	}
	if n > len(r.free) {
		r.free = make([]step, roomSize)
	}
	steps := r.free[:0:n]
	r.free = r.free[n:]
	return steps
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

// step makes the step of a condition. One of its ways on leads to the next step.
func (n *node) step(next int32, negated bool, yes, no int32) step {
	s := step{slot: uint16(n.slot), other: int16(no), stays: true, negated: negated, node: n}
	if no == next {
		s.other, s.stays = int16(yes), false
	}
	if n.slot > math.MaxUint16 {
		return s
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
		if part := n.finder.Short; part.Mask != 0 {
			s.question, s.low, s.span = hasPart, part.Word, part.Mask
		}
	case opVersion:
		if n.version.isPlain {
			s.question, s.detail = isVersion, uint8(n.accept)
			*s.version() = n.version.front
			if negated {
				s.detail ^= uint8(less | equal | greater)
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
	s.question, s.detail, s.low, s.span = inRange, uint8(kind), first, last-first
	if s.negated { // all others: the range from behind the last one on, around to the first
		s.low, s.span = last+1, first-last-2
	}
}

// part is what a step of hasPart looks for.
func (s *step) part() text.Short { return text.Short{Word: s.low, Mask: s.span} }

// version is what a step of isVersion compares with.
func (s *step) version() *plainVersion { return (*plainVersion)(unsafe.Pointer(&s.low)) }

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
