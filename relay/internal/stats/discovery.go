package stats

import "slices"

// BenjaminiHochberg corrects a family of p-values for their number, so that among those with q <= alpha at most that share is expected
// to be false. It writes into q the corrected values, and into level the one whose interval belongs to each: q <= alpha exactly
// when p <= level, so a table and its intervals never disagree (Benjamini and Yekutieli's false coverage rate). All three slices
// are as long.
func BenjaminiHochberg(p []float64, alpha float64, q, level []float64) {
	m := len(p)
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return a - b
	})
	least := 1.0
	for rank := m; rank >= 1; rank-- {
		i := order[rank-1]
		least = min(least, float64(m)*p[i]/float64(rank))
		q[i] = least
	}
	for at, i := range order {
		level[i] = alpha * float64(rejectionsWith(p, order, at, alpha)) / float64(m)
	}
}

// rejectionsWith is how many hypotheses the procedure would reject if the one at a place of the order had a p of 0.
func rejectionsWith(p []float64, order []int, at int, alpha float64) int {
	m := len(order)
	for k := m; k > 1; k-- {
		other := k - 2 // the (k-1)th smallest of the others
		if other >= at {
			other++
		}
		if p[order[other]] <= alpha*float64(k)/float64(m) {
			return k
		}
	}
	return 1
}
