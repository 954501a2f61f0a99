package main

import (
	"context"
	"runtime"
	"runtime/metrics"
	"testing"
)

func TestTheMoreIsInUseTheEarlierGarbageIsCollected(t *testing.T) {
	for live, want := range map[uint64]int{0: 100, 5 << 20: 100, 24 << 20: 100, 32 << 20: 75, 100 << 20: 20, 1 << 30: 10} {
		if got := gcPercent(live, 0); got != want {
			t.Errorf("%d MiB in use: %d, want %d", live>>20, got, want)
		}
	}
}

func TestABusyRelayGathersMoreGarbageThanItHasInUse(t *testing.T) {
	for perSecond, want := range map[float64]int{3 << 20: 100, 8 << 20: 200, 24 << 20: 600, 1 << 30: 600} {
		if got := gcPercent(4<<20, perSecond); got != want {
			t.Errorf("%.0f bytes a second with 4 MiB in use: %d, want %d", perSecond, got, want)
		}
	}
	if got := gcPercent(100<<20, 1<<30); got != 20 {
		t.Errorf("with 100 MiB in use: %d, want 20", got)
	}
}

func TestHowMuchGarbageMayGatherFollowsEachCollection(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() { stopped <- spareMemory(ctx) }()
	held := make([]byte, 4*headroom) // so that by Go's rule as much garbage would gather
	for mustReadGCPercent(t) == normalGCPercent {
		runtime.GC()
	}
	runtime.KeepAlive(held)
	stop()
	if err := <-stopped; err != nil {
		t.Error(err)
	}
	if got := mustReadGCPercent(t); got != normalGCPercent {
		t.Errorf("afterwards it is %d", got)
	}
}

func mustReadGCPercent(t *testing.T) uint64 {
	t.Helper()
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		t.Fatal("the runtime does not tell the percentage")
	}
	return sample[0].Value.Uint64()
}
