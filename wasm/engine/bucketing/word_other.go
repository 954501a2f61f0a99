//go:build !wasm

package bucketing

// word is the first four bytes, little-endian, of a text that has them.
func word(s string) uint32 {
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}
