//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
)

// A ring is where users cross: the host writes them one behind the other, and decisions read them. public/sdk/engine/ring.js is its twin;
// the two name the same offsets in the same order. All numbers are little-endian.
//
// A user of a context stays until the host needs their place, thousands of users later, and so is written once for many decisions. None
// crosses the ring's end; whoever is too long for it gets a larger one.
//
// A user is a header, texts, which are their id and the one that replaces it in the hash, and from the next multiple of eight bytes on their
// attributes: the slot (int32), what it is (int32, see below), and then a number (float64), or a text up to the next multiple of eight.
const (
	userIDLength        = 0 // int32
	userBucketingLength = 4 // int32: bytes of the attribute that replaces the id in the hash, or noBucketingID
	userAttributes      = 8 // int32: how many there are
	userTexts           = 12
	noBucketingID       = -1
	asBefore            = -1 // in a user's place: the one of the project's last call, who is still there
)

// What an attribute is; of a text, its length.
const (
	isNull   = -1
	isFalse  = -2
	isTrue   = -3
	isNumber = -4
	isOther  = -5
)

// ring is the memory for users. It is replaced when the host asks for more; Go's collector does not move it.
var ring = make([]byte, ringSize)

const ringSize = 2 << 20

// readUser reads the user at a place for this decision and further ones. Their texts stay there: once the host has written anything else to
// that place, it must tell the user again.
func (p *project) readUser(place int32) {
	b := ring[place:]
	id := textAt(b, userTexts, int32At(b, userIDLength))
	p.user.ID = id
	at := userTexts + len(id)
	length := int32At(b, userBucketingLength)
	if p.isRebucketed = length != noBucketingID; p.isRebucketed {
		id = textAt(b, at, length)
		at += length
	}
	p.readAttributes(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), (at+7)&^7), int32At(b, userAttributes))
	p.user.Bucketing = bucketing.NewPrefix(id)
}

// readAttributes replaces the last user's by those from here on.
func (p *project) readAttributes(here unsafe.Pointer, count int) {
	values := p.user.Attributes
	for _, slot := range p.given[:p.count] {
		values[slot].Kind = audience.Absent
	}
	given := p.given[:count]
	p.count = count
	for i := range given {
		slot, what := *(*int32)(here), *(*int32)(unsafe.Add(here, 4))
		given[i] = slot
		v := &values[slot]
		here = unsafe.Add(here, 8)
		switch {
		case what >= 0:
			// A string, stored past the collector, which is at rest: the ring is held anyway.
			*(*[2]uint64)(unsafe.Pointer(&v.Text)) = [2]uint64{uint64(uintptr(here)), uint64(what)}
			v.Kind, v.Key = audience.Text, keyOf(*(*uint64)(here), int(what))
			here = unsafe.Add(here, (what+7)&^7)
		case what == isNumber:
			n := *(*float64)(here)
			v.Kind, v.Number, v.Key = audience.Number, n, audience.NumberKey(n)
			here = unsafe.Add(here, 8)
		default:
			readOther(v, what)
		}
	}
}

// readOther reads what is no text and no number.
//
//go:noinline
func readOther(v *audience.Value, what int32) {
	v.Kind, v.Key = audience.Other, 0
	switch what {
	case isNull:
		v.Kind = audience.Null
	case isFalse, isTrue:
		v.Kind, v.Bool = audience.Boolean, what == isTrue
		v.Key = audience.BoolKey(v.Bool)
	}
}

// keyOf is audience.TextKey of a text that begins with the bytes of a word.
func keyOf(word uint64, length int) uint64 {
	if length > 8 {
		return audience.LongKey
	}
	beyond := uint64(0)
	if length < 8 {
		beyond = ^beyond << (8 * length & 63)
	}
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	if filled := word | beyond; (filled-ones)&^filled&highs != 0 {
		return 0 // one of the bytes is
	}
	return word &^ beyond
}
