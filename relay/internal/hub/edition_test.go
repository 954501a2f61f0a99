package hub

import (
	"fmt"
	"testing"
)

func TestAnEditionKeepsSoManyAndSoLargeOnesBeforeIt(t *testing.T) {
	large := make([]byte, historyBytes/2)
	for _, test := range []struct {
		name     string
		sizes    []int
		hash     string
		from, to int
	}{
		{"none", nil, "new", 0, 0},
		{"the last sixteen", make([]int, 20), "new", 4, 20},
		{"as much as fits", []int{1, len(large), len(large)}, "new", 1, 3},
		{"but not itself", []int{1, 1, 1}, "2", 0, 2},
	} {
		var updates []Update
		for i, size := range test.sizes {
			updates = append(updates, Update{Hash: fmt.Sprint(i), Datafile: large[:size]})
		}
		kept := recent(updates, test.hash)
		if len(kept) != test.to-test.from {
			t.Errorf("%s: %d are kept", test.name, len(kept))
		}
		for i, u := range kept {
			if want := fmt.Sprint(test.from + i); u.Hash != want {
				t.Errorf("%s: %s is kept in the place of %s", test.name, u.Hash, want)
			}
		}
	}
}
