package stats

import "math"

// Arm is one variation's mean per visitor, as far as it is known.
type Arm struct {
	Mean     float64
	Variance float64 // of the mean
	N        int64   // visitors
}

// Binary is the arm of a metric that each visitor either has or not.
func Binary(visitors, converters int64) Arm {
	if visitors == 0 {
		return Arm{}
	}
	n := float64(visitors)
	mean := float64(converters) / n
	return Arm{Mean: mean, Variance: mean * (1 - mean) / n, N: visitors}
}

// Numeric is the arm of a metric that is a number for each visitor, of which the sum and the sum of squares are known.
func Numeric(visitors int64, sum, sumOfSquares float64) Arm {
	if visitors == 0 {
		return Arm{}
	}
	n := float64(visitors)
	a := Arm{Mean: sum / n, N: visitors}
	if visitors > 1 {
		a.Variance = max(0, (sumOfSquares-sum*sum/n)/(n-1)) / n
	}
	return a
}

// Pair is a variation beside the baseline it is compared with.
type Pair struct{ Baseline, Variation Arm }

// N is the number of visitors in both arms.
func (p Pair) N() int64 { return p.Baseline.N + p.Variation.N }

// Stratified joins the pairs of epochs, periods in each of which the traffic was split in one way. Visitors are never pooled across
// epochs: when the split and the rates change together, the pool shows a difference that no epoch has.
type Stratified struct {
	sum   Pair // of the means weighted by n, and of the variances by n squared
	total float64
}

// Add adds an epoch's pair.
func (s *Stratified) Add(p Pair) {
	n := float64(p.N())
	s.total += n
	for _, arm := range []struct{ sum, of *Arm }{{&s.sum.Baseline, &p.Baseline}, {&s.sum.Variation, &p.Variation}} {
		arm.sum.Mean += n * arm.of.Mean
		arm.sum.Variance += n * n * arm.of.Variance
		arm.sum.N += arm.of.N
	}
}

// Pair returns the joined pair, a zero one when nothing was added.
func (s *Stratified) Pair() Pair {
	if s.total == 0 {
		return Pair{}
	}
	joined := s.sum
	for _, arm := range []*Arm{&joined.Baseline, &joined.Variation} {
		arm.Mean /= s.total
		arm.Variance /= s.total * s.total
	}
	return joined
}

// What an arm must have before a pair is compared: without it the normal approximation is too far off.
const (
	minVisitors   = 100
	minConverters = 25
	// minConvertersUneven holds for numeric metrics when the smaller arm has less than a quarter of the pair's visitors.
	minConvertersUneven = 100
)

// Ready tells whether both arms of a pair have passed the burn-in. Converters are the visitors whose number is not zero.
func Ready(p Pair, baselineConverters, converters int64, binary bool) bool {
	least := int64(minConverters)
	if !binary && 4*min(p.Baseline.N, p.Variation.N) < p.N() {
		least = minConvertersUneven
	}
	return min(p.Baseline.N, p.Variation.N) >= minVisitors && min(baselineConverters, converters) >= least
}

// Difference is how much the variation's mean is above the baseline's.
func (p Pair) Difference() float64 { return p.Variation.Mean - p.Baseline.Mean }

// Lift is the difference in proportion to the baseline's mean, which must be positive.
func (p Pair) Lift() (lift float64, ok bool) {
	if p.Baseline.Mean <= 0 {
		return 0, false
	}
	return p.Difference() / p.Baseline.Mean, true
}

// variance is that of the difference.
func (p Pair) variance() float64 { return p.Baseline.Variance + p.Variation.Variance }

// Z is the difference in standard errors, 0 when nothing varies.
func (p Pair) Z() float64 {
	v := p.variance()
	if v == 0 {
		return 0
	}
	return p.Difference() / math.Sqrt(v)
}
