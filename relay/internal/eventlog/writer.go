package eventlog

import (
	"errors"
	"os"
)

// Zeros are written ahead of the records: a sync of what stands where zeros
// stood need not write down that the file is longer and where that lies, which
// would take longer than the records themselves.
const (
	aheadBytes = 1 << 20  // at once, or a sixteenth of a small segment
	aheadRoom  = 64 << 20 // on a disk that has so much left
)

var zeros [aheadBytes]byte

// writer owns the segment that is being written.
//
// After any failure nothing is known about the bytes behind the last sync, so
// they are cut off, on disk as well, before anything else is written: whoever
// was refused sends again, and a crash must not bring back the first beside the
// second. After a failed sync the segment is given up as well: the kernel may
// have dropped its dirty pages and would report the next sync as a success.
type writer struct {
	dir    string
	limit  int64  // begin a new segment at this size
	next   uint32 // number of the next segment
	file   *os.File
	number uint32
	size   int64 // up to here the file is on disk
	zeroed int64 // and from there to here it holds zeros

	tainted bool // there may be something behind size
	giveUp  bool // the last sync failed
}

// write appends data to a segment and syncs it. On an error none of it is
// there.
func (w *writer) write(data []byte) (segment, error) {
	err := w.room(int64(len(data)))
	if err == nil {
		err = w.prepare(int64(len(data)))
	}
	if err != nil {
		return segment{}, err
	}
	w.tainted = true
	if _, err := w.file.WriteAt(data, w.size); err != nil {
		return segment{}, errors.Join(err, w.repair())
	}
	w.zeroAhead(w.size + int64(len(data)))
	if err := datasync(w.file); err != nil {
		w.giveUp = true
		return segment{}, errors.Join(err, w.repair())
	}
	w.tainted = false
	w.size += int64(len(data))
	return segment{number: w.number, size: w.size}, nil
}

// room returns nil if the disk has room for n bytes more: zeros may give way to them.
func (w *writer) room(n int64) error {
	if w.file != nil && !w.tainted && w.size+n <= w.zeroed {
		return nil
	}
	return roomFor(w.dir, n)
}

// zeroAhead sees to it that zeros follow the records, which end at end. Where
// that fails the file grows with each write.
func (w *writer) zeroAhead(end int64) {
	if end <= w.zeroed {
		return
	}
	w.zeroed = end
	n := min(aheadBytes, w.limit/16, w.limit-end)
	if n <= 0 || roomFor(w.dir, aheadRoom) != nil {
		return
	}
	if _, err := w.file.WriteAt(zeros[:n], end); err == nil {
		w.zeroed = end + n
	}
}

// prepare sees to it that there is a sound segment with room for n bytes.
func (w *writer) prepare(n int64) error {
	if err := w.repair(); err != nil {
		return err
	}
	if w.file != nil && w.size > segmentHeader && w.size+n > w.limit {
		if err := w.close(); err != nil {
			return err
		}
	}
	if w.file != nil {
		return nil
	}
	file, err := createSegment(w.dir, w.next)
	if err != nil {
		return err
	}
	w.file, w.number, w.size, w.zeroed = file, w.next, segmentHeader, segmentHeader
	w.next++
	return nil
}

// repair takes back what a failed write left.
func (w *writer) repair() error {
	if w.file == nil || !w.tainted {
		return nil
	}
	if err := w.cut(); err != nil {
		return err
	}
	if err := datasync(w.file); err != nil {
		w.giveUp = true
		return err
	}
	w.tainted = false
	if !w.giveUp {
		return nil
	}
	w.giveUp = false
	if w.size > segmentHeader {
		return w.close()
	}
	// Nothing was ever safe in it; its number is free again.
	w.next = w.number
	return errors.Join(w.close(), os.Remove(segmentPath(w.dir, w.number)))
}

// probe finds out whether a write would succeed, without leaving a trace.
func (w *writer) probe() error {
	err := roomFor(w.dir, probeBytes)
	if err == nil {
		err = w.prepare(probeBytes)
	}
	if err != nil {
		return err
	}
	w.tainted = true
	_, err = w.file.WriteAt(make([]byte, probeBytes), w.size)
	if err == nil {
		err = datasync(w.file)
		w.giveUp = err != nil
	}
	return errors.Join(err, w.repair())
}

// sound says whether there is a segment with nothing in it but what is safe.
func (w *writer) sound() bool { return w.file != nil && !w.tainted }

// deleted says whether the segment is not found by its name any more: what is
// written to it would be gone when it is closed.
func (w *writer) deleted() bool {
	if w.file == nil {
		return false
	}
	_, err := os.Stat(segmentPath(w.dir, w.number))
	return errors.Is(err, os.ErrNotExist)
}

// cut ends the file where its records end.
func (w *writer) cut() error {
	w.zeroed = w.size
	return w.file.Truncate(w.size)
}

func (w *writer) close() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.cut(), w.file.Close())
	w.file = nil
	return err
}
