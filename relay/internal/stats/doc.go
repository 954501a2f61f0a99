// Package stats is the arithmetic of results that stay true however often one looks at them.
//
// A variation is compared with the baseline by a two-sided normal-mixture sequential probability ratio test with estimated
// variance (the mSPRT of Johari, Pekelis and Walsh; the asymptotic confidence sequence of Waudby-Smith and others). Its
// p-value holds at every moment at once: in an experiment without a difference the chance that it ever falls to alpha is at
// most alpha. The mixture's scale is a fixed multiple of the outcome's own variance, so neither a change of units nor of the
// threshold moves the p-value.
//
//	Arm, Pair     what was counted: means, their variances, and how epochs of different traffic join (arm.go)
//	Pair.P, ...   the test and the intervals that belong to it (sequential.go)
//	Running       the course of a test: smallest p, intersection of intervals, resets (running.go)
//	BenjaminiHochberg   many tests at once (discovery.go)
//	RatioP, ...   whether the split is what it was meant to be (ratio.go)
//	Pair.Needed, Plan   how many visitors it takes (plan.go)
//
// Everything is a function of its arguments. A look at a pair allocates nothing: there are many for each report. The guarantees are
// asymptotic: they need the burn-in of [Ready].
package stats
