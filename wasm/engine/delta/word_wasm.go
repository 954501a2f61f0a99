package delta

import "unsafe"

// word reads eight bytes, little-endian as the machine is.
func word(b []byte) uint64 {
	_ = b[7]
	return *(*uint64)(unsafe.Pointer(unsafe.SliceData(b)))
}
