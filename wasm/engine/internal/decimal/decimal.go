// Package decimal reads numbers as doubles, correctly rounded. strconv gives the same numbers; what it brings along for its errors
// is 10 KB of the module's download, and here the grammar is checked already by whoever calls.
package decimal

import "math"

// maxDigits is how many significant digits can make a difference to a double; of what follows only whether it is zero counts.
const maxDigits = 800

// Parse reads a decimal literal: a sign, digits with a point anywhere among them, an exponent, all but one digit optional.
// Beyond the range of a double the result is infinite or zero.
func Parse(literal string) float64 {
	magnitude := parse(literal)
	if literal[0] == '-' {
		return -magnitude
	}
	return magnitude
}

// ParseHex reads hexadecimal digits.
func ParseHex(digits string) float64 {
	var n natural
	for i := 0; i < len(digits); i++ {
		if n.bits() > 1024 {
			return math.Inf(1)
		}
		c := uint32(digits[i])
		if c > '9' {
			c = c&0xF + 9
		}
		n.mulAdd(16, c&0xF)
	}
	return n.float(0, false)
}

// literal is what the digits and the exponent of a text amount to: digits × 10^exponent.
type literal struct {
	value    uint64 // of the digits, when there are few
	digits   int    // significant ones, at most maxDigits and one for all that follow
	exponent int
}

func parse(text string) float64 {
	var l literal
	l.scan(text, func(digit uint32) { l.value = l.value*10 + uint64(digit) })
	switch {
	case l.digits == 0:
		return 0
	case l.digits <= 15 && -22 <= l.exponent && l.exponent <= 22:
		return scale(float64(l.value), l.exponent)
	case l.digits+l.exponent > 310:
		return math.Inf(1)
	case l.digits+l.exponent < -330:
		return 0
	}
	return parseLong(text)
}

// parseLong is for what takes more than one rounding of doubles, which few texts do.
//
//go:noinline
func parseLong(text string) float64 {
	var l literal
	var n natural
	l.scan(text, func(digit uint32) { n.mulAdd(10, digit) })
	if l.exponent >= 0 {
		for left := l.exponent; left > 0; left -= wordDigits {
			n.mulAdd(tens(left), 0)
		}
		return n.float(0, false)
	}
	// A digit takes 3.33 bits; the quotient keeps more than 64 of its own.
	words := -l.exponent*10/3/32 + 4
	n = append(make(natural, words, words+len(n)), n...)
	inexact := false
	for left := -l.exponent; left > 0; left -= wordDigits {
		inexact = n.div(tens(left)) != 0 || inexact
	}
	return n.float(-32*words, inexact)
}

// wordDigits is how many decimal digits a word of a natural always holds. What is done with so many at once takes a ninth of the time, of which
// a batch full of tiny numbers would take a relay's for seconds.
const wordDigits = 9

// tens is 10^n, of at most wordDigits.
func tens(n int) uint32 {
	power := uint32(1)
	for range min(n, wordDigits) {
		power *= 10
	}
	return power
}

// scale multiplies by a power of ten that a double holds exactly, so that there is one rounding.
func scale(n float64, exponent int) float64 {
	power := 1.0
	for range max(exponent, -exponent) {
		power *= 10
	}
	if exponent < 0 {
		return n / power
	}
	return n * power
}

// scan reads a text and gives its significant digits to add, one by one.
func (l *literal) scan(text string, add func(digit uint32)) {
	fraction, rest := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '.':
			fraction = 1
		case c|0x20 == 'e':
			l.exponent += readExponent(text[i+1:])
			i = len(text)
		case c == '-' || c == '+':
		case l.digits == maxDigits:
			l.exponent += 1 - fraction
			rest = rest || c != '0'
		default:
			l.exponent -= fraction
			if l.digits > 0 || c != '0' {
				add(uint32(c - '0'))
				l.digits++
			}
		}
	}
	if rest {
		add(1)
		l.digits++
		l.exponent--
	}
}

// readExponent reads a signed integer; one beyond any double's is cut.
func readExponent(text string) (n int) {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c != '-' && c != '+' {
			n = min(n*10+int(c-'0'), 1_000_000_000)
		}
	}
	if text[0] == '-' {
		return -n
	}
	return n
}
