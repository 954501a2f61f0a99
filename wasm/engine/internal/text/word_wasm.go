package text

import "unsafe"

// Word is the first eight bytes, little-endian, of a text that has them. Go does not join single loads on this platform.
func Word(s string) uint64 {
	_ = s[7]
	return *(*uint64)(unsafe.Pointer(unsafe.StringData(s)))
}

// Equal tells whether two texts are the same, eight bytes at a time: on this platform Go compares byte by byte.
func Equal(a, b string) bool {
	n := len(a)
	if n != len(b) || n < 8 {
		return a == b
	}
	p, q := unsafe.Pointer(unsafe.StringData(a)), unsafe.Pointer(unsafe.StringData(b))
	last := uintptr(n - 8)
	for at := uintptr(0); at < last; at += 8 {
		if wordAt(p, at) != wordAt(q, at) {
			return false
		}
	}
	return wordAt(p, last) == wordAt(q, last)
}

func wordAt(p unsafe.Pointer, at uintptr) uint64 { return *(*uint64)(unsafe.Add(p, at)) }
