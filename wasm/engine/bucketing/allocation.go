// Package bucketing places a visitor on the line from 0 to 9999 and reads traffic allocations off it.
//
// The bucket value is a function of a bucketing id (the visitor's id, unless an attribute replaces it) and an entity's id, the
// same on every platform: murmur3 with seed 1 over their bytes, scaled to 10 000. See Optimizely's bucketing documentation; the
// golden values are in enginetest.
package bucketing

// MaxTraffic is the end of the line: a range that ends there takes everyone.
const MaxTraffic = 10_000

// Range gives the visitors below EndOfRange, and not below an earlier range's, to an entity: a variation, or an experiment of a
// group. EntityID may be empty: traffic that is set aside.
type Range struct {
	EntityID   string
	EndOfRange int
}

// Find returns the index of the first range, in file order, that ends above bucket, or -1. Ranges are never sorted: the official
// SDKs take them as they stand.
func Find(ranges []Range, bucket int) int {
	for i := range ranges {
		if bucket < ranges[i].EndOfRange {
			return i
		}
	}
	return -1
}
