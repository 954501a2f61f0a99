package audience

import (
	"slices"

	"sortition/wasm/engine/internal/text"
)

// match evaluates a condition, its negation aside. A value of a type the match does not compare is Unknown, never coerced. The
// order of the questions is that of how common they are.
func (n *node) match(u *User) Truth {
	v := u.attribute(n.slot)
	switch {
	case n.op == opText:
		if v.Kind == Text {
			return truthOf(text.Equal(v.Text, n.text))
		}
	case n.op == opNumber:
		if v.Finite() {
			return truthOf(n.accept&orderOf(v.Number, n.number) != 0)
		}
	case n.op == opVersion:
		if v.Kind == Text {
			return n.matchVersion(v.Text)
		}
	case n.op == opBool:
		if v.Kind == Boolean {
			return truthOf(truthOf(v.Bool) == n.truth)
		}
	case n.op == opSubstring:
		if v.Kind == Text {
			return truthOf(n.finder.In(v.Text))
		}
	case n.op == opExists:
		return truthOf(v.Kind != Absent && v.Kind != Null)
	case n.op == opConstant:
		return n.truth
	case n.op == opAudience:
		return n.audience.Eval(u)
	case n.op == opSegment:
		return truthOf(slices.Contains(u.Segments, n.text))
	}
	return Unknown
}

func (n *node) matchVersion(user string) Truth {
	o, ok := n.version.compare(user)
	if !ok {
		return Unknown
	}
	return truthOf(n.accept&o != 0)
}
