// Package jsontext reads JSON by pulling values from a text, and writes JSON strings.
//
// It exists because encoding/json alone makes the engine's module half as large again (architecture: 260 KB of brotli),
// and because a datafile is read into structs of known shape, once. A Parser accepts exactly what JavaScript's JSON.parse
// accepts, so a datafile is well-formed here when it is well-formed for the official SDK; only nesting is bounded.
//
// Strings are substrings of the text unless they hold an escape, so parsing copies next to nothing and the text lives as long
// as what was read from it. A lone surrogate (`\ud800`) is kept as the three bytes UTF-8 would give its code point (WTF-8).
package jsontext

import (
	"strconv"

	"sortition/wasm/engine/internal/decimal"
	"sortition/wasm/engine/internal/lean"
)

// maxDepth bounds how deep arrays and objects may nest: the parser and whoever compiles its values recurse that deep. Real
// datafiles nest about ten deep; the stack of a WebAssembly instance is the scarce thing.
const maxDepth = 500

// Kind is the type of a JSON value.
type Kind uint8

// The kinds. Invalid stands for a value that cannot begin as it does, and for the end of the text.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// Parser pulls values from a text in order. The first error sticks: from then on every reader returns its zero value and every
// loop ends, so callers read on without checks and ask End once. Make one with New.
type Parser struct {
	_     lean.Uncompared
	text  string
	pos   int
	depth int
	err   *Error
}

// New returns a Parser at the start of text.
func New(text string) *Parser { return &Parser{text: text} }

// Left returns how many bytes are behind what was consumed.
func (p *Parser) Left() int { return len(p.text) - p.pos }

// Rest returns the text behind what was consumed.
func (p *Parser) Rest() string { return p.text[p.pos:] }

// Advance consumes a value that the caller has read by itself from Rest, of so many bytes.
func (p *Parser) Advance(bytes int) { p.pos += bytes }

// Kind tells the kind of the next value without consuming it.
func (p *Parser) Kind() Kind {
	switch c := p.next(); c {
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		if c == '-' || '0' <= c && c <= '9' {
			return Number
		}
		return Invalid
	}
}

// Object reads an object, calling field once per member, in order, duplicates included. field must consume the value with any
// reader. A value of another kind is consumed and gives no calls.
func (p *Parser) Object(field func(key string)) {
	if !p.open(Object) {
		return
	}
	if key, ok := p.name(true); ok {
		p.members(key, field)
	}
}

// Resume is Object for a caller that has read so many bytes of it from Rest by itself, up to the value of the member called key.
func (p *Parser) Resume(bytes int, key string, field func(key string)) {
	p.depth++
	p.pos += bytes
	p.members(key, field)
}

// members goes on from the value of the member called key to the end of the object.
func (p *Parser) members(key string, field func(key string)) {
	for ok := true; ok; key, ok = p.name(false) {
		if field(key); p.err != nil {
			p.err.within(key)
		}
	}
}

// name consumes what comes before a member's value, and tells its name; or, and then there is no member, the end of the object.
func (p *Parser) name(isFirst bool) (name string, ok bool) {
	c := p.next()
	if c == '}' {
		p.close()
		return "", false
	}
	if !isFirst {
		if !p.expect(',') {
			return "", false
		}
		c = p.next()
	}
	if c != '"' {
		p.Fail("expected a member's name in quotes")
		return "", false
	}
	name = p.quoted()
	return name, p.expect(':')
}

// Array reads an array, calling element with each index; element must consume the value. A value of another kind is consumed
// and gives no calls.
func (p *Parser) Array(element func(i int)) {
	if !p.open(Array) {
		return
	}
	for i := 0; p.err == nil; i++ {
		if p.next() == ']' {
			p.close()
			return
		}
		if i > 0 && !p.expect(',') {
			return
		}
		if element(i); p.err != nil {
			p.err.within("[" + strconv.Itoa(i) + "]")
		}
	}
}

// String consumes the next value and returns it when it is a string, else "".
func (p *Parser) String() string {
	if p.Kind() != String {
		p.Skip()
		return ""
	}
	return p.quoted()
}

// Text is String, except that numbers and booleans give their literal text: the official SDK uses ids as object keys, and so
// takes 12 for "12".
func (p *Parser) Text() string {
	switch p.Kind() {
	case String:
		return p.quoted()
	case Number, Bool:
		return p.Raw()
	default:
		p.Skip()
		return ""
	}
}

// Number consumes the next value and returns it when it is a number, else 0. Beyond the range of a double it is infinite, as
// in JSON.parse.
func (p *Parser) Number() float64 {
	if p.Kind() != Number {
		p.Skip()
		return 0
	}
	literal := p.Raw()
	if p.err != nil {
		return 0 // it breaks off
	}
	if n, ok := smallInt(literal); ok {
		return float64(n)
	}
	return decimal.Parse(literal)
}

// Bool consumes the next value and tells whether it is true.
func (p *Parser) Bool() bool {
	if p.Kind() != Bool {
		p.Skip()
		return false
	}
	return p.Raw() == "true"
}

// Raw consumes the next value and returns its exact text.
func (p *Parser) Raw() string {
	first, end := p.next(), broken
	start := p.pos
	if first == '"' { // as most values are that somebody wants the text of
		end = stringEnd(p.text, start+1)
	}
	if end != broken {
		p.pos = end
	} else {
		p.Skip()
	}
	if p.err != nil {
		return ""
	}
	return p.text[start:p.pos]
}

// Source returns the exact text of the next value, which read must consume.
func (p *Parser) Source(read func()) string {
	p.next()
	start := p.pos
	read()
	if p.err != nil {
		return ""
	}
	return p.text[start:p.pos]
}

// Failed tells whether there was an error.
func (p *Parser) Failed() bool { return p.err != nil }

// Skip consumes the next value, checking that it is well-formed.
func (p *Parser) Skip() {
	p.next()
	if end := scan(p.text, p.pos); end != broken && p.depth <= maxDepth-maxNested {
		p.pos = end
		return
	}
	p.walk()
}

// walk is Skip for any value: what scan leaves to it, and where it finds an error.
func (p *Parser) walk() {
	switch p.Kind() {
	case Object:
		p.Object(func(string) { p.walk() })
	case Array:
		p.Array(func(int) { p.walk() })
	case String:
		p.quoted()
	case Number:
		end, ok := numberEnd(p.text, p.pos)
		if p.pos = end; !ok {
			p.Fail("expected a digit")
		}
	case Bool, Null:
		p.literal(word(p.text[p.pos]))
	default:
		p.Fail("expected a value")
	}
}

// End checks that only white space follows and returns the first error as an *Error, or nil.
func (p *Parser) End() error {
	if p.err == nil {
		if p.next(); p.pos < len(p.text) {
			p.Fail("unexpected text after the value")
		}
	}
	if p.err == nil {
		return nil
	}
	p.err.Path = abridged(p.err.Path)
	return p.err
}

// Fail records an error of meaning at this place, unless there is one already.
func (p *Parser) Fail(message string) {
	if p.err != nil {
		return
	}
	if p.pos >= len(p.text) {
		p.pos = len(p.text)
		if message != tooDeep {
			message = "the text ends too early: " + message
		}
	}
	p.err = newError(p.text, p.pos, message)
	p.pos = len(p.text)
}

const tooDeep = "nested deeper than 500 levels"

// open enters a container of the wanted kind; any other value is consumed and false returned.
func (p *Parser) open(want Kind) bool {
	if p.Kind() != want {
		p.Skip()
		return false
	}
	if p.depth == maxDepth {
		p.Fail(tooDeep)
		return false
	}
	p.depth++
	p.pos++
	return true
}

// close leaves a container; the parser stands on what closes it.
func (p *Parser) close() {
	p.depth--
	p.pos++
}

// expect consumes c, which must be next.
func (p *Parser) expect(c byte) bool {
	if p.next() != c {
		p.Fail("expected '" + string([]byte{c}) + "'")
		return false
	}
	p.pos++
	return true
}

// next is the byte behind white space, which the parser then stands on, and 0 at the end. Nothing here is called as often, and without
// inlining, as the page's engine is built, a call is dear: so it is one for each token.
func (p *Parser) next() byte {
	text := p.text
	for i := p.pos; i < len(text); i++ {
		if c := text[i]; c > ' ' || c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			p.pos = i
			return c
		}
	}
	p.pos = len(text)
	return 0
}

// word is what a value that begins with a letter can only be.
func word(letter byte) string {
	switch letter {
	case 't':
		return "true"
	case 'f':
		return "false"
	case 'n':
		return "null"
	}
	return ""
}

func (p *Parser) literal(word string) {
	if len(p.text)-p.pos < len(word) || p.text[p.pos:p.pos+len(word)] != word {
		p.Fail("expected " + word)
		return
	}
	p.pos += len(word)
}
