package ecma

import (
	"math"
	"unicode/utf8"

	"sortition/wasm/engine/internal/decimal"
	"sortition/wasm/engine/internal/text"
)

// ParseInt is the global parseInt (19.2.5): white space is skipped, then as many digits as there are make the number; NaN
// stands for none. radix is 10, or 0 for JavaScript's own choice, under which a prefix 0x means hexadecimal.
func ParseInt(s string, radix int) float64 {
	sign, digits := cutSign(trimLeft(s))
	if radix == 0 && isHex(digits) {
		return sign * hexadecimal(digits[2:])
	}
	return sign * number(digits[:digitsLen(digits)])
}

// ParseFloat is the global parseFloat (19.2.4): white space is skipped, then the longest prefix that is a decimal literal or
// Infinity makes the number; NaN stands for none.
func ParseFloat(s string) float64 {
	sign, literal := cutSign(trimLeft(s))
	if text.HasPrefix(literal, "Infinity") {
		return math.Inf(int(sign))
	}
	return sign * number(literal[:decimalLen(literal)])
}

// ToNumber is what Number(s) gives (7.1.4.1.1), but for the prefixes 0b and 0o: the whole text must be one number, where
// ParseFloat takes a prefix; no text but white space is 0.
func ToNumber(s string) float64 {
	s = trimRight(trimLeft(s))
	if s == "" {
		return 0
	}
	if isHex(s) && hexLen(s[2:]) == len(s)-2 {
		return hexadecimal(s[2:])
	}
	sign, literal := cutSign(s)
	switch {
	case literal == "Infinity":
		return math.Inf(int(sign))
	case decimalLen(literal) < len(literal):
		return math.NaN()
	}
	return sign * number(literal)
}

func cutSign(s string) (sign float64, rest string) {
	if s != "" && s[0] == '-' {
		return -1, s[1:]
	}
	if s != "" && s[0] == '+' {
		s = s[1:]
	}
	return 1, s
}

func trimLeft(s string) string {
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if !IsSpace(r) {
			break
		}
		s = s[size:]
	}
	return s
}

func trimRight(s string) string {
	for s != "" {
		r, size := utf8.DecodeLastRuneInString(s)
		if !IsSpace(r) {
			break
		}
		s = s[:len(s)-size]
	}
	return s
}

// isHex tells whether s begins as a hexadecimal number does.
func isHex(s string) bool { return len(s) > 1 && s[0] == '0' && s[1]|0x20 == 'x' }

// number reads a decimal literal of checked grammar, NaN when there is none.
func number(literal string) float64 {
	if literal == "" {
		return math.NaN()
	}
	return decimal.Parse(literal)
}

// hexadecimal reads the digits at the front of s, rounding once however many there are.
func hexadecimal(s string) float64 {
	n := hexLen(s)
	if n == 0 {
		return math.NaN()
	}
	return decimal.ParseHex(s[:n])
}

// decimalLen is the length of the longest decimal literal without a sign at the front of s.
func decimalLen(s string) int {
	whole := digitsLen(s)
	n := whole
	if n < len(s) && s[n] == '.' {
		fraction := digitsLen(s[n+1:])
		if whole+fraction == 0 {
			return 0
		}
		n += 1 + fraction
	}
	if n == 0 {
		return 0
	}
	return n + exponentLen(s[n:])
}

// exponentLen is the length of an exponent at the front of s, 0 when it has no digits.
func exponentLen(s string) int {
	if s == "" || s[0]|0x20 != 'e' {
		return 0
	}
	n := 1
	if n < len(s) && (s[n] == '+' || s[n] == '-') {
		n++
	}
	digits := digitsLen(s[n:])
	if digits == 0 {
		return 0
	}
	return n + digits
}

func digitsLen(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

func hexLen(s string) int {
	n := 0
	for n < len(s) && ('0' <= s[n] && s[n] <= '9' || 'a' <= s[n]|0x20 && s[n]|0x20 <= 'f') {
		n++
	}
	return n
}
