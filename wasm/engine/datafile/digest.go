package datafile

import (
	"unsafe"

	"sortition/wasm/engine/bucketing"
)

// Digest is what nearly every decision asks of a rule whose audience the user is in, together in 128 bytes, as a processor has none of a large
// datafile at hand and fetches 64 bytes at a time, those behind in advance.
type Digest struct {
	Ends   bucketing.FourEnds // of the first traffic ranges
	Leads  [4]int32           // the variations where they lead, see Lead
	length uint8              // of id, or isLong
	// HasMore says that there are further ranges; IsShared, that the rule's group shares out users; Delivers, that it is a flag's delivery rule.
	HasMore, IsShared, Delivers bool

	Next  int32       // of one of a flag: where the flag's Walk goes on for who is in the audience, but in none of its traffic
	Index int32       // in Project.Rules
	Rule  *Experiment // the rule itself
	id    [80]byte    // of an ID that is not longer
}

const isLong = 255

// None stands for no rule, variation or flag where one is named by its index, and Foreign for a variation that is not the rule's own.
const (
	None    = -2
	Foreign = -3
)

// Hashed is what is hashed behind the bucketing id: the rule's ID.
func (d *Digest) Hashed() string {
	if d.length == isLong {
		return d.Rule.ID
	}
	return unsafe.String(&d.id[0], d.length)
}

// Lead is where a bucket leads: the index of a variation, or None. Of a flag's experiment it is Foreign for a variation of another one, for
// which the flag may have one of the same key.
func (d *Digest) Lead(bucket int) int32 {
	i := d.Ends.Find(bucket)
	switch {
	case i < len(d.Leads):
		return d.Leads[i]
	case d.HasMore:
		return d.further(bucket)
	}
	return None
}

// further is Lead by all ranges.
//
//go:noinline
func (d *Digest) further(bucket int) int32 {
	if i := d.Rule.Line.Find(bucket); i < len(d.Rule.Targets) {
		return d.lead(&d.Rule.Targets[i])
	}
	return None
}

func (d *Digest) lead(to *Target) int32 {
	switch {
	case to.Variation == nil:
		return None
	case d.isOfFlag() && !d.Delivers && to.Own != to.Variation:
		return Foreign
	}
	return int32(to.Variation.Index)
}

// isOfFlag tells whether d is one of a flag's, rather than the rule's own.
func (d *Digest) isOfFlag() bool { return d != d.Rule.Digest }

// digest makes the Digest of a rule.
func (d *Digest) digest(e *Experiment) {
	d.Rule, d.Index = e, int32(e.Index)
	d.length = isLong
	if len(e.ID) <= len(d.id) {
		d.length = uint8(copy(d.id[:], e.ID))
	}
	d.Ends, d.HasMore = e.Line.First(), len(e.Line) > 1
	d.IsShared = e.Group != nil && e.Group.Random
	for i := range d.Leads {
		d.Leads[i] = None
		if i < len(e.Targets) {
			d.Leads[i] = d.lead(&e.Targets[i])
		}
	}
}
