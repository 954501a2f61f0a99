//go:build !wasm

package delta

// word reads eight bytes, little-endian; on most machines the compiler makes one load of it.
func word(b []byte) uint64 { return half(b) | half(b[4:])<<32 }
