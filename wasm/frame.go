//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine/audience"
)

// A frame is how a call's arguments cross: the host writes it, the export reads it in place. public/sdk/engine/frame.js is its
// twin; the two name the same offsets in the same order. All numbers are little-endian.
//
// Behind the header stand records of 16 bytes, one for each attribute, then two for each tag (key, value); text lies anywhere
// behind them and is named by offset and length. A record is slot (int32), kind (int32, of audience.Kind) and, by kind, a
// double, a boolean (int32) or a text's offset and length (two int32).
const (
	frameUserLength     = 0  // int32: bytes of the user's id
	frameUserOffset     = 4  // int32: where it lies
	frameAttributeCount = 8  // int32
	frameTagCount       = 12 // int32: one more than there are, 0 for no tags at all
	frameTimestamp      = 16 // float64: milliseconds since 1970
	frameUUID           = 24 // 36 bytes of text
	frameRecords        = 64
	recordSize          = 16
)

// Slots that name no attribute of the datafile.
const (
	slotBucketingID = -1 // the attribute that replaces the user's id in the hash
	slotKeyed       = -2 // a key in text; the next record holds its value
)

// kindShort is a Text of one to eight bytes of ASCII, which lies in the record itself. The bits of the kind above the lowest eight
// hold its length less one.
const (
	kindShort = 6
)

// frame is the memory the host writes to. It is replaced when the host asks for more; Go's collector does not move it.
var frame = make([]byte, frameSize)

const frameSize = 4096

// record is a record as it lies in the frame.
type record struct {
	slot    int32
	kind    int32
	payload [2]int32
}

// records returns a number of records in place, of which the first skip are left out.
func records(skip, count int) []record {
	end := frameRecords + (skip+count)*recordSize
	_ = frame[:end] // the host may be wrong, but it must not read beyond the frame
	return unsafe.Slice((*record)(unsafe.Pointer(&frame[frameRecords+skip*recordSize])), count)
}

// read sets what v holds to what the record holds; fields of other kinds keep what they had. Text is not copied, so it is good
// until the host writes again.
func (r *record) read(v *audience.Value) {
	if r.kind&0xff == kindShort {
		v.Kind, v.Key, v.Text = audience.Text, r.word(), r.short()
		return
	}
	v.Kind, v.Key = audience.Kind(r.kind), 0
	switch v.Kind {
	case audience.Number:
		v.Number = r.number()
		v.Key = audience.NumberKey(v.Number)
	case audience.Boolean:
		v.Bool = r.payload[0] != 0
	case audience.Text:
		v.Text = r.text()
		v.Key = audience.TextKey(v.Text)
	case audience.Other:
		v.Text = r.text()
	}
}

func (r *record) number() float64 { return *(*float64)(unsafe.Pointer(&r.payload)) }

// word reads the Key of a text that lies in a record of kindShort.
func (r *record) word() uint64 { return *(*uint64)(unsafe.Pointer(&r.payload)) }

// short reads the text that lies in a record of kindShort.
func (r *record) short() string {
	return unsafe.String((*byte)(unsafe.Pointer(&r.payload)), r.kind>>8&7+1)
}

// text reads the text a record holds or names.
func (r *record) text() string {
	if r.kind&0xff == kindShort {
		return r.short()
	}
	return textAt(int(r.payload[0]), int(r.payload[1]))
}

func int32At(offset int) int { return int(*(*int32)(unsafe.Pointer(&frame[offset]))) }

func float64At(offset int) float64 { return *(*float64)(unsafe.Pointer(&frame[offset])) }

// textAt returns text of the frame without a copy.
func textAt(offset, length int) string {
	if length == 0 {
		return ""
	}
	b := frame[offset : offset+length]
	return unsafe.String(&b[0], length)
}
