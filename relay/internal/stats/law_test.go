package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomPair returns a pair past the burn-in, binary or numeric, now and then with a large effect.
func randomPair(random *rand.Rand) Pair {
	arm := func(rate float64) Arm {
		n := 200 + random.Int64N(20_000)
		converters := max(25, int64(rate*float64(n)))
		if random.IntN(2) == 0 {
			return Binary(n, converters)
		}
		each := 500 + 5000*random.Float64()
		return Numeric(n, each*float64(converters), each*each*float64(converters)*(1+random.Float64()))
	}
	rate := 0.05 + 0.4*random.Float64()
	p := Pair{arm(rate), arm(rate * (0.8 + 0.5*random.Float64()))}
	if (p.Baseline.Mean > 1) != (p.Variation.Mean > 1) { // one in cents, the other not
		p.Variation = p.Baseline
		p.Variation.N += random.Int64N(1000)
	}
	return p
}

func TestAnIntervalLeavesOutZeroExactlyWhenPIsBelowItsLevel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	significant := 0
	for range 5000 {
		p := randomPair(random)
		for _, alpha := range []float64{0.1, 0.05, 0.01} {
			want := p.P() <= alpha
			if want {
				significant++
			}
			for name, i := range map[string]Interval{"difference": p.DifferenceInterval(alpha), "lift": p.LiftInterval(alpha)} {
				if i.Bounded() && (i.Low > 0 || i.High < 0) != want {
					t.Fatalf("%+v: p %v at alpha %v, but the interval of the %s is %v", p, p.P(), alpha, name, i)
				}
			}
		}
	}
	if significant < 1000 || significant > 14_000 {
		t.Errorf("%d of 15000 were significant: this tests one side only", significant)
	}
}

func TestWhereNothingVariesAnIntervalSaysNothing(t *testing.T) {
	for name, p := range map[string]Pair{
		"everybody converted":    {Binary(100, 100), Binary(100, 100)},
		"everybody did as often": {Numeric(100, 100, 100), Numeric(100, 200, 400)},
	} {
		if d, l := p.DifferenceInterval(0.1), p.LiftInterval(0.1); p.P() != 1 || d != Unbounded || l != Unbounded {
			t.Errorf("%s: p %v, but the interval of the difference is %v, and of the lift %v", name, p.P(), d, l)
		}
	}
}

func TestAnIntervalHoldsTheObservedLift(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	for range 2000 {
		p := randomPair(random)
		lift, ok := p.Lift()
		narrow, wide := p.LiftInterval(0.1), p.LiftInterval(0.01)
		if !ok || lift < narrow.Low || lift > narrow.High || wide.Low > narrow.Low || wide.High < narrow.High {
			t.Fatalf("%+v: lift %v, 90%% %v, 99%% %v", p, lift, narrow, wide)
		}
	}
}

func TestSwappingTheArmsTurnsTheSignOnly(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		p := randomPair(random)
		swapped := Pair{p.Variation, p.Baseline}
		if p.P() != swapped.P() || p.Difference() != -swapped.Difference() || p.Z() != -swapped.Z() {
			t.Fatalf("%+v: p %v and %v, z %v and %v", p, p.P(), swapped.P(), p.Z(), swapped.Z())
		}
	}
}

func TestAnotherUnitChangesNothingInProportion(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	scaled := func(a Arm) Arm { return Arm{a.Mean * 100, a.Variance * 100 * 100, a.N} }
	for range 2000 {
		p := randomPair(random)
		q := Pair{scaled(p.Baseline), scaled(p.Variation)}
		a, b := p.LiftInterval(0.1), q.LiftInterval(0.1)
		if !near(q.LnLambda(), p.LnLambda()) || a.Bounded() && (math.Abs(a.Low-b.Low) > 1e-9 || math.Abs(a.High-b.High) > 1e-9) {
			t.Fatalf("%+v: ln lambda %v and %v, %v and %v", p, p.LnLambda(), q.LnLambda(), a, b)
		}
	}
}

func TestOneEpochIsThePlainPair(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 500 {
		p := randomPair(random)
		var one Stratified
		one.Add(p)
		got := one.Pair()
		if !near(got.LnLambda(), p.LnLambda()) || got.N() != p.N() {
			t.Fatalf("%+v became %+v", p, got)
		}
	}
}

func TestTheOrderOfEpochsAndHypothesesDoesNotMatter(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	for range 500 {
		a, b := randomPair(random), randomPair(random)
		var forth, back Stratified
		forth.Add(a)
		forth.Add(b)
		back.Add(b)
		back.Add(a)
		if !near(forth.Pair().LnLambda(), back.Pair().LnLambda()) {
			t.Fatalf("%+v, %+v", a, b)
		}
		p := make([]float64, 2+random.IntN(20))
		for i := range p {
			p[i] = math.Pow(random.Float64(), 3)
		}
		q, level := make([]float64, len(p)), make([]float64, len(p))
		BenjaminiHochberg(p, 0.1, q, level)
		shuffled, place := make([]float64, len(p)), random.Perm(len(p))
		for i, at := range place {
			shuffled[at] = p[i]
		}
		q2, level2 := make([]float64, len(p)), make([]float64, len(p))
		BenjaminiHochberg(shuffled, 0.1, q2, level2)
		for i, at := range place {
			if q[i] != q2[at] || level[i] != level2[at] {
				t.Fatalf("p %v: q %v at %v, shuffled %v at %v", p[i], q[i], level[i], q2[at], level2[at])
			}
		}
	}
}

func TestACorrectedPAgreesWithItsLevel(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		p := make([]float64, 1+random.IntN(15))
		for i := range p {
			p[i] = math.Pow(random.Float64(), 4)
		}
		q, level := make([]float64, len(p)), make([]float64, len(p))
		BenjaminiHochberg(p, 0.1, q, level)
		for i := range p {
			if (q[i] <= 0.1) != (p[i] <= level[i]) || q[i] < p[i]*(1-1e-12) {
				t.Fatalf("p %v: q %v, level %v", p[i], q[i], level[i])
			}
		}
	}
}

func TestARunningPFallsUntilAReset(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for range 200 {
		var r Running
		p, resets := 1.0, 0
		var n, s [2]int64
		for range 40 {
			for arm := range 2 {
				n[arm] += 100
				s[arm] += 5 + random.Int64N(20)
			}
			pair := Pair{Binary(n[0], s[0]), Binary(n[1], s[1])}
			if !Ready(pair, s[0], s[1], true) {
				r.Skip()
				continue
			}
			r.Watch(pair, 0.1)
			if r.Resets == resets && r.P > p {
				t.Fatalf("p rose from %v to %v", p, r.P)
			}
			if excludes := r.Difference.Low > 0 || r.Difference.High < 0; excludes != (r.P <= 0.1) {
				t.Fatalf("p %v, but the interval is %v", r.P, r.Difference)
			}
			p, resets = r.P, r.Resets
		}
	}
}

func TestNeededIsTheFirstNumberOfVisitorsThatIsEnough(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	for range 500 {
		p := randomPair(random)
		needed, ok := p.Needed(0.1)
		if !ok || p.P() <= 0.1 {
			continue
		}
		with := func(n int64) float64 { // the same means and spread, of n visitors
			f := float64(p.N()) / float64(n)
			q := p
			q.Baseline.Variance *= f
			q.Variation.Variance *= f
			q.Baseline.N, q.Variation.N = n/2, n-n/2
			return q.P()
		}
		if with(needed) > 0.1*(1+1e-6) || with(needed-1) < 0.1*(1-1e-6) {
			t.Fatalf("%+v needs %d: p %v with one less, then %v", p, needed, with(needed-1), with(needed))
		}
	}
}

func TestNothingIsKnownWithoutVisitors(t *testing.T) {
	var p Pair
	lift, hasLift := p.Lift()
	_, needed := p.Needed(0.1)
	if p.P() != 1 || p.Z() != 0 || lift != 0 || hasLift || needed || p.DifferenceInterval(0.1) != Unbounded || p.LiftInterval(0.1) != Unbounded {
		t.Errorf("%v %v %v", p.P(), p.DifferenceInterval(0.1), p.LiftInterval(0.1))
	}
	if got := ChiSquaredP(nil, nil); got != 1 {
		t.Errorf("chi squared of nothing has p %v", got)
	}
	if _, ok := Plan(0.1, 0, 0.1, 0.8); ok {
		t.Error("no change was found by a finite number of visitors")
	}
}
