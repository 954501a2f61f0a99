package stats

import "math"

// mixing is rho squared, the variance of the mixture in units of the outcome's variance. It makes intervals narrowest at 5000
// visitors of a pair for an alpha of 0.05, and is fixed for good: p-values of different mixtures cannot be compared.
const mixing = 0.001587230920347513

// LnLambda is the logarithm of the likelihood ratio between the mixture and no difference. It is kept as a logarithm since the ratio
// overflows, and with it p becomes 0.
func (p Pair) LnLambda() float64 {
	if p.variance() == 0 {
		return 0
	}
	z, g := p.Z(), mixing*float64(p.N())
	return g*z*z/(2*(1+g)) - math.Log1p(g)/2
}

// P is the always-valid p-value at this moment alone; [Running] keeps the smallest.
func (p Pair) P() float64 { return probability(p.LnLambda()) }

// probability bounds that of a likelihood ratio this large under the hypothesis.
func probability(lnRatio float64) float64 { return min(1, math.Exp(-lnRatio)) }

// critical is the least |z| of n visitors whose p-value is at most alpha.
func critical(n int64, alpha float64) float64 {
	g := mixing * float64(n)
	return math.Sqrt((1 + g) / g * (math.Log1p(g) - 2*math.Log(alpha)))
}

// Interval holds the true value with a confidence of 1 - alpha, at all moments at once. A side may be infinite.
type Interval struct{ Low, High float64 }

// Unbounded is the interval that says nothing.
var Unbounded = Interval{math.Inf(-1), math.Inf(1)}

// Bounded tells whether the interval says something.
func (i Interval) Bounded() bool { return !math.IsInf(i.Low, 0) && !math.IsInf(i.High, 0) }

// Empty tells whether no value lies in the interval.
func (i Interval) Empty() bool { return i.Low > i.High }

// And returns what lies in both.
func (i Interval) And(other Interval) Interval {
	return Interval{max(i.Low, other.Low), min(i.High, other.High)}
}

// DifferenceInterval is that of the difference. It leaves out 0 exactly when P is below alpha. It is unbounded when nothing varies: that
// everybody has done the same so far does not make the difference certain, and a single value would stay the intersection for good.
func (p Pair) DifferenceInterval(alpha float64) Interval {
	if p.variance() == 0 {
		return Unbounded
	}
	reach := critical(p.N(), alpha) * math.Sqrt(p.variance())
	return Interval{p.Difference() - reach, p.Difference() + reach}
}

// LiftInterval is that of the lift, by Fieller: all ratios that the same test would not reject. So it leaves out 0 exactly when P
// is below alpha, which the usual delta method does not. It is unbounded when the baseline's mean might be 0, or nothing varies.
func (p Pair) LiftInterval(alpha float64) Interval {
	m0, m1 := p.Baseline.Mean, p.Variation.Mean
	if p.variance() == 0 || m0 <= 0 {
		return Unbounded
	}
	k := critical(p.N(), alpha)
	a := m0*m0 - k*k*p.Baseline.Variance
	if a <= 0 {
		return Unbounded
	}
	r := k * math.Sqrt(p.Variation.Variance*a+p.Baseline.Variance*m1*m1)
	return Interval{(m0*m1-r)/a - 1, (m0*m1+r)/a - 1}
}

// FixedHorizonP is the p-value of the ordinary z-test. It holds for one look at a moment fixed in advance; looked at continuously, it calls
// most experiments without a difference a win.
func (p Pair) FixedHorizonP() float64 { return math.Erfc(math.Abs(p.Z()) / math.Sqrt2) }

// ChanceToBeat is the posterior chance that the variation is better, of a flat prior. It does not allow for looking often.
func (p Pair) ChanceToBeat() float64 { return math.Erfc(-p.Z()/math.Sqrt2) / 2 }
