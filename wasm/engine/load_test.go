package engine_test

import (
	"slices"
	"testing"

	"sortition/wasm/engine"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/enginetest"
)

// A page loads what it decides, in the order it happens to ask; a relay has loaded everything before.
func TestWhatIsLoadedWhenItIsAskedForDecidesAsWhatWasLoadedBefore(t *testing.T) {
	for seed := range uint64(12) {
		g := enginetest.NewGenerator(seed)
		text := g.Datafile(enginetest.Medium)
		whole := mustEngine(t, text)
		lazy, err := datafile.Open(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		part := engine.Of(lazy)
		for _, v := range g.Matching(3) {
			u, w := part.NewUser(v.ID, v.Attributes), whole.NewUser(v.ID, v.Attributes)
			for _, e := range slices.Backward(lazy.Experiments) {
				lazy.LoadRule(e)
				got, want := part.GetVariation(e.Key, u), whole.GetVariation(e.Key, w)
				if (got == nil) != (want == nil) || got != nil && (got.ID != want.ID || got.Index != want.Index) {
					t.Fatalf("seed %d: %s gives %s %v, want %v", seed, e.Key, v.ID, got, want)
				}
			}
			for _, f := range slices.Backward(lazy.Flags) {
				lazy.LoadFlag(f)
				got, want := part.Decide(f.Key, u), whole.Decide(f.Key, w)
				if g, w := string(part.AppendOutcome(nil, &got)), string(whole.AppendOutcome(nil, &want)); g != w {
					t.Fatalf("seed %d: %s gives %s %s, want %s", seed, f.Key, v.ID, g, w)
				}
			}
		}
	}
}
