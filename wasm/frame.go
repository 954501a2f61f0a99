//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine"
)

// A frame is how a call's arguments cross, but for numbers and users: the host writes it, the export reads it in place.
// public/sdk/engine/frame.js is its twin; the two name the same offsets in the same order. All numbers are little-endian.
//
// Of a call that takes a text, the text stands behind the header.
//
// Of a call for many users at once, the lengths of their ids (int32) stand behind the header, and the ids behind them, one after the
// other. The answers, one int32 each, take the lengths' place.
const (
	frameLength = 0 // int32: bytes of the text, or how many users there are; of an answer in bytes, where they are
	frameTexts  = 16
)

// What a call is to do besides, as bits.
const (
	withReasons = 1 // record why
	withProfile = 2 // heed and fill the user's profile
	goesOn      = 4 // the profile keeps what was added to it since the last call without this
)

// frame is the memory the host writes to. It is replaced when the host asks for more, or a project keeps it; Go's collector does not move it.
var frame = make([]byte, frameForDatafile)

// frameSize is what most calls need.
const frameSize = 4096

func int32At(b []byte, offset int) int { return int(*(*int32)(unsafe.Pointer(&b[offset]))) }

// int32s returns integers of the frame in place.
func int32s(offset, count int) []int32 {
	b := frame[offset : offset+4*count]
	return unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(b))), count)
}

// textAt returns text without a copy.
func textAt(b []byte, offset, length int) string {
	if length == 0 {
		return ""
	}
	b = b[offset : offset+length]
	return unsafe.String(&b[0], length)
}

// frameText is the one text of a call that takes a text.
func frameText() string { return textAt(frame, frameTexts, int32At(frame, frameLength)) }

// frameClient is the client whose name and version are the frame's text, a NUL between them.
func frameClient() engine.Client {
	both := frameText()
	for i := range both {
		if both[i] == 0 {
			return engine.Client{Name: both[:i], Version: both[i+1:]}
		}
	}
	return engine.Client{Name: both}
}
