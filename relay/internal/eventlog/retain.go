package eventlog

import (
	"os"
	"time"
)

// segmentAge is when a segment gets no more records, so that the age of its
// last one tells that of the others to a day.
const segmentAge = 24 * time.Hour

// retain lets go of segments that every consumer is past and whose records are
// all older than Options.Retain.
func (l *Log) retain(now time.Time) {
	l.rotate(now)
	l.remove(func(s segment) bool { return now.Sub(s.newest) > l.options.Retain })
}

// rotate closes the segment that is written when it has reached its age.
func (l *Log) rotate(now time.Time) {
	if now.Sub(l.begun) > segmentAge {
		l.closeSegment()
	}
}

// closeSegment lets the next write begin a new segment. One that the writer gave up is closed already.
func (l *Log) closeSegment() {
	if l.writer.sound() {
		if err := l.writer.close(); err != nil {
			l.setFailure(err)
		}
	}
	if l.writer.file != nil {
		return // what a failed write left must be taken back first
	}
	l.mu.Lock()
	l.writing = 0
	l.mu.Unlock()
}

// makeRoom lets go of as many of the oldest segments as it takes for n more
// bytes to fit, if every consumer is past them.
func (l *Log) makeRoom(n int64) {
	if l.fits(n) {
		return
	}
	l.remove(func(segment) bool { return !l.fits(n) })
}

// freeDisk does the same for a disk that is full. The segment that is written
// goes too, if every consumer is past it.
func (l *Log) freeDisk(n int64) {
	if !isFull(l.writer.room(n)) {
		return
	}
	if at, found := l.slowest(); found && at >= l.End() {
		l.closeSegment()
	}
	l.remove(func(segment) bool { return isFull(roomFor(l.dir, n)) })
}

func (l *Log) fits(n int64) bool { return l.Size()+n <= l.options.MaxBytes }

// remove deletes the oldest segments for as long as wanted says so.
func (l *Log) remove(wanted func(segment) bool) {
	removed := 0
	defer func() {
		if removed > 0 {
			l.options.Logger.Info("old segments of the event log were removed", "segments", removed, "bytesLeft", l.Size())
		}
	}()
	for _, s := range l.consumed() {
		if !wanted(s) {
			return
		}
		if err := os.Remove(segmentPath(l.dir, s.number)); err != nil && !os.IsNotExist(err) {
			l.options.Logger.Error("a segment of the event log cannot be removed", "err", err)
			return
		}
		l.mu.Lock()
		l.segments = l.segments[1:]
		l.recent.forget(func(r Record) bool { return r.Position <= s.end() })
		l.mu.Unlock()
		l.size.Add(-s.size)
		removed++
	}
}

// consumed returns the oldest segments that nobody needs any more: every
// consumer has committed what is in them, and nothing more is written to them.
func (l *Log) consumed() []segment {
	slowest, found := l.slowest()
	if !found {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < len(l.segments) && l.segments[n].end() <= slowest && l.segments[n].number != l.writing {
		n++
	}
	return l.segments[:n:n]
}

// slowest returns how far all consumers are, if there are any.
func (l *Log) slowest() (at Position, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, committed := range l.committed {
		if !found || committed < at {
			at, found = committed, true
		}
	}
	return at, found
}

// releasable returns the bytes of the segments that consumed returns.
func (l *Log) releasable() (bytes int64) {
	for _, s := range l.consumed() {
		bytes += s.size
	}
	return bytes
}

// noteCommit remembers how far a consumer is.
func (l *Log) noteCommit(name string, at Position) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.committed[name]; ok {
		l.committed[name] = at
	}
}
