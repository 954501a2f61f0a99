package main

import "encoding/binary"

// forgetLines clears in the memory of a program what it only prints when it ends by an error: which line of which file an instruction
// comes from, which is a tenth of a download. The names of functions stay.
//
// It clears besides what the runtime has no use for: functions have buckets for more places than there are in any, which would be a
// quarter of what a browser unpacks. A memory with other tables than this Go's stays as it is.
func forgetLines(memory []byte) {
	t, ok := findFunctab(memory)
	if !ok {
		return
	}
	isRead, places, ok := t.inUse()
	if !ok {
		return
	}
	clear(t.units)
	clear(t.files)
	for at := range t.pcvalues {
		if !isRead[at] {
			t.pcvalues[at] = 0
		}
	}
	for i, f := range t.functions {
		binary.LittleEndian.PutUint32(f[pcfileField:], 0)
		binary.LittleEndian.PutUint32(f[pclnField:], 0)
		if used := 1 + places[i]/bucketPlaces; used < functionBuckets {
			clear(t.buckets[i*functionBuckets*bucketSize:][used*bucketSize : functionBuckets*bucketSize])
		}
	}
}

// inUse says which of the pc-values a running program reads, and how many places each function has. It is not ok if it can't be told.
func (t *functab) inUse() (isRead []bool, places []uint64, ok bool) {
	isRead, places = make([]bool, len(t.pcvalues)), make([]uint64, len(t.functions))
	for i, f := range t.functions {
		for _, start := range tables(f) {
			if start == 0 {
				continue
			}
			if uint64(start) > uint64(len(t.pcvalues)) {
				return nil, nil, false
			}
			size, n, err := measure(t.pcvalues[start:])
			if err != nil {
				return nil, nil, false
			}
			for at := range size {
				isRead[int(start)+at] = true
			}
			places[i] = max(places[i], n)
		}
	}
	return isRead, places, true
}
