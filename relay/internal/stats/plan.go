package stats

import "math"

// farAway is more visitors than anyone waits for.
const farAway = 1e9

// Needed is how many visitors the pair would have in all when its p reaches alpha, if the observed means hold. It is false when they
// never would, or not among a billion.
func (p Pair) Needed(alpha float64) (visitors int64, ok bool) {
	n := float64(p.N())
	z := p.Z()
	if n == 0 || z == 0 {
		return 0, false
	}
	perVisitor := z * z / n
	excess := func(n float64) float64 {
		g := mixing * n
		return g*perVisitor*n/(2*(1+g)) - math.Log1p(g)/2 + math.Log(alpha)
	}
	return smallest(n, excess)
}

// smallest is the least whole number from which on a function that crosses zero once, upwards, is not negative.
func smallest(from float64, excess func(float64) float64) (int64, bool) {
	if excess(from) >= 0 {
		return int64(math.Ceil(from)), true
	}
	low, high := from, 2*from
	for ; excess(high) < 0; low, high = high, 2*high {
		if high > farAway {
			return 0, false
		}
	}
	for high-low > 1e-6 {
		if middle := (low + high) / 2; excess(middle) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	if high > farAway {
		return 0, false
	}
	return int64(math.Ceil(high)), true
}

// Remaining is how many more visitors of the experiment it takes until a pair, which has a share of them, has as many as needed.
func Remaining(needed, have int64, share float64) int64 {
	if needed <= have || share <= 0 {
		return 0
	}
	return int64(math.Ceil(float64(needed-have) / share))
}

// Plan is how many visitors two equal arms need in all to find a relative change of a rate with the given power. It does not allow for
// stopping early, so it is about a quarter too many.
func Plan(rate, change, alpha, power float64) (visitors int64, ok bool) {
	other := rate * (1 + change)
	if rate <= 0 || rate >= 1 || other <= 0 || other >= 1 || change == 0 {
		return 0, false
	}
	variance := rate*(1-rate) + other*(1-other)
	zPower := -math.Sqrt2 * math.Erfcinv(2*power)
	return smallest(2, func(n float64) float64 {
		n = math.Ceil(n)
		return math.Abs(other-rate)*math.Sqrt(n/(2*variance)) - critical(int64(n), alpha) - zPower
	})
}
