package main

import "testing"

func TestTheMoreIsInUseTheEarlierGarbageIsCollected(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 5 << 20: 100, 16 << 20: 100, 32 << 20: 50, 100 << 20: 15, 1 << 30: 10} {
		if got := gcPercent(live, 0); got != want {
			t.Errorf("%d MiB in use: %d, want %d", live>>20, got, want)
		}
	}
}

func TestABusyRelayGathersMoreGarbageThanItHasInUse(t *testing.T) {
	for allocated, want := range map[uint64]int{3 << 20: 100, 8 << 20: 200, 16 << 20: 400, 1 << 30: 400} {
		if got := gcPercent(4<<20, allocated); got != want {
			t.Errorf("%d MiB allocated with 4 in use: %d, want %d", allocated>>20, got, want)
		}
	}
	if got := gcPercent(100<<20, 1<<30); got != 15 {
		t.Errorf("with 100 MiB in use: %d, want 15", got)
	}
}
