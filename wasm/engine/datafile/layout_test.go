package datafile

import (
	"testing"
	"unsafe"
)

func TestWhatDecisionsLookAtStandsTogether(t *testing.T) {
	const line = 64 // bytes that a processor fetches at a time
	var e Experiment
	var f Flag
	if unsafe.Sizeof(e)%line != 0 || unsafe.Sizeof(f)%line != 0 {
		t.Errorf("an experiment has %d bytes, a flag %d", unsafe.Sizeof(e), unsafe.Sizeof(f))
	}
	if last := unsafe.Offsetof(e.Line) + unsafe.Sizeof(e.Line); last > line {
		t.Errorf("what tells a rule's traffic ends at %d", last)
	}
	if first, last := unsafe.Offsetof(e.Audience), unsafe.Offsetof(e.hashed)+unsafe.Sizeof(e.hashed); first != line || last > 3*line {
		t.Errorf("the audience begins at %d, and its targets and ID end at %d", first, last)
	}
	if last := unsafe.Offsetof(f.Deliveries) + unsafe.Sizeof(f.Deliveries); last > line {
		t.Errorf("a flag's rules end at %d", last)
	}
}
