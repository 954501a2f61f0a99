package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// headroom is how much garbage may gather on top of what is in use where that is more; but never less than a tenth of it.
const (
	headroom        = 16 << 20
	leastGCPercent  = 10
	normalGCPercent = 100
)

// spareMemory lets the collector come earlier the more is in use: by Go's rule as much garbage as data may gather, which for a
// relay that remembers millions of events and visitors is a lot of memory for nothing. Most of what is in use then has no
// pointers in it, so that coming more often costs next to nothing.
func spareMemory(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(normalGCPercent))
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	set := normalGCPercent
	for tick := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return nil
		case <-tick.C:
		}
		metrics.Read(sample)
		if percent := gcPercent(sample[0].Value.Uint64()); percent != set {
			debug.SetGCPercent(percent)
			set = percent
		}
	}
}

// gcPercent returns the percentage for so many bytes in use, in steps of five: each change stops the program for a moment.
func gcPercent(live uint64) int {
	percent := int(headroom * 100 / max(live, 1)) //nolint:gosec // at most 1.7e9
	return max(leastGCPercent, min(percent/5*5, normalGCPercent))
}
