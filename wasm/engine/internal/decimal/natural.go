package decimal

import (
	"math"
	"math/bits"
)

// natural is a natural number of any size, the lowest 32 bits first.
type natural []uint32

// mulAdd multiplies and adds. Inlined it would be in the module three times.
//
//go:noinline
func (n *natural) mulAdd(factor, summand uint32) {
	carry := uint64(summand)
	for i, word := range *n {
		carry += uint64(word) * uint64(factor)
		(*n)[i] = uint32(carry)
		carry >>= 32
	}
	if carry != 0 {
		*n = append(*n, uint32(carry))
	}
}

// div divides by a number and returns the remainder.
func (n *natural) div(divisor uint32) (remainder uint64) {
	words := (*n)[:(n.bits()+31)/32]
	for i := len(words) - 1; i >= 0; i-- {
		remainder = remainder<<32 | uint64(words[i])
		words[i] = uint32(remainder / uint64(divisor))
		remainder %= uint64(divisor)
	}
	*n = words
	return remainder
}

func (n natural) bits() int {
	for i := len(n) - 1; i >= 0; i-- {
		if n[i] != 0 {
			return 32*i + bits.Len32(n[i])
		}
	}
	return 0
}

// top returns the 64 highest bits, the first of them set, and whether any below is.
func (n natural) top() (top uint64, inexact bool) {
	below := n.bits() - 64 // of the bits that are left out
	for i, word := range n {
		switch at := 32*i - below; {
		case at >= 64: // zeros
		case at >= 0:
			top |= uint64(word) << at
		case at > -32:
			top |= uint64(word) >> -at
			inexact = inexact || word<<(32+at) != 0
		default:
			inexact = inexact || word != 0
		}
	}
	return top, inexact
}

// float returns the double next to n × 2^exponent, of two as near the even one; inexact says that n is a little too small.
func (n natural) float(exponent int, inexact bool) float64 {
	if n.bits() == 0 {
		return 0
	}
	top, more := n.top()
	inexact = inexact || more
	highest := n.bits() - 1 + exponent // the number is 1.… × 2^highest
	if highest > 1023 {
		return math.Inf(1)
	}
	drop := 11 + max(-1022-highest, 0) // a double has 53 bits, one below 2^-1022 fewer
	if drop > 64 {
		return 0
	}
	kept, rest := top>>drop, top<<(64-drop)
	if half := uint64(1) << 63; rest > half || rest == half && (inexact || kept&1 == 1) {
		kept++
	}
	return math.Float64frombits(uint64(max(highest+1022, 0))<<52 + kept)
}
