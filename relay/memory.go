package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// headroom is how much garbage may gather on top of what is in use; but never less than a tenth of that.
const (
	headroom        = 16 << 20
	leastGCPercent  = 10
	normalGCPercent = 100
)

// spareMemory sets how much garbage may gather before the collector comes. By Go's rule it is as much as what is in use. Of a relay that
// remembers millions of events and visitors that is a lot of memory for nothing: most of what is in use then has no pointers in it, so
// that coming more often costs next to nothing. Of one that is busy with little in use it is so little that the collector comes dozens of
// times a second.
func spareMemory(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(normalGCPercent))
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	set := normalGCPercent
	before := uint64(0)
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return nil
		case <-tick.C:
		}
		metrics.Read(sample)
		live, allocated := sample[0].Value.Uint64(), sample[1].Value.Uint64()
		if percent := gcPercent(live, allocated-before); percent != set {
			debug.SetGCPercent(percent)
			set = percent
		}
		before = allocated
	}
}

// gcPercent returns the percentage for so many bytes in use, and so many allocated within a second, in steps of five: each change
// stops the program for a moment.
func gcPercent(live, allocated uint64) int {
	live = max(live, 1<<20)
	room := min(max(live, allocated), headroom)
	percent := int(room * 100 / live) //nolint:gosec // at most 1600
	return max(leastGCPercent, percent/5*5)
}
