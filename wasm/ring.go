//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine/audience"
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

// readUser reads the user at a place for this decision and further ones, and tells whether there is one: it does not panic. Their texts stay
// there: once the host has written anything else to that place, it must tell the user again.
func (p *project) readUser(place int32) bool {
	end := int(place) + userTexts
	if place < 0 || end > len(ring) {
		return false
	}
	start := unsafe.Pointer(unsafe.SliceData(ring))
	header := unsafe.Add(start, place)
	id, length := unsafe.Add(start, end), *(*int32)(unsafe.Add(header, userIDLength))
	end += int(uint32(length))
	bucketingID, bucketingLength := id, length
	other := *(*int32)(unsafe.Add(header, userBucketingLength))
	if p.isRebucketed = other != noBucketingID; p.isRebucketed {
		bucketingID, bucketingLength = unsafe.Add(start, end), other
		end += int(uint32(other))
	}
	if end > len(ring) {
		return false
	}
	setText(&p.user.ID, id, length)
	p.user.Bucketing.Begin(unsafe.String((*byte)(bucketingID), bucketingLength))
	return p.readAttributes(unsafe.Add(start, (end+7)&^7), int(*(*int32)(unsafe.Add(header, userAttributes))))
}

// setText has a text be that of a length from here on. It is stored past the collector, which is at rest: the ring is held anyway.
func setText(text *string, here unsafe.Pointer, length int32) {
	*(*[2]uint64)(unsafe.Pointer(text)) = [2]uint64{uint64(uintptr(here)), uint64(length)}
}

// readAttributes replaces the last user's by those from here on, and tells whether they are what attributes are.
func (p *project) readAttributes(here unsafe.Pointer, count int) bool {
	values := p.user.Attributes
	for _, slot := range p.given[:p.count] {
		values[slot].Kind = audience.Absent
	}
	p.count = 0
	if uint(count) > uint(len(p.given)) {
		return false
	}
	given := p.given[:count]
	for i := range given {
		slot, what := *(*int32)(here), *(*int32)(unsafe.Add(here, 4))
		if uint(slot) >= uint(len(values)) {
			p.count = i
			return false
		}
		given[i] = slot
		v := &values[slot]
		here = unsafe.Add(here, 8)
		switch {
		case what >= 0:
			setText(&v.Text, here, what)
			v.Kind, v.Key = audience.Text, keyOf(*(*uint64)(here), int(what))
			here = unsafe.Add(here, (what+7)&^7)
		case what == isNumber:
			n := *(*float64)(here)
			v.Kind, v.Number, v.Key = audience.Number, n, audience.NumberKey(n)
			here = unsafe.Add(here, 8)
		case what == isNull:
			v.Kind, v.Key = audience.Null, 0
		case what == isOther:
			v.Kind, v.Key = audience.Other, 0
		default:
			v.Kind, v.Bool = audience.Boolean, what == isTrue
			v.Key = audience.BoolKey(v.Bool)
		}
	}
	p.count = count
	return true
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
