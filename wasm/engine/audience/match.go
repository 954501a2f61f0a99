package audience

import (
	"slices"

	"sortition/wasm/engine/internal/text"
)

// match evaluates a condition, its negation aside. A value of a type the match does not compare is Unknown, never coerced. All is
// in one function because calls are what costs in WebAssembly.
func (n *node) match(u *User) Truth {
	switch n.op {
	case opConstant:
		return n.truth
	case opAudience:
		return n.audience.Eval(u)
	case opSegment:
		return truthOf(slices.Contains(u.Segments, n.text))
	}
	v := u.attribute(n.slot)
	switch n.op {
	case opExists:
		return truthOf(v.Kind != Absent && v.Kind != Null)
	case opText:
		if v.Kind == Text {
			return truthOf(v.Text == n.text)
		}
	case opSubstring:
		if v.Kind == Text {
			return truthOf(text.Contains(v.Text, n.text))
		}
	case opTrue, opFalse:
		if v.Kind == Boolean {
			return truthOf(v.Bool == (n.op == opTrue))
		}
	case opNumber, opGreater, opGreaterOrEqual, opLess, opLessOrEqual:
		if v.Finite() {
			return truthOf(matchNumber(n.op, v.Number, n.number))
		}
	default:
		if v.Kind == Text {
			return n.matchVersion(v.Text)
		}
	}
	return Unknown
}

func matchNumber(o op, got, wanted float64) bool {
	switch o {
	case opGreater:
		return got > wanted
	case opGreaterOrEqual:
		return got >= wanted
	case opLess:
		return got < wanted
	case opLessOrEqual:
		return got <= wanted
	default:
		return got == wanted
	}
}

func (n *node) matchVersion(got string) Truth {
	order, ok := n.version.compare(got)
	if !ok {
		return Unknown
	}
	switch n.op {
	case opVersionEqual:
		return truthOf(order == 0)
	case opVersionGreater:
		return truthOf(order > 0)
	case opVersionGreaterOrEqual:
		return truthOf(order >= 0)
	case opVersionLess:
		return truthOf(order < 0)
	default:
		return truthOf(order <= 0)
	}
}
