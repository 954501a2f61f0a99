package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// The vectors were computed by scipy and gbstats, and by a second implementation; see _about in the file.

type armVector struct {
	Visitors, Conversions int64
	Sum                   float64
	SumOfSquares          float64 `json:"sum_sq"`
	NonZero               int64   `json:"nonzero"`
}

func (v armVector) arm(binary bool) Arm {
	if binary {
		return Binary(v.Visitors, v.Conversions)
	}
	return Numeric(v.Visitors, v.Sum, v.SumOfSquares)
}

func (v armVector) converters(binary bool) int64 {
	if binary {
		return v.Conversions
	}
	return v.NonZero
}

type pairVector struct {
	Name      string
	Kind      string
	Alpha     float64
	Baseline  armVector
	Variation armVector
	Share     *float64 `json:"pair_traffic_share"`
	Epochs    []struct{ Baseline, Variation armVector }
	Expected  map[string]any
}

type vectors struct {
	Pair   []pairVector
	Epochs []pairVector
	BH     []struct {
		Name     string
		Alpha    float64
		P        []float64
		Expected struct {
			Q        []float64
			CI       []float64 `json:"ci_level_alpha"`
			Rejected []bool
		}
	}
	SRM []struct {
		Name          string
		Counts        []int64
		Weights       []float64
		Concentration float64
		Expected      map[string]any
	}
	SRMEpochs struct {
		Epochs []struct {
			Counts  []int64
			Weights []float64
		}
		Concentration float64
		Expected      struct {
			PerEpoch []float64 `json:"per_epoch_ln_bf"`
			LnBF     float64   `json:"ln_bayes_factor"`
			P        float64   `json:"sequential_p"`
		}
	} `json:"srm_epochs"`
	Running []struct {
		Name      string
		Alpha     float64
		Snapshots []struct{ N0, S0, N1, S1 int64 }
		Expected  []struct {
			Ready  bool
			P      float64     `json:"p_running"`
			Abs    [2]*float64 `json:"abs_ci_running"`
			Lift   [2]*float64 `json:"lift_ci_running"`
			Resets int
		}
	}
	Planning []struct {
		Rate     float64 `json:"baseline_rate"`
		Change   float64 `json:"relative_mde"`
		Alpha    float64
		Power    float64
		Expected int64 `json:"expected_total_visitors_two_arms"`
	}
}

func mustReadVectors(t *testing.T) (v vectors) {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Pair) == 0 || len(v.Epochs) == 0 || len(v.BH) == 0 || len(v.SRM) == 0 || len(v.Running) == 0 || len(v.Planning) == 0 {
		t.Fatal("some kind of vector is missing")
	}
	return v
}

func near(got, want float64) bool {
	if math.Abs(want) < 1e-300 {
		return math.Abs(got) < 1e-12
	}
	return math.Abs(got-want) <= math.Max(1e-12, 1e-9*math.Abs(want))
}

// mustBe compares with a number of a vector, where null stands for what there is not.
func mustBe(t *testing.T, what string, got float64, ok bool, want any) {
	t.Helper()
	number, exists := want.(float64)
	if exists != ok || ok && !near(got, number) {
		t.Errorf("%s is %v (%v), want %v", what, got, ok, want)
	}
}

func mustBeInterval(t *testing.T, what string, got Interval, want any) {
	t.Helper()
	list, exists := want.([]any)
	if !exists {
		if got != Unbounded {
			t.Errorf("%s is %v, want none", what, got)
		}
		return
	}
	mustBe(t, what+" low", got.Low, true, list[0])
	mustBe(t, what+" high", got.High, true, list[1])
}

func TestPairVectors(t *testing.T) {
	for _, v := range mustReadVectors(t).Pair {
		t.Run(v.Name, func(t *testing.T) {
			binary := v.Kind == "binary"
			p := Pair{v.Baseline.arm(binary), v.Variation.arm(binary)}
			lift, hasLift := p.Lift()
			ready := Ready(p, v.Baseline.converters(binary), v.Variation.converters(binary), binary)
			for name, got := range map[string]float64{
				"mean_baseline": p.Baseline.Mean, "mean_variation": p.Variation.Mean,
				"var_of_mean_baseline": p.Baseline.Variance, "var_of_mean_variation": p.Variation.Variance,
				"difference": p.Difference(), "z": p.Z(), "ln_lambda": p.LnLambda(), "p_value": p.P(),
				"critical_z": critical(p.N(), v.Alpha), "fixed_horizon_p": p.FixedHorizonP(), "chance_to_beat_baseline": p.ChanceToBeat(),
			} {
				mustBe(t, name, got, true, v.Expected[name])
			}
			mustBe(t, "lift", lift, hasLift, v.Expected["lift"])
			mustBeInterval(t, "abs_ci", p.DifferenceInterval(v.Alpha), v.Expected["abs_ci"])
			mustBeInterval(t, "lift_ci", p.LiftInterval(v.Alpha), v.Expected["lift_ci"])
			needed, known := p.Needed(v.Alpha)
			mustBe(t, "pair_visitors_needed", float64(needed), known, v.Expected["pair_visitors_needed"])
			share := 1.0
			if v.Share != nil {
				share = *v.Share
			}
			remaining := Remaining(needed, p.N(), share)
			mustBe(t, "visitors_remaining", float64(remaining), known && ready, v.Expected["visitors_remaining"])
			if ready != v.Expected["ready"] {
				t.Errorf("ready is %v", ready)
			}
			if significant := ready && p.P() <= v.Alpha; significant != v.Expected["is_significant"] {
				t.Errorf("significant is %v", significant)
			}
		})
	}
}

func TestEpochVectors(t *testing.T) {
	for _, v := range mustReadVectors(t).Epochs {
		t.Run(v.Name, func(t *testing.T) {
			var s Stratified
			for _, e := range v.Epochs {
				s.Add(Pair{e.Baseline.arm(true), e.Variation.arm(true)})
			}
			p := s.Pair()
			lift, ok := p.Lift()
			mustBe(t, "lift", lift, ok, v.Expected["lift"])
			mustBe(t, "ln_lambda", p.LnLambda(), true, v.Expected["ln_lambda"])
			mustBe(t, "p_value", p.P(), true, v.Expected["p_value"])
			mustBeInterval(t, "abs_ci", p.DifferenceInterval(v.Alpha), v.Expected["abs_ci"])
			mustBeInterval(t, "lift_ci", p.LiftInterval(v.Alpha), v.Expected["lift_ci"])
		})
	}
}

func TestBenjaminiHochbergVectors(t *testing.T) {
	for _, v := range mustReadVectors(t).BH {
		t.Run(v.Name, func(t *testing.T) {
			q, level := make([]float64, len(v.P)), make([]float64, len(v.P))
			BenjaminiHochberg(v.P, v.Alpha, q, level)
			for i := range v.P {
				if !near(q[i], v.Expected.Q[i]) || !near(level[i], v.Expected.CI[i]) || (q[i] <= v.Alpha) != v.Expected.Rejected[i] {
					t.Errorf("p %v: q %v at level %v, want %v at %v", v.P[i], q[i], level[i], v.Expected.Q[i], v.Expected.CI[i])
				}
			}
		})
	}
}

func TestSampleRatioVectors(t *testing.T) {
	all := mustReadVectors(t)
	for _, v := range all.SRM {
		t.Run(v.Name, func(t *testing.T) {
			ln := RatioLnBayesFactor(v.Counts, v.Weights, v.Concentration)
			mustBe(t, "ln_bayes_factor", ln, true, v.Expected["ln_bayes_factor"])
			mustBe(t, "sequential_p", RatioP(ln), true, v.Expected["sequential_p"])
			mustBe(t, "chi2_p", ChiSquaredP(v.Counts, v.Weights), true, v.Expected["chi2_p"])
			if mismatch := RatioP(ln) < RatioAlarm; mismatch != v.Expected["mismatch"] {
				t.Errorf("mismatch is %v", mismatch)
			}
		})
	}
	sum := 0.0
	for i, e := range all.SRMEpochs.Epochs {
		ln := RatioLnBayesFactor(e.Counts, e.Weights, all.SRMEpochs.Concentration)
		mustBe(t, "an epoch's ln_bf", ln, true, all.SRMEpochs.Expected.PerEpoch[i])
		sum += ln
	}
	mustBe(t, "ln_bf of all epochs", sum, true, all.SRMEpochs.Expected.LnBF)
	mustBe(t, "p of all epochs", RatioP(sum), true, all.SRMEpochs.Expected.P)
}

func TestRunningVectors(t *testing.T) {
	for _, v := range mustReadVectors(t).Running {
		t.Run(v.Name, func(t *testing.T) {
			var r Running
			for i, s := range v.Snapshots {
				p := Pair{Binary(s.N0, s.S0), Binary(s.N1, s.S1)}
				if Ready(p, s.S0, s.S1, true) {
					r.Watch(p, v.Alpha)
				} else {
					r.Skip()
				}
				want := v.Expected[i]
				if r.Begun() != want.Ready || !near(r.P, want.P) || r.Resets != want.Resets {
					t.Errorf("moment %d: begun %v, p %v, resets %d; want %+v", i, r.Begun(), r.P, r.Resets, want)
				}
				for _, side := range []struct {
					got  float64
					want *float64
				}{{r.Difference.Low, want.Abs[0]}, {r.Difference.High, want.Abs[1]}, {r.Lift.Low, want.Lift[0]}, {r.Lift.High, want.Lift[1]}} {
					if math.IsInf(side.got, 0) != (side.want == nil) || side.want != nil && !near(side.got, *side.want) {
						t.Errorf("moment %d: %v, want %v", i, side.got, side.want)
					}
				}
			}
		})
	}
}

func TestPlanningVectors(t *testing.T) {
	for _, v := range mustReadVectors(t).Planning {
		if got, ok := Plan(v.Rate, v.Change, v.Alpha, v.Power); !ok || got != v.Expected {
			t.Errorf("%v by %v: %d visitors, want %d", v.Rate, v.Change, got, v.Expected)
		}
	}
}
