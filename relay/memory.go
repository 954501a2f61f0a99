package main

import (
	"context"
	"iter"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// headroom is how much garbage may gather on top of what is in use; but never less than a tenth of that.
const (
	headroom        = 24 << 20
	leastGCPercent  = 10
	normalGCPercent = 100
)

// spareMemory sets after each collection how much garbage may gather before the next. Go would let as much gather as is in use. In a relay
// that remembers millions of events and visitors that is a lot of memory for nothing: most of what is in use has no pointers in it, so
// that collecting more often costs next to nothing. In one that is busy with little in use it is so little that it would collect dozens of
// times a second.
func spareMemory(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(normalGCPercent))
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	set, before, at := normalGCPercent, uint64(0), time.Now()
	for collected := range collections(ctx) {
		metrics.Read(sample)
		live, allocated := sample[0].Value.Uint64(), sample[1].Value.Uint64()
		perSecond := float64(allocated-before) / collected.Sub(at).Seconds()
		if percent := gcPercent(live, perSecond); percent != set {
			debug.SetGCPercent(percent)
			set = percent
		}
		before, at = allocated, collected
	}
	return nil
}

// collections yields, until ctx ends, the moments at which the collector has gone through memory. It knows them by a cleanup of something
// that is allocated and dropped at once.
func collections(ctx context.Context) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for {
			collected := make(chan struct{})
			runtime.AddCleanup(&struct{ self *int }{}, func(collected chan struct{}) { close(collected) }, collected)
			select {
			case <-ctx.Done():
				return
			case <-collected:
			}
			if !yield(time.Now()) {
				return
			}
		}
	}
}

// gcPercent returns the percentage for so many bytes in use, and so many allocated in a second, in steps of five: each change stops the
// program for a moment.
func gcPercent(live uint64, perSecond float64) int {
	live = max(live, 1<<20)
	room := min(max(float64(live), perSecond), headroom)
	percent := int(room * 100 / float64(live))
	return max(leastGCPercent, percent/5*5)
}
