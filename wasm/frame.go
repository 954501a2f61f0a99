//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine/audience"
)

// A frame is how a call's arguments cross: the host writes it, the export reads it in place. public/sdk/engine/frame.js is its
// twin; the two name the same offsets in the same order. All numbers are little-endian.
//
// Behind the header stand records of 16 bytes, which tell of the user; text lies anywhere behind them and is named by offset and
// length. A record is slot (int32), kind (int32, of audience.Kind) and, by kind, a double, a boolean (int32) or a text's offset
// and length (two int32).
//
// Of a call for many users at once, the lengths of their ids (int32) stand in place of the records, and all their texts behind them, one
// after the other. The answers, one int32 each, take the lengths' place.
const (
	frameUserLength  = 0 // int32: bytes of the user's id
	frameUserOffset  = 4 // int32: where it lies
	frameRecordCount = 8 // int32
	frameRecords     = 16
	recordSize       = 16
)

// Slots that name no attribute of the datafile.
const (
	slotBucketingID = -1 // the attribute that replaces the user's id in the hash
	slotSegment     = -2 // a segment that qualifies the user, in text
	slotRule        = -3 // a rule's key in text; the next record forces its variation
	slotDecision    = -4 // a variation's key in text that is forced; the kind is the flag's index
	slotForced      = -5 // an experiment's index and a variation's: setForcedVariation
	slotRemembered  = -6 // an experiment's index and a variation's: the user's profile
)

// What a call is to do besides, as bits.
const (
	withUser    = 1 // the frame holds a user; without it, the one of the last call is meant, whom the frame still holds
	withReasons = 2 // record why
	withProfile = 4 // heed and fill the user's profile
)

// A decision's attributes mostly do not cross as records: the host writes numbers, booleans and texts of up to valueTextRoom bytes of
// ASCII straight into the table of the project's attributes (export table), by slot, so that nobody has to read records. Text goes to
// a place of its own for each slot, unless it is its own Key. Before it writes another user the host clears the kinds of all that the
// last one had, by record or not. These are the places of an audience.Value's fields; what is said of a Key (audience.TextKey,
// NumberKey, BoolKey) binds the host too.
const (
	valueSize       = 40
	valueKind       = 0  // int32: the kind; a Boolean has 256 more when it is true
	valueNumber     = 8  // float64
	valueText       = 16 // int32: address of the text
	valueTextLength = 24 // int32
	valueKey        = 32 // uint64
	valueTextRoom   = 32 // bytes for the text of each slot
)

// The layout is the compiler's, so it is the compiler that checks it.
var (
	_ = [1]struct{}{}[unsafe.Sizeof(audience.Value{})-valueSize]
	_ = [1]struct{}{}[unsafe.Offsetof(audience.Value{}.Kind)-valueKind]
	_ = [1]struct{}{}[unsafe.Offsetof(audience.Value{}.Bool)-valueKind-1]
	_ = [1]struct{}{}[unsafe.Offsetof(audience.Value{}.Number)-valueNumber]
	_ = [1]struct{}{}[unsafe.Offsetof(audience.Value{}.Text)-valueText]
	_ = [1]struct{}{}[unsafe.Offsetof(audience.Value{}.Text)+unsafe.Sizeof("")/2-valueTextLength]
	_ = [1]struct{}{}[unsafe.Offsetof(audience.Value{}.Key)-valueKey]
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

// records returns the frame's records in place.
func records() []record {
	count := int32At(frameRecordCount)
	if count == 0 {
		return nil
	}
	_ = frame[frameRecords : frameRecords+count*recordSize] // the host may be wrong, but nothing beyond the frame is read
	return (*[maxRecords]record)(unsafe.Pointer(&frame[frameRecords]))[:count]
}

// maxRecords is more than any frame has; it only bounds an array type.
const maxRecords = 1 << 24

// value reads what the record holds. Text is not copied, so it is good until the host writes again.
func (r *record) value() audience.Value {
	switch kind := audience.Kind(r.kind); kind {
	case audience.Number:
		return audience.OfNumber(*(*float64)(unsafe.Pointer(&r.payload)))
	case audience.Boolean:
		return audience.OfBool(r.payload[0] != 0)
	case audience.Text:
		return audience.OfText(r.text())
	case audience.Other:
		return audience.Value{Kind: kind, Text: r.text()}
	default:
		return audience.Value{Kind: kind}
	}
}

// text reads the text a record names. It is asked for at many places, and seldom.
//
//go:noinline
func (r *record) text() string { return textAt(int(r.payload[0]), int(r.payload[1])) }

func int32At(offset int) int { return int(*(*int32)(unsafe.Pointer(&frame[offset]))) }

// int32s returns integers of the frame in place.
func int32s(offset, count int) []int32 {
	b := frame[offset : offset+4*count]
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), count)
}

// textAt returns text of the frame without a copy.
func textAt(offset, length int) string {
	if length == 0 {
		return ""
	}
	b := frame[offset : offset+length]
	return unsafe.String(&b[0], length)
}
