package stats

import (
	"math/rand/v2"
	"testing"
)

// watched runs one experiment and tells whether it was ever called, by us and by an ordinary z-test, when every single
// visitor is followed by a look.
func watched(random *rand.Rand, visitors int, rates [2]float64, alpha float64) (called, naive bool) {
	var n, s [2]int64
	for range visitors {
		arm := random.IntN(2)
		n[arm]++
		if random.Float64() < rates[arm] {
			s[arm]++
		}
		p := Pair{Binary(n[0], s[0]), Binary(n[1], s[1])}
		if !Ready(p, s[0], s[1], true) {
			continue
		}
		called = called || p.P() <= alpha
		naive = naive || p.FixedHorizonP() <= alpha
	}
	return called, naive
}

func TestOf2000ExperimentsWithoutADifferenceAtMostATenthIsEverCalled(t *testing.T) {
	const experiments, visitors, alpha = 2000, 3000, 0.1
	random := rand.New(rand.NewPCG(20260101, 1))
	called, naive := 0, 0
	for range experiments {
		ours, theirs := watched(random, visitors, [2]float64{0.2, 0.2}, alpha)
		if ours {
			called++
		}
		if theirs {
			naive++
		}
	}
	t.Logf("of %d A/A experiments, watched after each of %d visitors, %d were ever called; a z-test calls %d", experiments, visitors, called, naive)
	if called > experiments*alpha {
		t.Errorf("%d of %d were called, at alpha %v", called, experiments, alpha)
	}
	if naive < experiments/4 {
		t.Errorf("an ordinary z-test called only %d: this simulation is no trap", naive)
	}
}

func TestARealDifferenceIsFound(t *testing.T) {
	random := rand.New(rand.NewPCG(20260101, 2))
	found := 0
	for range 200 {
		if ours, _ := watched(random, 6000, [2]float64{0.10, 0.13}, 0.1); ours {
			found++
		}
	}
	if found < 160 { // by 4743 visitors four in five are
		t.Errorf("10%% against 13%% was called in %d of 200 experiments of 6000 visitors", found)
	}
}

func TestAHealthySplitRaisesNoAlarmAndABrokenOneDoes(t *testing.T) {
	random := rand.New(rand.NewPCG(20260101, 3))
	alarms := func(share float64) (alarmed int) {
		for range 500 {
			counts := make([]int64, 2)
			for range 4000 {
				if random.Float64() < share {
					counts[0]++
				} else {
					counts[1]++
				}
				if RatioP(RatioLnBayesFactor(counts, []float64{1, 1}, RatioConcentration)) < RatioAlarm {
					alarmed++
					break
				}
			}
		}
		return alarmed
	}
	if got := alarms(0.5); got > 10 {
		t.Errorf("%d of 500 healthy splits were called broken", got)
	}
	if got := alarms(0.56); got < 475 {
		t.Errorf("only %d of 500 splits of 56 to 44 were called broken", got)
	}
}

func BenchmarkNoAllocLook(b *testing.B) {
	p := Pair{Binary(5000, 500), Binary(5000, 600)}
	var r Running
	b.ReportAllocs()
	for b.Loop() {
		r.Watch(p, 0.1)
	}
}
