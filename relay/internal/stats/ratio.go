package stats

import "math"

const (
	// RatioConcentration is how closely the alternative of [RatioLnBayesFactor] lies around the expected shares.
	RatioConcentration = 100.0
	// RatioAlarm is the p below which the split is not what it was meant to be.
	RatioAlarm = 0.01
	// RatioWarning is the p below which one should begin to look.
	RatioWarning = 0.05
)

// RatioLnBayesFactor is the logarithm of the evidence against visitors being split by the weights, which need not add up to 1: a
// Dirichlet-multinomial Bayes factor (Lindon and Malek), exact at every moment. Those of several epochs add.
func RatioLnBayesFactor(counts []int64, weights []float64, concentration float64) float64 {
	n, weight := totals(counts, weights)
	if n == 0 || weight == 0 {
		return 0
	}
	ln := lnGamma(concentration) - lnGamma(concentration+n)
	for i, count := range counts {
		share := weights[i] / weight
		if share == 0 {
			continue
		}
		a, c := concentration*share, float64(count)
		ln += lnGamma(a+c) - lnGamma(a) - c*math.Log(share)
	}
	return ln
}

// RatioP is the always-valid p-value of a Bayes factor.
func RatioP(lnBayesFactor float64) float64 { return probability(lnBayesFactor) }

// ChiSquaredP is the p-value of Pearson's test of the same. It holds for one look only.
func ChiSquaredP(counts []int64, weights []float64) float64 {
	n, weight := totals(counts, weights)
	if n == 0 || weight == 0 {
		return 1
	}
	chi, arms := 0.0, 0
	for i, count := range counts {
		expected := n * weights[i] / weight
		if expected == 0 {
			continue
		}
		arms++
		chi += (float64(count) - expected) * (float64(count) - expected) / expected
	}
	if arms < 2 {
		return 1
	}
	return upperGamma(float64(arms-1)/2, chi/2)
}

// totals adds up what has a weight: a visitor where none can be says nothing about the ratio of the others.
func totals(counts []int64, weights []float64) (n, weight float64) {
	for i, w := range weights {
		if w > 0 {
			n += float64(counts[i])
			weight += w
		}
	}
	return n, weight
}

func lnGamma(x float64) float64 {
	ln, _ := math.Lgamma(x)
	return ln
}

// upperGamma is the regularised upper incomplete gamma function Q(a, x): by its series where that converges quickly, by
// Lentz's continued fraction elsewhere.
func upperGamma(a, x float64) float64 {
	if x <= 0 {
		return 1
	}
	front := math.Exp(a*math.Log(x) - x - lnGamma(a))
	if x < a+1 {
		term := 1 / a
		sum := term
		for n := a + 1; term > sum*1e-17; n++ {
			term *= x / n
			sum += term
		}
		return 1 - front*sum
	}
	const tiny = 1e-300
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	h := d
	for i := 1.0; i < 1000; i++ {
		an := -i * (i - a)
		b += 2
		d = 1 / nonZero(an*d+b, tiny)
		c = nonZero(b+an/c, tiny)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	return front * h
}

func nonZero(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
