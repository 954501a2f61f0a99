//go:build !wasm

package text

// Word is the first eight bytes, little-endian, of a text that has them.
func Word(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// Equal tells whether two texts are the same.
func Equal(a, b string) bool { return a == b }
