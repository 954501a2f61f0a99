package jsontext

import (
	"unicode/utf8"

	"sortition/wasm/engine/internal/text"
)

// quoted consumes a string. The parser stands on its opening quote.
func (p *Parser) quoted() string {
	start := p.pos + 1
	end := PlainEnd(p.text, start)
	if end < len(p.text) && p.text[end] == '"' {
		p.pos = end + 1
		return p.text[start:end]
	}
	p.pos = end
	return p.escaped(start)
}

// escaped goes on with a string that needs a copy, or breaks off; the parser stands on its first backslash or what else is no text.
func (p *Parser) escaped(start int) string {
	out := append(make([]byte, 0, p.pos-start+32), p.text[start:p.pos]...)
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			p.pos++
			return string(out)
		case c == '\\':
			p.pos++
			out = p.escape(out)
		case c < ' ':
			p.Fail("control character in a string")
			return ""
		default:
			out = append(out, c)
			p.pos++
		}
	}
	p.Fail("expected '\"'")
	return ""
}

// escape appends what the escape means; the parser stands behind the backslash.
func (p *Parser) escape(out []byte) []byte {
	if p.pos >= len(p.text) {
		return out
	}
	if p.text[p.pos] == 'u' {
		return p.unicode(out)
	}
	c := shortEscape(p.text[p.pos])
	if c == 0 {
		p.Fail("unknown escape")
		return out
	}
	p.pos++
	return append(out, c)
}

// shortEscape returns what a backslash and one letter mean, 0 where they mean nothing.
func shortEscape(letter byte) byte {
	switch letter {
	case '"', '\\', '/':
		return letter
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return 0
}

// unicode appends a \uXXXX escape, joining a surrogate pair; the parser stands on the u.
func (p *Parser) unicode(out []byte) []byte {
	r, ok := p.hex4()
	if !ok {
		p.Fail("expected four hexadecimal digits after \\u")
		return out
	}
	if isHigh(r) && p.pos+1 < len(p.text) && p.text[p.pos] == '\\' && p.text[p.pos+1] == 'u' {
		back := p.pos
		p.pos++
		if low, ok := p.hex4(); ok && isLow(low) {
			return utf8.AppendRune(out, (r-0xD800)<<10+(low-0xDC00)+0x10000)
		}
		p.pos = back
	}
	return appendRune(out, r)
}

// hex4 reads uXXXX and moves behind it; on failure it does not move.
func (p *Parser) hex4() (r rune, ok bool) {
	if len(p.text)-p.pos < 5 {
		return 0, false
	}
	for _, c := range []byte(p.text[p.pos+1 : p.pos+5]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	p.pos += 5
	return r, true
}

func isHigh(r rune) bool { return 0xD800 <= r && r < 0xDC00 }
func isLow(r rune) bool  { return 0xDC00 <= r && r < 0xE000 }

// appendRune appends r as UTF-8, a surrogate as WTF-8 (utf8.AppendRune would lose it).
func appendRune(dst []byte, r rune) []byte {
	if isHigh(r) || isLow(r) {
		return append(dst, 0xED, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return utf8.AppendRune(dst, r)
}

// AppendQuote appends s as a JSON string exactly as JSON.stringify writes it: the shortest escapes, lone surrogates (WTF-8) as
// lower-case \udXXX, everything else as it is.
func AppendQuote(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		dst = text.Append(dst, s)
	} else {
		dst = appendEscaped(dst, s)
	}
	return append(dst, '"')
}

func appendEscaped(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != 0xED {
			continue
		}
		if c == 0xED && !surrogateAt(s, i) {
			continue
		}
		dst = text.Append(dst, s[start:i])
		if c == 0xED {
			dst = appendHex4(dst, 0xD000|uint16(s[i+1]&0x3F)<<6|uint16(s[i+2]&0x3F))
			i += 2
		} else {
			dst = appendEscape(dst, c)
		}
		start = i + 1
	}
	return text.Append(dst, s[start:])
}

// isPlain tells whether s stands in quotes as it is, eight bytes at a time; of some texts that do, all that are not ASCII among them,
// it says no.
func isPlain(s string) bool {
	special := uint64(0)
	for ; len(s) >= 8; s = s[8:] {
		special |= specials(text.Word(s))
	}
	rest := uint64(' ')
	for i := 0; i < len(s); i++ {
		rest = rest<<8 | uint64(s[i])
	}
	for i := len(s) + 1; i < 8; i++ {
		rest = rest<<8 | ' '
	}
	return (special|specials(rest))&(0x80*everyByte) == 0
}

// specials sets the highest bit of each byte that is a control character, a quote, a backslash or past ASCII; above such a byte the
// bits of others may be set as well.
func specials(word uint64) uint64 {
	return word | (word - ' '*everyByte) | ((word ^ '"'*everyByte) - everyByte) | ((word ^ '\\'*everyByte) - everyByte)
}

const everyByte = 0x0101010101010101

// surrogateAt tells whether the bytes at i are a surrogate's WTF-8.
func surrogateAt(s string, i int) bool {
	return len(s)-i >= 3 && s[i+1]&0xE0 == 0xA0 && s[i+2]&0xC0 == 0x80
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
	case '\b':
		c = 'b'
	case '\f':
		c = 'f'
	case '\n':
		c = 'n'
	case '\r':
		c = 'r'
	case '\t':
		c = 't'
	default:
		return appendHex4(dst, uint16(c))
	}
	return append(dst, '\\', c)
}

func appendHex4(dst []byte, n uint16) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[n>>12], digits[n>>8&15], digits[n>>4&15], digits[n&15])
}
