// Package ecma holds the few rules of ECMAScript that the official SDK leans on and that Go does otherwise: numbers read from
// the front of a text, numbers written, white space, and the order of strings. Strings may be WTF-8, see jsontext.
//
// Section numbers are those of ECMA-262, https://tc39.es/ecma262/.
package ecma

// IsSpace tells whether r is white space or a line terminator (12.2, 12.3), that is, what the pattern \s matches.
func IsSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return 0x2000 <= r && r <= 0x200A
}
