package eventlog

import "fmt"

// Position is a place between two records. Positions of one log are ordered as
// the records are; zero is before the first. The embedded log makes them of a
// segment's number and an offset in it.
type Position uint64

func position(segment uint32, offset int64) Position {
	return Position(segment)<<32 | Position(offset) //nolint:gosec // no segment reaches 4 GiB
}

func (p Position) segment() uint32 { return uint32(p >> 32) } //nolint:gosec // the upper half
func (p Position) offset() int64   { return int64(p & (1<<32 - 1)) }

// String gives the segment and the offset.
func (p Position) String() string { return fmt.Sprintf("%d:%d", p.segment(), p.offset()) }
