package bucketing

import (
	"math/bits"

	"sortition/wasm/engine/internal/text"
)

// seed is the murmur3 seed of every Optimizely SDK.
const seed = 1

const (
	c1 = 0xcc9e2d51
	c2 = 0x1b873593
)

// Prefix is the state of MurmurHash3 (x86, 32 bits, Austin Appleby's reference) after a bucketing id, so that the buckets of one
// visitor in many experiments cost a few rounds each. Make one with NewPrefix.
type Prefix struct {
	hash    uint32
	pending uint32 // up to three bytes that do not fill a block yet, little-endian
	length  uint32 // bytes so far
}

// NewPrefix hashes a bucketing id: its UTF-8 bytes, a lone surrogate as U+FFFD.
func NewPrefix(bucketingID string) (p Prefix) {
	p.Begin(bucketingID)
	return p
}

// Begin makes p what NewPrefix returns.
func (p *Prefix) Begin(bucketingID string) {
	s, h, pending := bucketingID, uint32(seed), tail(bucketingID)
	seen := uint64(pending) // all bytes or-ed together
	for len(s) >= 8 {
		w := text.Word(s)
		seen |= w
		h = round(round(h, uint32(w)), uint32(w>>32))
		s = s[8:]
	}
	if len(s) >= 4 {
		w := word(s)
		seen |= uint64(w)
		h = round(h, w)
	}
	p.hash, p.pending, p.length = h, pending, uint32(len(bucketingID))
	if seen&0x8080808080808080 != 0 { // it is not all ASCII
		p.beginAnew(bucketingID)
	}
}

// beginAnew is Begin for an id that may have lone surrogates. Apart from it, Begin calls nothing.
//
//go:noinline
func (p *Prefix) beginAnew(bucketingID string) {
	if s := replaceSurrogates(bucketingID); s != bucketingID {
		p.Begin(s)
	}
}

// BucketOf scales a hash to the line: the bucket value, 0 to 9999.
func BucketOf(hash uint32) int { return int(uint64(hash) * MaxTraffic >> 32) }

// Hash returns the hash of the bucketing id followed by s, the id of an experiment, a group or a holdout.
func (p *Prefix) Hash(s string) uint32 {
	h, length := p.hash, p.length+uint32(len(s))
	// Blocks are cut out of a window that begins with the filled/8 bytes that are left over, up to three.
	window, filled := uint64(p.pending), 8*(p.length&3)
	last := uint64(tail(s))
	for len(s) >= 8 {
		w := text.Word(s)
		window |= w << filled
		h = round(round(h, uint32(window)), uint32(window>>32))
		window = w >> 1 >> (63 - filled)
		s = s[8:]
	}
	if len(s) >= 4 {
		window |= uint64(word(s)) << filled
		h = round(h, uint32(window))
		window >>= 32
	}
	window |= last << filled
	if filled += 8 * uint32(len(s)&3); filled >= 32 {
		h = round(h, uint32(window))
		window >>= 32
	}
	return finish(h, uint32(window), length)
}

// tail is the up to three bytes that no block holds, little-endian. Of a text that has a block they are the end of its last four
// bytes, for which there is nothing to ask.
func tail(s string) uint32 {
	if len(s) >= 4 {
		return uint32(uint64(word(s[len(s)-4:])) >> (32 - 8*(len(s)&3)))
	}
	return short(s)
}

// short is a text of less than four bytes, little-endian.
func short(s string) (k uint32) {
	for i := len(s) - 1; i >= 0; i-- {
		k = k<<8 | uint32(s[i])
	}
	return k
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
