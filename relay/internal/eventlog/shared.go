package eventlog

import (
	"time"

	"sortition/wasm/engine/event"
)

// What follows is for other implementations of the contract.

// Window is the set of the newest events, as Options.DuplicateWindow and
// Options.DuplicateEvents bound it. It belongs to one goroutine.
type Window struct{ known *known }

// NewWindow makes an empty window that forgets events that are older than keep,
// and the oldest of more than so many.
func NewWindow(keep time.Duration, events int) Window { return Window{newKnown(keep, events)} }

// Add reports whether an event is new, and knows it from then on.
func (w Window) Add(id uint64, at time.Time) bool { return w.known.add(id, at) }

// Has reports whether an event is known.
func (w Window) Has(id uint64) bool { return w.known.has(id) }

// Expire forgets what is too old.
func (w Window) Expire(now time.Time) { w.known.expire(now) }

// EventIDs returns what stands for each event of a batch in a [Window], in order.
func EventIDs(b *event.Batch) []uint64 {
	ids := make([]uint64, 0, len(b.Visitors)) // most have one event
	for i := range b.Visitors {
		for _, snapshot := range b.Visitors[i].Snapshots {
			for j := range snapshot.Events {
				ids = append(ids, eventID(b.ProjectID, snapshot.Events[j].UUID))
			}
		}
	}
	return ids
}

// AppendFresh appends a batch as JSON, with only those of its events that are
// fresh, by their places in it.
func AppendFresh(dst []byte, b *event.Batch, fresh []bool) []byte {
	next := 0
	dst = b.AppendVisitors(b.AppendHeader(dst), func(*event.Event) bool {
		next++
		return fresh[next-1]
	})
	return append(dst, event.End...)
}

// DecodePayload reads what AppendPayload wrote, but for the record's position.
func DecodePayload(b []byte) (Record, []uint64, error) {
	p, err := decodePayload(b)
	if err == nil {
		_, err = p.unpack(nil)
	}
	if err != nil {
		return Record{}, nil, err
	}
	ids := make([]uint64, p.events())
	for i := range ids {
		ids[i] = p.id(i)
	}
	return p.record(0), ids, nil
}
