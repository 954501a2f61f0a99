// Package bucketing places a visitor on the line from 0 to 9999 and reads traffic allocations off it.
//
// The bucket value is a function of a bucketing id (the visitor's id, unless an attribute replaces it) and an entity's id, the
// same on every platform: murmur3 with seed 1 over their bytes, scaled to 10 000. See Optimizely's bucketing documentation; the
// golden values are in enginetest.
package bucketing

import (
	"math/bits"

	"sortition/wasm/engine/internal/lean"
)

// MaxTraffic is the end of the line: a range that ends there takes everyone.
const MaxTraffic = 10_000

// Range gives the visitors below EndOfRange, and not below an earlier range's, to an entity: a variation, or an experiment of a
// group. EntityID may be empty: traffic that is set aside.
type Range struct {
	_          lean.Uncompared
	EntityID   string
	EndOfRange int
}

// Line is where ranges end, to be asked for buckets. It holds sixteen bits of each, four to a word, so that a bucket is compared with four
// at a time: users fall into ranges by chance, so a processor that had to guess how each comparison goes would guess wrong.
type Line []uint64

const (
	lane     = 16
	lanes    = 0x0001_0001_0001_0001
	laneTops = 0x8000 * lanes
	beyond   = 0x7FFF // any bucket: the end of a lane that is no range's
)

// NewLine returns the line of ranges that end from 0 to MaxTraffic. They are never sorted: the official SDKs take them as they stand, so
// one that ends below an earlier one is nobody's, as if it ended there too.
func NewLine(ranges []Range) Line {
	line := make(Line, (len(ranges)+3)/4)
	end := 0
	for i := range 4 * len(line) {
		if i < len(ranges) {
			end = max(end, ranges[i].EndOfRange)
		} else {
			end = beyond
		}
		line[i/4] |= uint64(end) << (lane * (i % 4))
	}
	return line
}

// First returns the ends of the first ranges, of which there may be none.
func (l Line) First() FourEnds {
	if len(l) == 0 {
		return beyond * lanes
	}
	return FourEnds(l[0])
}

// FourEnds is a Line of up to four ranges.
type FourEnds uint64

// Find returns the index of the first range, in file order, that ends above bucket, or the number of ranges.
func (ends FourEnds) Find(bucket int) (i int) {
	// The top bit of a lane remains where the bucket is not below the end.
	return bits.OnesCount64(((uint64(bucket)*lanes | laneTops) - uint64(ends)) & laneTops)
}

// Find returns the index of the first range, in file order, that ends above bucket, or the number of ranges.
func (l Line) Find(bucket int) (i int) {
	for _, ends := range l {
		i += FourEnds(ends).Find(bucket)
	}
	return i
}
