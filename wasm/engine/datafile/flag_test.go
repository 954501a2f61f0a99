package datafile

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAFlagsVariationIsTheOneThatAnObjectByIDHasFirst(t *testing.T) {
	ids, keys := []string{"9", "10", "1", "a", "b", "01", "-1", ""}, []string{"x", "y", "z"}
	random := rand.New(rand.NewPCG(1, 2))
	rules := func() (all []*Experiment) {
		for range random.IntN(4) {
			e := &Experiment{}
			for range random.IntN(4) {
				e.Variations = append(e.Variations, &Variation{ID: ids[random.IntN(len(ids))], Key: keys[random.IntN(len(keys))]})
			}
			all = append(all, e)
		}
		return all
	}
	for range 2000 {
		f := &Flag{Experiments: rules()}
		if random.IntN(3) > 0 {
			f.Rollout = &Rollout{Rules: rules()}
		}
		for _, key := range keys {
			if got, want := f.VariationByKey(key), firstByID(f, key); got != want {
				t.Fatalf("%v is %v, want %v", key, got, want)
			}
		}
	}
}

// firstByID does what JavaScript does: it keeps the variations by id, and looks for the key among them.
func firstByID(f *Flag, key string) *Variation {
	var order []string
	byID := map[string]*Variation{}
	rules := f.Experiments
	if f.Rollout != nil {
		rules = slices.Concat(rules, f.Rollout.Rules)
	}
	for _, rule := range rules {
		for _, v := range rule.Variations {
			if byID[v.ID] == nil {
				order = append(order, v.ID)
			}
			byID[v.ID] = v
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(arrayIndex(a), arrayIndex(b)) })
	for _, id := range order {
		if byID[id].Key == key {
			return byID[id]
		}
	}
	return nil
}

func TestAnArrayIndexIsWhatJavaScriptTakesForOne(t *testing.T) {
	for name, want := range map[string]uint64{
		"0": 0, "9": 9, "10": 10, "4294967294": 4294967294,
		"": notAnIndex, "4294967295": notAnIndex, "9999999999": notAnIndex, "10000000000": notAnIndex,
		"00": notAnIndex, "01": notAnIndex, "-1": notAnIndex, "1/": notAnIndex, "1:": notAnIndex, "1.0": notAnIndex, "key": notAnIndex,
	} {
		if got := arrayIndex(name); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}
