package jsontext

import (
	"math"
	"math/bits"

	"sortition/wasm/engine/internal/text"
)

// Most of a datafile is passed over: of each entity a few members are read, and the others need only be well-formed. So what passes
// over a value neither calls itself nor allocates, and leaves to walk whatever is unusual: errors, \u, and what nests deeper than
// maxNested.

// broken is the place where a value ends that walk is to look at. It is behind every text, so nothing has to ask for it.
const broken = math.MaxInt

// maxNested is how many levels of one value scan passes over.
const maxNested = 62

// scan returns where the value ends that begins at a place.
func scan(s string, at int) int {
	open := uint64(1) // for each container that is open, the innermost lowest, whether it is an object; above them a 1
	for at < len(s) {
		switch c := s[at]; {
		case c == '"':
			at = stringEnd(s, at+1)
		case c == '{' || c == '[':
			if open >= 1<<maxNested {
				return broken
			}
			open = open<<1 | uint64(c>>5&1)
			at = space(s, at+1)
			if at < len(s) && s[at] == closing(open) {
				break
			}
			if c == '{' {
				at = nameEnd(s, at)
			}
			continue
		case c == '-' || isDigit(c):
			end, ok := numberEnd(s, at)
			if !ok {
				return broken
			}
			at = end
		default:
			w := word(c)
			if w == "" || len(s)-at < len(w) || s[at:at+len(w)] != w {
				return broken
			}
			at += len(w)
		}
		if at, open = valueEnd(s, at, open); open == 1 {
			return at
		}
		if open&1 != 0 {
			at = nameEnd(s, at)
		}
	}
	return broken
}

// valueEnd closes what ends behind a value, and returns where the next value or name begins.
func valueEnd(s string, at int, open uint64) (int, uint64) {
	for open != 1 {
		at = space(s, at)
		switch {
		case at >= len(s):
			return broken, open
		case s[at] == ',':
			return space(s, at+1), open
		case s[at] != closing(open):
			return broken, open
		}
		at++
		open >>= 1
	}
	return at, open
}

// closing is what closes the innermost container.
func closing(open uint64) byte { return ']' | byte(open&1)<<5 }

// space returns where white space ends.
func space(s string, at int) int {
	for at < len(s) && s[at] <= ' ' && (s[at] == ' ' || s[at] == '\n' || s[at] == '\r' || s[at] == '\t') {
		at++
	}
	return at
}

// nameEnd returns where the value of the member begins whose name is at a place.
func nameEnd(s string, at int) int {
	if at >= len(s) || s[at] != '"' {
		return broken
	}
	at = space(s, stringEnd(s, at+1))
	if at >= len(s) || s[at] != ':' {
		return broken
	}
	return space(s, at+1)
}

// stringEnd returns where the string ends, behind its quote, within which a place is.
func stringEnd(s string, at int) int {
	for {
		if at = PlainEnd(s, at); at >= len(s) {
			return broken
		}
		switch {
		case s[at] == '"':
			return at + 1
		case s[at] != '\\' || at+1 == len(s) || shortEscape(s[at+1]) == 0:
			return broken
		}
		at += 2
	}
}

// PlainEnd returns where the next quote, backslash or control character is, eight bytes at a time.
func PlainEnd(s string, at int) int {
	for ; len(s)-at >= 8; at += 8 {
		word := text.Word(s[at:])
		stops := zeros(word^'"'*everyByte) | zeros(word^'\\'*everyByte) | (word-' '*everyByte)&^word
		if stops &= 0x80 * everyByte; stops != 0 {
			return at + bits.TrailingZeros64(stops)>>3
		}
	}
	for at < len(s) && s[at] >= ' ' && s[at] != '"' && s[at] != '\\' {
		at++
	}
	return at
}

// zeros sets the highest bit of the lowest byte that is zero, and perhaps of others above it.
func zeros(word uint64) uint64 { return (word - everyByte) &^ word }
