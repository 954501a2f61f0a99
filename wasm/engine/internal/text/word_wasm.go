package text

import "unsafe"

// Word is the first eight bytes, little-endian, of a text that has them. Go does not join single loads on this platform.
func Word(s string) uint64 {
	_ = s[7]
	return *(*uint64)(unsafe.Pointer(unsafe.StringData(s)))
}
