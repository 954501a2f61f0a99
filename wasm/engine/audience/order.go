package audience

// order is how a value lies to the wanted one; as a set, which of the ways are accepted: ge is greater|equal.
type order uint8

const (
	less order = 1 << iota
	equal
	greater
)

// orderOf takes what is neither less nor more for equal, NaN too, as the comparisons of JavaScript amount to.
func orderOf[T int | int32 | float64](a, b T) order {
	switch {
	case a < b:
		return less
	case a > b:
		return greater
	default:
		return equal
	}
}
