package streamlog

import (
	"cmp"
	"slices"
	"time"

	"sortition/relay/internal/eventlog"
)

const (
	// recentBytes bounds the bodies that are kept for readers who keep up.
	recentBytes = 4 << 20
	readRecords = 1000    // at most so many records a Next,
	readBytes   = 1 << 20 // and none beyond so many bytes of them
)

// tail is what a relay knows of the stream from reading it to its end.
type tail struct {
	known eventlog.Window
	// repeats are the records that have events which were in the stream before:
	// by the place of each in the record, whether it is fresh.
	repeats map[eventlog.Position][]bool

	seen   uint64            // sequence of the last message that was read
	at     time.Time         // when the servers took that
	end    eventlog.Position // behind the last record with a fresh event
	from   eventlog.Position // recent has every fresh record behind it
	recent []eventlog.Record // the newest, in order
	held   int               // bytes of their bodies
	bytes  int64             // of all messages that were read
	count  int64             // how many those are
	moved  chan struct{}     // closed when seen has moved
}

func newTail(keep time.Duration, events int) tail {
	return tail{known: eventlog.NewWindow(keep, events), repeats: map[eventlog.Position][]bool{}, moved: make(chan struct{})}
}

// add takes the message that follows.
func (t *tail) add(sequence uint64, size int, records []record, now time.Time) {
	t.known.Expire(now)
	if t.seen == 0 && sequence > 1 {
		t.from = behindMessage(sequence - 1)
	}
	for _, r := range records {
		fresh, all := t.tell(r, now)
		if !all {
			t.repeats[r.Position] = fresh
		}
		kept, some := without(r.Record, fresh, all)
		if !some {
			continue
		}
		t.recent = append(t.recent, kept)
		t.held += len(kept.Body)
		t.end = r.Position
	}
	t.seen, t.at = sequence, now
	t.bytes += int64(size)
	t.count++
	t.trim()
	close(t.moved)
	t.moved = make(chan struct{})
}

// tell says which events of a record are in the stream for the first time.
func (t *tail) tell(r record, now time.Time) (fresh []bool, all bool) {
	all = true
	fresh = make([]bool, len(r.ids))
	for i, id := range r.ids {
		fresh[i] = t.known.Add(id, now)
		all = all && fresh[i]
	}
	return fresh, all
}

// trim forgets the oldest of what is recent. A message goes as a whole.
func (t *tail) trim() {
	n := 0
	for n < len(t.recent) && (t.held > recentBytes || sequence(t.recent[n].Position) == sequence(t.from)) {
		t.held -= len(t.recent[n].Body)
		t.from = behindMessage(sequence(t.recent[n].Position))
		n++
	}
	clear(t.recent[:n])
	t.recent = t.recent[n:]
}

// forget drops what is known of records that are no longer in the stream.
func (t *tail) forget(first uint64) {
	for at := range t.repeats {
		if sequence(at) < first {
			delete(t.repeats, at)
		}
	}
}

// after returns the first records behind the position, as many as one Next may
// bring; false if there are others between.
func (t *tail) after(at eventlog.Position) ([]eventlog.Record, bool) {
	if at < t.from {
		return nil, false
	}
	first, _ := slices.BinarySearchFunc(t.recent, at+1, func(r eventlog.Record, at eventlog.Position) int { return cmp.Compare(r.Position, at) })
	n := 0
	for bytes := 0; first+n < len(t.recent) && n < readRecords && bytes < readBytes; n++ {
		bytes += len(t.recent[first+n].Body)
	}
	return slices.Clone(t.recent[first : first+n]), true
}

// until is the position behind which no fresh event lies. Of what came before the first message that was read nobody knows.
func (t *tail) until() eventlog.Position {
	if t.end > 0 {
		return t.end
	}
	return t.from
}

// past tells whether no fresh event lies behind the position.
func (t *tail) past(at eventlog.Position) bool { return at >= t.until() }

// done is the sequence of the last message that whoever is at the position needs no more, 0 for none.
func (t *tail) done(at eventlog.Position) uint64 {
	if t.past(at) {
		return t.seen
	}
	return max(sequence(at), 1) - 1 // there may be more behind it in the same message
}

// behind returns about how many bytes lie behind the position.
func (t *tail) behind(at eventlog.Position) int64 {
	if at >= t.end {
		return 0
	}
	return max(1, int64(t.seen-sequence(at))) * (t.bytes / t.count) //nolint:gosec // sequences stay below 2^48
}

// without returns the record with its fresh events alone, and whether there are any.
func without(r eventlog.Record, fresh []bool, all bool) (eventlog.Record, bool) {
	if all {
		return r, r.Events > 0
	}
	r.Events = 0
	for _, is := range fresh {
		if is {
			r.Events++
		}
	}
	if r.Events == 0 {
		return r, false
	}
	batch, err := r.Decode()
	if err != nil {
		return r, true // the readers' to report
	}
	r.Body = string(eventlog.AppendFresh(nil, batch, fresh))
	return r, true
}
