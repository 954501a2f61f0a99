package datafile

import (
	"testing"
	"unsafe"
)

func TestWhatDecisionsLookAtStandsTogether(t *testing.T) {
	const line = 64 // bytes that a processor fetches at a time
	var e Experiment
	var r Digest
	var row Row
	if unsafe.Sizeof(e)%line != 0 || unsafe.Sizeof(row) != line {
		t.Errorf("an experiment has %d bytes, a row %d", unsafe.Sizeof(e), unsafe.Sizeof(row))
	}
	if unsafe.Sizeof(r) != 2*line || unsafe.Offsetof(e.Digest) != 0 {
		t.Errorf("what is asked of a rule takes %d bytes, of an experiment from %d on", unsafe.Sizeof(r), unsafe.Offsetof(e.Digest))
	}
	if last := unsafe.Offsetof(e.Audience) + unsafe.Sizeof(e.Audience.Walk); last > 3*line {
		t.Errorf("what else is asked of an experiment ends at %d", last)
	}
	var rules blocks[Experiment]
	var rows digests
	for range 3 {
		for _, at := range []unsafe.Pointer{unsafe.Pointer(rules.next()), unsafe.Pointer(&rows.next(1)[0])} {
			if uintptr(at)%line != 0 {
				t.Errorf("something begins at %x", at)
			}
		}
	}
}
