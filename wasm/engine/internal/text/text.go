// Package text is the handful of package strings that the engine needs. Package strings brings Unicode's tables with it, 10 KB of
// the module's download after compression; these functions bring nothing.
package text

import "math/bits"

// HasPrefix tells whether s begins with prefix.
func HasPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && s[:len(prefix)] == prefix
}

// Contains tells whether part is in s. It looks for part's first byte in eight bytes of s at a time: branches are what costs in
// the WebAssembly that Go makes, several nanoseconds each.
func Contains(s, part string) bool {
	if part == "" {
		return true
	}
	last := len(s) - len(part)
	for i := 0; i <= last; i += 8 {
		for found := bytesEqual(load(s, i), part[0]); found != 0; found &= found - 1 {
			at := i + bits.TrailingZeros64(found)>>3
			if at <= last && s[at:at+len(part)] == part {
				return true
			}
		}
	}
	return false
}

// load returns the eight bytes of s from i on, the first one lowest; beyond the end there are zeros.
func load(s string, i int) (word uint64) {
	if i+8 <= len(s) {
		b := s[i : i+8]
		return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	}
	if len(s) >= 8 {
		return load(s, len(s)-8) >> (8 * (i + 8 - len(s)))
	}
	for at := len(s) - 1; at >= i; at-- {
		word = word<<8 | uint64(s[at])
	}
	return word
}

// bytesEqual sets the highest bit of each byte of word that is c, and perhaps that of a byte above one that is.
func bytesEqual(word uint64, c byte) uint64 {
	const ones = 0x0101010101010101
	zero := word ^ ones*uint64(c)
	return (zero - ones) &^ zero & (ones << 7)
}

// IndexByte returns the first index of c in s, or -1.
func IndexByte(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == c {
			return i
		}
	}
	return -1
}

// IndexEither returns the first index of a or b in s, or -1.
func IndexEither(s string, a, b byte) int {
	for i := 0; i < len(s); i++ {
		if s[i] == a || s[i] == b {
			return i
		}
	}
	return -1
}

// Cut splits s around the first sep; more is false, and before all of s, when there is none.
func Cut(s string, sep byte) (before, after string, more bool) {
	if i := IndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// Append appends s to dst. A call is a fifth of the code that append itself is at each of its many places.
//
//go:noinline
func Append(dst []byte, s string) []byte { return append(dst, s...) }
