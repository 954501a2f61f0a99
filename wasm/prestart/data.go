package main

import (
	"encoding/binary"

	"sortition/wasm/internal/wasmfile"
)

// fewZeros is how many zeros in a row are written all the same. To whoever compresses a module a row of zeros is next to nothing, and a
// segment its address, which is like no other: Go's linker, which writes eight at most, makes a hundred times as many segments, and a
// download that is larger by a twelfth.
const fewZeros = 64

// appendData appends the content of a data section that fills a memory: its segments of anything but zeros.
func appendData(out, memory []byte) []byte {
	var segments [][2]int
	for at := 0; at < len(memory); at++ {
		if memory[at] == 0 {
			continue
		}
		if last := len(segments) - 1; last >= 0 && at-segments[last][1] <= fewZeros {
			segments[last][1] = at + 1
		} else {
			segments = append(segments, [2]int{at, at + 1})
		}
	}
	out = binary.AppendUvarint(out, uint64(len(segments)))
	for _, s := range segments {
		out = wasmfile.AppendSigned(append(out, activeOfZero, opI32Const), int64(s[0]))
		out = wasmfile.AppendSized(append(out, opEnd), memory[s[0]:s[1]])
	}
	return out
}
