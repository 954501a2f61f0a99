package main

import "testing"

func TestTheMoreIsInUseTheEarlierGarbageIsCollected(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 5 << 20: 100, 16 << 20: 100, 32 << 20: 50, 100 << 20: 15, 1 << 30: 10} {
		if got := gcPercent(live); got != want {
			t.Errorf("%d MiB in use: %d, want %d", live>>20, got, want)
		}
	}
}
