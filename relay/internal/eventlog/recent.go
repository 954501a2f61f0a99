package eventlog

import (
	"cmp"
	"slices"
)

// recentBytes bounds the bodies that recent keeps.
const recentBytes = 2 << 20

// recent keeps the newest records as they were appended, decoded, so that a
// reader who keeps up needs neither the disk nor the decoder.
type recent struct {
	from    Position // behind the record before the first
	records []Record
	bytes   int
}

// add adds records that follow each other, the first of them behind end.
func (r *recent) add(end Position, records []Record) {
	if len(r.records) == 0 {
		r.from = end
	}
	r.records = append(r.records, records...)
	for _, record := range records {
		r.bytes += len(record.Body)
	}
	r.forget(func(Record) bool { return r.bytes > recentBytes })
}

// forget lets go of the oldest for as long as old says so.
func (r *recent) forget(old func(Record) bool) {
	n := 0
	for ; n < len(r.records) && old(r.records[n]); n++ {
		r.from = r.records[n].Position
		r.bytes -= len(r.records[n].Body)
	}
	clear(r.records[:n])
	r.records = r.records[n:]
}

// after returns the first records behind the position, as many as one Next may
// bring; none if there are others between.
func (r *recent) after(at Position) []Record {
	if at < r.from {
		return nil
	}
	first, _ := slices.BinarySearchFunc(r.records, at+1, func(record Record, at Position) int { return cmp.Compare(record.Position, at) })
	n := 0
	for bytes := 0; first+n < len(r.records) && n < readRecords && bytes < readBytes; n++ {
		bytes += len(r.records[first+n].Body)
	}
	return slices.Clone(r.records[first : first+n])
}
