package eventlog

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	frameHeader = 8       // length and checksum
	maxPayload  = 1 << 26 // larger lengths are damage; bodies are bounded far below
)

// castagnoli is read-only; the hash/crc32 package computes it in hardware.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends to dst a frame whose payload is what payload appends.
func appendFrame(dst []byte, payload func(dst []byte) []byte) []byte {
	start := len(dst)
	dst = payload(append(dst, make([]byte, frameHeader)...))
	frame := dst[start:]
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHeader)) //nolint:gosec // bounded by the caller to maxPayload
	binary.LittleEndian.PutUint32(frame[4:], frameSum(frame))
	return dst
}

// frameLength returns the length of the payload that the header announces, and
// whether it can be one. b holds at least frameHeader bytes.
func frameLength(b []byte) (int, bool) {
	length := int64(binary.LittleEndian.Uint32(b)) // an int may have 32 bits
	return int(length), length >= int64(minPayload) && length <= maxPayload
}

// openFrame returns the payload of the frame that b is.
func openFrame(b []byte) (payload []byte, ok bool) {
	if binary.LittleEndian.Uint32(b[4:]) != frameSum(b) {
		return nil, false
	}
	return b[frameHeader:], true
}

func frameSum(frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(frame[:4], castagnoli), castagnoli, frame[frameHeader:])
}
