package bucketing

import "math/bits"

// Seed is the murmur3 seed of every Optimizely SDK.
const Seed = 1

const (
	c1 = 0xcc9e2d51
	c2 = 0x1b873593
)

// Hash is MurmurHash3 (x86, 32 bits, Austin Appleby's reference) of s with the given seed. SDKs hash a text's UTF-8 bytes, a
// lone surrogate as U+FFFD; Prefix does that, Hash takes bytes as they are.
func Hash(s string, seed uint32) uint32 {
	h, pending, _ := blocks(s, seed)
	return finish(h, pending, uint32(len(s)))
}

// Prefix is the hash state after a bucketing id, so that the buckets of one visitor in many experiments cost a few rounds each.
// The zero value stands for the empty id.
type Prefix struct {
	hash    uint32
	pending uint32 // up to three bytes that do not fill a block yet, little-endian
	length  uint32 // bytes so far
	seeded  bool
}

// NewPrefix hashes a bucketing id.
func NewPrefix(bucketingID string) Prefix {
	h, pending, seen := blocks(bucketingID, Seed)
	if seen&0x80808080 != 0 { // it is not all ASCII
		bucketingID = replaceSurrogates(bucketingID)
		h, pending, _ = blocks(bucketingID, Seed)
	}
	return Prefix{hash: h, pending: pending, length: uint32(len(bucketingID)), seeded: true}
}

// Bucket returns the bucket value, 0 to 9999, of the bucketing id followed by entityID (an experiment, group or holdout id).
func (p *Prefix) Bucket(entityID string) int { return BucketOf(p.Hash(entityID)) }

// BucketOf scales a hash to the line.
func BucketOf(hash uint32) int { return int(uint64(hash) * MaxTraffic >> 32) }

// Hash returns the hash of the bucketing id followed by s.
func (p *Prefix) Hash(s string) uint32 {
	h := p.hash
	if !p.seeded {
		h = Seed
	}
	length := p.length + uint32(len(s))
	// Blocks are cut out of a window of up to seven bytes, of which filled/8 are left over.
	window, filled := uint64(p.pending), 8*(p.length&3)
	for len(s) >= 4 {
		window |= uint64(word(s)) << filled
		h = round(h, uint32(window))
		window >>= 32
		s = s[4:]
	}
	window |= uint64(tail(s)) << filled
	if filled += 8 * uint32(len(s)); filled >= 32 {
		h = round(h, uint32(window))
		window >>= 32
	}
	return finish(h, uint32(window), length)
}

// blocks hashes whole four-byte blocks. It returns the one to three bytes that are left, and all bytes or-ed together.
func blocks(s string, seed uint32) (h, pending, seen uint32) {
	h = seed
	for len(s) >= 4 {
		k := word(s)
		seen |= k
		h = round(h, k)
		s = s[4:]
	}
	pending = tail(s)
	return h, pending, seen | pending
}

// tail is up to three bytes, little-endian.
func tail(s string) (k uint32) {
	switch len(s) {
	case 3:
		return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16
	case 2:
		return uint32(s[0]) | uint32(s[1])<<8
	case 1:
		return uint32(s[0])
	}
	return 0
}

func round(h, k uint32) uint32 {
	k *= c1
	k = bits.RotateLeft32(k, 15)
	k *= c2
	h ^= k
	h = bits.RotateLeft32(h, 13)
	return h*5 + 0xe6546b64
}

// finish mixes in the pending bytes and the length. Mixing in no pending bytes changes nothing, as zero times c1 is zero.
func finish(h, pending, length uint32) uint32 {
	pending *= c1
	pending = bits.RotateLeft32(pending, 15)
	pending *= c2
	h ^= pending
	h ^= length
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}

// replaceSurrogates gives U+FFFD for every lone surrogate (three bytes of WTF-8 that begin with ED A0..BF), as JavaScript's
// TextEncoder does.
func replaceSurrogates(s string) string {
	var out []byte
	start := 0
	for i := 0; i+2 < len(s); i++ {
		if s[i] == 0xED && s[i+1] >= 0xA0 {
			out = append(append(out, s[start:i]...), "\uFFFD"...)
			start = i + 3
			i += 2
		}
	}
	if out == nil {
		return s
	}
	return string(append(out, s[start:]...))
}
