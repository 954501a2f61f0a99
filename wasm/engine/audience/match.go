package audience

import (
	"slices"

	"sortition/wasm/engine/internal/text"
)

// match evaluates a condition, its negation aside. A value of a type the match does not compare is Unknown, never coerced.
func (n *node) match(u *User) Truth {
	switch n.op {
	case opConstant:
		return n.truth
	case opAudience:
		return n.audience.Eval(u)
	case opSegment:
		return truthOf(slices.Contains(u.Segments, n.text))
	case opExists:
		kind := u.attribute(n.slot).Kind
		return truthOf(kind != Absent && kind != Null)
	}
	switch v := u.attribute(n.slot); v.Kind {
	case Text:
		return n.matchText(v.Text)
	case Number:
		return n.matchNumber(v)
	case Boolean:
		return n.matchBool(v.Bool)
	default:
		return Unknown
	}
}

func (n *node) matchBool(got bool) Truth {
	switch n.op {
	case opTrue:
		return truthOf(got)
	case opFalse:
		return truthOf(!got)
	default:
		return Unknown
	}
}

func (n *node) matchNumber(v Value) Truth {
	if !v.Finite() {
		return Unknown
	}
	switch n.op {
	case opNumber:
		return truthOf(v.Number == n.number)
	case opGreater:
		return truthOf(v.Number > n.number)
	case opGreaterOrEqual:
		return truthOf(v.Number >= n.number)
	case opLess:
		return truthOf(v.Number < n.number)
	case opLessOrEqual:
		return truthOf(v.Number <= n.number)
	default:
		return Unknown
	}
}

func (n *node) matchText(got string) Truth {
	switch n.op {
	case opText:
		return truthOf(got == n.text)
	case opSubstring:
		return truthOf(text.Contains(got, n.text))
	case opVersionEqual, opVersionGreater, opVersionGreaterOrEqual, opVersionLess, opVersionLessOrEqual:
		return n.matchVersion(got)
	default:
		return Unknown
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
