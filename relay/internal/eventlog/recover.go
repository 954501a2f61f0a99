package eventlog

import (
	"errors"
	"io"
	"os"
	"time"
)

// maxDamage bounds how many damaged places a Report names.
const maxDamage = 100

// Report is what Open found in the log.
type Report struct {
	Segments, Records, Events int
	Bytes                     int64 // of the segments, repaired

	// Torn is how many bytes were cut off the end, unless they were all zeros:
	// a group whose write a crash interrupted, so nobody was told that it is safe.
	Torn int64
	// DamagedPlaces and DamagedBytes count what is not readable anywhere
	// else; Damage names the first 100 places.
	DamagedPlaces int
	DamagedBytes  int64
	Damage        []Damage
	// StateDamage is why DIR/state.db was begun anew though there are events; one that is damaged is put aside. Nil if it was not.
	StateDamage error
}

// Damage is a part of a segment that holds no valid record.
type Damage struct {
	Segment       string // file name with its path
	Offset, Bytes int64
}

// Clean says whether there is nothing an operator should hear about. A torn
// end is nothing: that is what a crash leaves.
func (r Report) Clean() bool { return r.DamagedPlaces == 0 && r.StateDamage == nil }

// addDamage reports damage, of which readers need not tell again.
func (l *Log) addDamage(number uint32, offset, size int64) {
	r := &l.report
	r.DamagedPlaces++
	r.DamagedBytes += size
	if len(r.Damage) < maxDamage {
		r.Damage = append(r.Damage, Damage{segmentPath(l.dir, number), offset, size})
	}
	l.damage.add(position(number, offset), size)
}

// recover reads every segment, so that the log knows its events and its end,
// and cuts off what a crash left behind it.
func (l *Log) recover() error {
	numbers, err := listSegments(l.dir)
	if err != nil {
		return err
	}
	furthest, err := furthestCursor(l.state)
	if err != nil {
		return err
	}
	next := furthest.segment() + 1 // a number that no cursor can point into, even if segments were removed
	for i, number := range numbers {
		if err := l.recoverSegment(number, i == len(numbers)-1); err != nil {
			return inFile(segmentPath(l.dir, number), err)
		}
		next = max(next, number+1)
	}
	l.report.Segments, l.report.Bytes = len(l.segments), l.Size()
	l.writer = writer{dir: l.dir, limit: l.options.SegmentBytes, next: next}
	return nil
}

func (l *Log) recoverSegment(number uint32, last bool) error {
	path := segmentPath(l.dir, number)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // what was written to it is synced
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if last && info.Size() < segmentHeader {
		l.report.Torn += info.Size()
		return os.Remove(path)
	}
	if err := l.recoverHeader(file, number); err != nil {
		return err
	}
	good, newest, err := l.recoverRecords(file, number, info.Size(), last)
	if err != nil {
		return err
	}
	if last && good < info.Size() {
		if err := errors.Join(file.Truncate(good), datasync(file)); err != nil {
			return err
		}
	}
	l.segments = append(l.segments, segment{number, good, newest})
	l.size.Add(good)
	return nil
}

func (l *Log) recoverHeader(file *os.File, number uint32) error {
	header := make([]byte, segmentHeader)
	n, err := file.ReadAt(header, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	ok, err := checkHeader(header[:n])
	if !ok && err == nil {
		l.addDamage(number, 0, segmentHeader)
	}
	return err
}

// recoverRecords returns where the segment's content ends: in the last segment
// behind the last valid record, in others at their size; and when that record
// was appended.
func (l *Log) recoverRecords(file *os.File, number uint32, size int64, last bool) (good int64, newest time.Time, err error) {
	s := scanner{file: file, offset: segmentHeader, end: size}
	s.damaged = func(offset, bytes int64) {
		if last && offset+bytes == size {
			l.report.Torn += bytes
		} else {
			l.addDamage(number, offset, bytes)
		}
	}
	good = segmentHeader
	for {
		record, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, newest, err
		}
		l.recoverRecord(record)
		newest = record.received
		good = s.offset
		l.end = position(number, good)
	}
	if !last {
		good = max(good, size)
	}
	return good, newest, nil
}

func (l *Log) recoverRecord(record payload) {
	l.report.Records++
	l.report.Events += record.events()
	if l.options.Now().Sub(record.received) > l.options.DuplicateWindow {
		return
	}
	for i := range record.events() {
		l.known.add(record.id(i), record.received)
	}
}
