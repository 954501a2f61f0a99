package audience

// Truth is a value of Kleene's three-valued logic. Their order makes `and` the least of its operands, `or` the greatest, and
// `not` a change of sign.
type Truth int8

// The truth values. Unknown, the zero Truth, means that a condition cannot be evaluated for this user.
const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

func truthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}

// String returns "true", "false" or "unknown".
func (t Truth) String() string {
	switch t {
	case True:
		return "true"
	case False:
		return "false"
	default:
		return "unknown"
	}
}
