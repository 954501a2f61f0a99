package datafile

import (
	"math"
	"unsafe"

	"sortition/wasm/engine/audience"
)

// Row is the rules of a flag that are asked: the experiments that run, then what is delivered.
type Row struct {
	// IsPlain says that the flag was read and has a list of experiments, and that each of the rules is plain. Else there is nothing in the Row.
	IsPlain bool
	Walk    audience.Walk // of their audiences
	Rules   []Digest
	Listed  uint64 // Marks of who is on the whitelist of any
}

// linkRow puts the flag's rules in a row, if nobody is held out of any of them and their audiences are not too large. An experiment that does not run still has its local holdouts.
func (p *Project) linkRow(f *Flag) {
	if !f.HasList {
		return
	}
	var rules []*Experiment
	for _, e := range f.Experiments {
		if e.Running {
			rules = append(rules, e)
		} else if len(e.LocalHoldouts) != 0 {
			return
		}
	}
	experiments := len(rules)
	if f.RolloutID != "" && f.Rollout != nil {
		rules = append(rules, f.Rollout.Rules...)
	}
	for _, e := range rules {
		if !e.IsPlain {
			return
		}
	}
	lists, begins := make([]*audience.Program, len(rules)), make([]int32, len(rules)+1)
	for i, e := range rules {
		lists[i] = &e.Audience
	}
	walk, ok := p.walks.Walk(lists, func(i int, at int32) { begins[i] = at })
	if !ok {
		return
	}
	begins[len(rules)] = beyond
	row := &p.Rows[f.Index]
	row.IsPlain, row.Walk, row.Rules = true, walk, p.digests.next(len(rules))
	for i, e := range rules {
		d := &row.Rules[i]
		next := i + 1
		if d.Delivers = i >= experiments; d.Delivers {
			next = max(next, len(rules)-1) // on to the last rule, or off it
		} else {
			row.Listed |= e.Listed
		}
		d.Next = begins[next]
		d.digest(e)
	}
}

// beyond is behind the last step of any Walk.
const beyond = math.MaxInt32

// digests hands out memory for the rules of flags: each Digest begins where 64 bytes do, and many stand one behind the other.
type digests struct{ free []Digest }

const (
	// fewDigests are so few bytes that Go puts them where it should. What is larger and has pointers it puts behind a word of its own.
	fewDigests = 512 / unsafe.Sizeof(Digest{})
	// digestsAtOnce is for how many more there is memory at once: so many bytes that Go puts them where a page begins.
	digestsAtOnce = 32 << 10 / unsafe.Sizeof(Digest{})
)

func (r *digests) next(count int) []Digest {
	if count <= int(fewDigests) {
		return make([]Digest, count)
	}
	if count > len(r.free) {
		r.free = make([]Digest, max(count, int(digestsAtOnce)))
	}
	row := r.free[:count:count]
	r.free = r.free[count:]
	return row
}
