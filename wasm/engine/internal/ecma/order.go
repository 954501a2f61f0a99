package ecma

import "unicode/utf8"

// Compare orders strings as JavaScript's < and > do (7.2.13), by UTF-16 code units: -1, 0 or +1. Go's own order, by code
// point, differs between characters beyond U+FFFF, whose first unit is a surrogate, and those from U+E000 to U+FFFF.
func Compare(a, b string) int {
	x, y := units{text: a}, units{text: b}
	for {
		u, v := x.next(), y.next()
		switch {
		case u < v:
			return -1
		case u > v:
			return +1
		case u == end:
			return 0
		}
	}
}

const end = -1

// units gives the UTF-16 code units of a WTF-8 text one by one.
type units struct {
	text string
	low  rune // second half of a pair whose first was given, or 0
}

// next returns the next unit, or end.
func (u *units) next() rune {
	if low := u.low; low != 0 {
		u.low = 0
		return low
	}
	s := u.text
	if s == "" {
		return end
	}
	if len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 { // a lone surrogate, which package utf8 does not decode
		u.text = s[3:]
		return 0xD000 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F)
	}
	r, size := utf8.DecodeRuneInString(s)
	u.text = s[size:]
	if r < 0x10000 {
		return r
	}
	r -= 0x10000
	u.low = 0xDC00 | r&0x3FF
	return 0xD800 | r>>10
}
