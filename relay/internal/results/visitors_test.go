package results

import (
	"math/rand/v2"
	"testing"
)

func TestAVisitorIsFoundByTheirHashAndOnlyByThat(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var v visitors
	model := map[uint64]uint32{}
	for range 20_000 {
		hash := random.Uint64N(10_000) << random.Uint64N(50) // many share their low bits, or their upper ones
		want, known := model[hash]
		got, ok := v.index(hash)
		if ok != known || known && got != want {
			t.Fatalf("visitor %x: %d, %v instead of %d, %v", hash, got, ok, want, known)
		}
		if !known {
			model[hash] = v.add(hash)
		}
	}
	restored := visitors{rows: v.rows}
	restored.grow()
	for hash, want := range model {
		if got, ok := restored.index(hash); !ok || got != want {
			t.Fatalf("visitor %x, from the rows: %d, %v instead of %d", hash, got, ok, want)
		}
	}
}

func TestHashesChosenToMeetDoNotMeet(t *testing.T) {
	const hashes = 1 << 16
	var v visitors
	for n := range uint64(hashes) {
		v.add(n << 40) // alike in the bits that a table of this size would look at
	}
	mask, steps := len(v.slots)-1, 0
	for n := range uint64(hashes) {
		steps += (v.find(n<<40) - v.home(n<<40)) & mask
	}
	if steps > 1000*hashes {
		t.Errorf("%d hashes are found after %d more looks each", hashes, steps/hashes)
	}
}
