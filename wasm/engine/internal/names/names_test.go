package names

import (
	"math/rand/v2"
	"strings"
	"testing"
)

type entry struct{ name string }

func TestNamesAreFoundAsInAMap(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 3, 5, 64, 3000} {
		var entries []*entry
		want := map[string]*entry{}
		for range size {
			e := &entry{strings.Repeat("10019971869", 3)[:random.IntN(34)]}
			if random.IntN(2) == 0 {
				e.name += string(rune('a' + random.IntN(26)))
			}
			entries = append(entries, e)
			want[e.name] = e
		}
		all := Of(entries, func(e *entry) string { return e.name }, Table[*entry]{})
		for name, e := range want {
			if all.Find(name) != e {
				t.Errorf("%d entries: %q is not the last one of that name", size, name)
			}
		}
		if all.Find("nobody's name") != nil {
			t.Errorf("%d entries: somebody is found by nobody's name", size)
		}
		if all.Shared != (len(want) < size) {
			t.Errorf("%d entries with %d names: shared is %v", size, len(want), all.Shared)
		}
	}
	if (&Table[*entry]{}).Find("") != nil {
		t.Error("the zero table has one")
	}
}
