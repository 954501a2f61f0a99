package delta

import "math/bits"

const (
	prime1 = 0x9e3779b185ebca87
	prime2 = 0xc2b2ae3d27d4eb4f
	prime3 = 0x165667b19e3779f9
	prime4 = 0x85ebca77c2b2ae63
	prime5 = 0x27d4eb2f165667c5
)

// sum is xxHash64 (seed 0) as Yann Collet specified it: what the protocol knows a datafile by. It guards against mistakes, not
// against whoever made the text.
func sum(b []byte) uint64 {
	var h uint64 = prime5
	length := uint64(len(b))
	if length >= 32 {
		b, h = stripes(b)
	}
	h += length
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^round(0, word(b)), 27)*prime1 + prime4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^half(b)*prime1, 23)*prime2 + prime3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*prime5, 11) * prime1
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}

// stripes hashes as many whole 32 bytes as there are, in four lanes, and returns the rest.
func stripes(b []byte) (rest []byte, h uint64) {
	p1, p2 := uint64(prime1), uint64(prime2)
	lanes := [4]uint64{p1 + p2, p2, 0, -p1}
	for ; len(b) >= 32; b = b[32:] {
		for i := range lanes {
			lanes[i] = round(lanes[i], word(b[8*i:]))
		}
	}
	for i, lane := range lanes {
		h += bits.RotateLeft64(lane, []int{1, 7, 12, 18}[i])
	}
	for _, lane := range lanes {
		h = (h^round(0, lane))*prime1 + prime4
	}
	return b, h
}

func round(lane, input uint64) uint64 { return bits.RotateLeft64(lane+input*prime2, 31) * prime1 }

func half(b []byte) uint64 {
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24
}
