//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
)

// A frame is how a call's arguments cross: the host writes it, the export reads it in place. public/sdk/engine/frame.js is its
// twin; the two name the same offsets in the same order. All numbers are little-endian.
//
// Behind the header stand texts, one after the other: the user's id, the one that replaces it in the hash, what few users have,
// and those of attributes that the table of attributes has no room for.
//
// Of a call for many users at once, the lengths of their ids (int32) stand behind the header, and the ids behind them, one after the
// other. The answers, one int32 each, take the lengths' place.
const (
	frameUserLength      = 0  // int32: bytes of the user's id; or how many users there are
	frameBucketingLength = 4  // int32: bytes of the attribute that replaces the id in the hash, or noBucketingID
	frameSpecialLength   = 8  // int32: bytes of what few users have, see decision.User.ReadSpecial, or asBefore
	frameTextElsewhere   = 12 // int32: 1 when the text of an attribute lies in the frame rather than in the table, else 0
	frameTexts           = 16
	noBucketingID        = -1
	asBefore             = -1 // it is what the project's last user had
)

// What a call is to do besides, as bits.
const (
	withUser    = 1 // the frame holds a user; without it, the one of the last call is meant, whom the frame still holds
	withReasons = 2 // record why
	withProfile = 4 // heed and fill the user's profile
	goesOn      = 8 // the profile keeps what was added to it since the last call without this
)

// Attributes stand in the table of the project's attributes (export table), by slot, where the host writes them. Text of up to
// valueTextRoom bytes of ASCII goes to a place of its own for each slot, unless it is its own Key; any other text stands in the frame and
// has a Key of 0. Before it writes another user the host clears the kinds of all that the last one had. These are the places of an
// audience.Value's fields; what is said of a Key (audience.TextKey, NumberKey, BoolKey) binds the host too.
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

// frameUser is the id of the frame's user, or the one text of a call that takes a text.
func frameUser() string { return textAt(frameTexts, int32At(frameUserLength)) }

// frameClient is the client whose name and version are the frame's text, a NUL between them.
func frameClient() engine.Client {
	both := frameUser()
	for i := range both {
		if both[i] == 0 {
			return engine.Client{Name: both[:i], Version: both[i+1:]}
		}
	}
	return engine.Client{Name: both}
}
