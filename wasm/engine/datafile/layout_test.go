package datafile

import (
	"testing"
	"unsafe"
)

func TestWhatDecisionsLookAtStandsTogether(t *testing.T) {
	const line = 64 // bytes that a processor fetches at a time
	var r Digest
	var row Row
	if unsafe.Sizeof(r) != 2*line || unsafe.Sizeof(row) != line {
		t.Errorf("what is asked of a rule takes %d bytes, of a flag %d", unsafe.Sizeof(r), unsafe.Sizeof(row))
	}
	var rows digests
	for count := 1; count < 10; count++ { // few, and many
		for range 3 {
			if at := unsafe.Pointer(&rows.next(count)[0]); uintptr(at)%line != 0 {
				t.Errorf("the first of %d digests begins at %x", count, at)
			}
		}
	}
}
