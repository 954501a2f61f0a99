package eventlog

import (
	"sync/atomic"
	"time"
)

// Stats are a log's numbers since Open.
type Stats struct {
	Events     int64 // stored
	Duplicates int64 // dropped, since they were stored before
	Refused    int64 // batches that could not be kept
	Syncs      int64 // groups that were written and synced
	SyncTime   time.Duration

	DamagedBytes int64 // that were safe and cannot be read any more, found by Open or since then; of the first 100 places
}

// counters are what Stats is read from.
type counters struct{ events, duplicates, refused, syncs, syncTime atomic.Int64 }

// count adds what became of a group.
func (c *counters) count(group []*pending) {
	for _, p := range group {
		c.events.Add(int64(p.receipt.Fresh))
		c.duplicates.Add(int64(p.receipt.Duplicates))
		if p.err != nil && p.ctx.Err() == nil {
			c.refused.Add(1)
		}
	}
}

// Stats returns the numbers as they are now.
func (l *Log) Stats() Stats {
	return Stats{
		Events:     l.counters.events.Load(),
		Duplicates: l.counters.duplicates.Load(),
		Refused:    l.counters.refused.Load(),
		Syncs:      l.counters.syncs.Load(),
		SyncTime:   time.Duration(l.counters.syncTime.Load()),

		DamagedBytes: l.damage.total(),
	}
}
