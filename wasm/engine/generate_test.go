package engine_test

import (
	"maps"
	"slices"
	"testing"

	"sortition/wasm/engine"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/enginetest"
)

const seed = 20261123

func TestAGeneratedProjectIsTheSameForTheSameSeed(t *testing.T) {
	first, second := enginetest.NewGenerator(seed).Datafile(enginetest.Medium), enginetest.NewGenerator(seed).Datafile(enginetest.Medium)
	if first != second {
		t.Error("two runs with one seed differ")
	}
	if other := enginetest.NewGenerator(seed + 1).Datafile(enginetest.Medium); other == first {
		t.Error("another seed makes the same project")
	}
}

func TestGeneratedProjectsHaveTheSizeTheyPromise(t *testing.T) {
	for name, c := range map[string]struct {
		size        enginetest.Size
		least, most int // bytes
	}{
		"small":  {enginetest.Small, 8_000, 20_000},
		"medium": {enginetest.Medium, 180_000, 300_000},
		"large":  {enginetest.Large, 1_800_000, 2_600_000},
	} {
		text := enginetest.NewGenerator(seed).Datafile(c.size)
		p := mustEngine(t, text).Project()
		experiments := 0
		for _, e := range p.Experiments {
			if !e.Rollout {
				experiments++
			}
		}
		if len(p.Flags) != c.size.Flags || experiments != c.size.Experiments {
			t.Errorf("%s has %d flags and %d experiments", name, len(p.Flags), experiments)
		}
		if len(text) < c.least || len(text) > c.most {
			t.Errorf("%s has %d bytes", name, len(text))
		}
	}
}

func TestEveryMatchingVisitorIsInWhatIsMeasured(t *testing.T) {
	g := enginetest.NewGenerator(seed)
	e := mustEngine(t, g.Datafile(enginetest.Medium))
	for _, v := range g.Matching(1000) {
		u := e.NewUser(v.ID, v.Attributes)
		rollout := e.Decide(enginetest.MeasuredRollout, u)
		if e.GetVariation(enginetest.MeasuredExperiment, u) == nil || rollout.Variation == nil {
			t.Fatalf("%s with %v is not decided for", v.ID, v.Attributes)
		}
	}
}

func TestARowOfUsersIsDecidedAsEachOfThem(t *testing.T) {
	g := enginetest.NewGenerator(seed)
	p := mustEngine(t, g.Datafile(enginetest.Medium))
	for _, like := range g.Matching(20) {
		for _, e := range p.Project().Experiments {
			u := p.NewUser(like.ID, like.Attributes)
			row := decision.NewRow(e, &u.User)
			for _, id := range append(slices.Sorted(maps.Keys(e.Whitelist)), "Matt", "Joe", "") {
				u.ID, u.Bucketing = id, bucketing.NewPrefix(id)
				if got, want := row.Experiment(&u.User), decision.Experiment(p.Project(), e, &u.User); got != want {
					t.Fatalf("%q like %v in %s: %v in a row, %v alone", id, like, e.Key, got, want)
				}
			}
		}
	}
}

func BenchmarkDecideMediumNoAlloc(b *testing.B) {
	benchmarkMedium(b, func(e *engine.Engine, u *engine.User) { e.Decide(enginetest.MeasuredFlag, u) })
}

// Some flags have rules with whitelists and groups.
func BenchmarkDecideFlagAfterFlagNoAlloc(b *testing.B) {
	asked := 0
	benchmarkMedium(b, func(e *engine.Engine, u *engine.User) {
		flags := e.Project().Flags
		e.Decide(flags[asked%len(flags)].Key, u)
		asked++
	})
}

func BenchmarkGetVariationMediumNoAlloc(b *testing.B) {
	benchmarkMedium(b, func(e *engine.Engine, u *engine.User) { e.GetVariation(enginetest.MeasuredExperiment, u) })
}

// benchmarkMedium asks once for each of many visitors of a project of medium size.
func benchmarkMedium(b *testing.B, ask func(*engine.Engine, *engine.User)) {
	b.Helper()
	g := enginetest.NewGenerator(seed)
	e := mustEngine(b, g.Datafile(enginetest.Medium))
	users := make([]*engine.User, 0, 1000)
	for _, v := range g.Matching(cap(users)) {
		users = append(users, e.NewUser(v.ID, v.Attributes))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		ask(e, users[i%len(users)])
	}
}
