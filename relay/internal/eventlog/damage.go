package eventlog

import "sync"

// damage is what cannot be read of records that were safe: found at the start, or since then by readers, of whom each comes by it.
type damage struct {
	mu     sync.Mutex
	places map[Position]bool // the first maxDamage
	bytes  int64
}

// add reports whether a place is news. Of more than can be remembered none is.
func (d *damage) add(at Position, bytes int64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.places[at] || len(d.places) == maxDamage {
		return false
	}
	if d.places == nil {
		d.places = map[Position]bool{}
	}
	d.places[at] = true
	d.bytes += bytes
	return true
}

func (d *damage) total() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bytes
}

// noteDamage tells of what a reader has passed over.
func (l *Log) noteDamage(number uint32, offset, bytes int64) {
	if l.damage.add(position(number, offset), bytes) {
		l.options.Logger.Error("the event log is damaged; what cannot be read is passed over",
			"segment", segmentPath(l.dir, number), "offset", offset, "bytes", bytes)
	}
}
