package bucketing

import "unsafe"

// word is the first four bytes, little-endian, of a text that has them. Go does not join single loads on this platform.
func word(s string) uint32 {
	return *(*uint32)(unsafe.Pointer(unsafe.StringData(s)))
}
