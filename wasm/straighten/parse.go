package main

import (
	"encoding/binary"
	"slices"
)

// firstFunction is what Go adds to a function's number, imports not counted, for the upper bits of its address (funcValueOffset
// in cmd/link/internal/wasm); the lower 16 are one of the numbers in its table.
const firstFunction = 0x1000

// callStart is how many instructions of a call precede the address that it returns to.
const callStart = 6

// parser reads the body of a function.
type parser struct {
	rest []byte
	next instruction // the one before rest, if ok
	ok   bool

	f       *function
	address int64   // of the function
	blocks  int     // of the table, as far as they are open
	depth   int     // how many blocks of the segment are open
	now     segment // the segment that is being read
	returns []int64 // the numbers that calls return to
}

// parse reads the body of the function with that number, or returns false for one that doesn't jump through a table.
func parse(body []byte, number uint64) (*function, bool) {
	p := &parser{f: new(function), address: int64(firstFunction+number) << 16}
	if p.rest, p.ok = afterLocals(body); !p.ok {
		return nil, false
	}
	p.read()
	for p.ok && p.next.op() != opBlock && p.next.op() != opLoop {
		p.read()
	}
	if !p.ok {
		return nil, false
	}
	p.f.head = body[:len(body)-len(p.rest)-len(p.next.text)]
	if !p.readTable() || !p.readSegments() || !p.readTail() {
		return nil, false
	}
	p.f.segments[0].resumed = true
	for _, number := range p.returns {
		p.f.segments[p.f.at(number)].resumed = true
	}
	return p.f, true
}

// afterLocals returns what follows the declarations of locals.
func afterLocals(body []byte) ([]byte, bool) {
	groups, n := binary.Uvarint(body)
	if n <= 0 || groups > uint64(len(body)) {
		return nil, false
	}
	rest := body[n:]
	for range groups {
		_, n := binary.Uvarint(rest)
		if n <= 0 || n >= len(rest) {
			return nil, false
		}
		rest = rest[n+1:]
	}
	return rest, true
}

// read goes on to the next instruction.
func (p *parser) read() {
	if p.next, p.ok = decode(p.rest); p.ok {
		p.rest = p.rest[len(p.next.text):]
	}
}

// take passes the next instruction if it is that one.
func (p *parser) take(op byte, operand int64) bool {
	if !p.ok || !p.next.is(op, operand) {
		return false
	}
	p.read()
	return true
}

// readTable reads what leads to the segments: a loop, in it a block for each of them, and in all of these the table.
func (p *parser) readTable() bool {
	p.f.unwinds = p.take(opBlock, noResult)
	if !p.take(opLoop, noResult) {
		return false
	}
	for p.take(opBlock, noResult) {
		p.blocks++
	}
	if !p.take(opLocalGet, 0) || !p.ok || p.next.op() != opBrTable {
		return false
	}
	targets := operands{code: p.next.text, at: 1, ok: true}
	for range targets.unsigned() + 1 {
		to := int(targets.unsigned())
		if to >= p.blocks {
			return false
		}
		p.f.table = append(p.f.table, to)
	}
	p.read()
	p.blocks--
	return p.f.table[0] == 0 && p.take(opEnd, 0) // as whoever calls the function begins with the first segment
}

// readTail reads what follows the loop.
func (p *parser) readTail() bool {
	if !p.take(opUnreachable, 0) {
		return false
	}
	if p.f.unwinds && (!p.take(opEnd, 0) || !p.take(opI32Const, 1)) {
		return false
	}
	return p.ok && p.next.op() == opEnd && len(p.rest) == 0
}

// readSegments reads the segments and the end of the loop around them.
func (p *parser) readSegments() bool {
	p.now.falls = true
	for p.ok {
		if p.depth > 0 || p.next.op() != opEnd {
			if !p.readPart() {
				return false
			}
			continue
		}
		p.f.segments = append(p.f.segments, p.now)
		p.now = segment{falls: true}
		p.read()
		if p.blocks == 0 {
			return true
		}
		p.blocks--
	}
	return false
}

// readPart reads one step of a segment.
func (p *parser) readPart() bool {
	i := p.next
	p.read()
	switch i.op() {
	case opBlock, opLoop, opIf:
		if i.operand != noResult {
			return false
		}
		p.depth++
		p.add(part{kind: open, text: i.text}, true)
	case opEnd:
		p.depth--
		p.add(part{kind: closed, text: i.text}, true)
	case opBr, opBrIf:
		return p.branch(i)
	case opBrTable:
		return false
	case opReturn, opUnreachable:
		p.add(part{kind: plain, text: i.text}, false)
	case opI32Const:
		if !p.jump(i) {
			p.add(part{kind: plain, text: i.text}, true)
		}
	case opI64Const:
		p.noteReturn(i)
		p.add(part{kind: plain, text: i.text}, true)
	default:
		p.add(part{kind: plain, text: i.text}, true)
	}
	return true
}

// add appends a step that the next one may follow or not.
func (p *parser) add(step part, falls bool) {
	p.now.parts = append(p.now.parts, step)
	p.now.falls = falls
}

// branch reads one that stays within the segment, or leaves everything.
func (p *parser) branch(i instruction) bool {
	step := part{kind: plain, text: i.text}
	if i.operand >= int64(p.depth) {
		if !p.f.unwinds || i.operand != int64(p.depth+p.blocks+1) {
			return false
		}
		step = part{kind: unwind, text: i.text[:1]}
	}
	p.add(step, i.op() == opBrIf)
	return true
}

// jump reads a jump that begins with that constant, if it is one: the number is set, and the loop starts anew.
func (p *parser) jump(number instruction) bool {
	ahead := *p
	if !ahead.take(opLocalSet, 0) || !ahead.ok || !ahead.next.is(opBr, int64(p.depth+p.blocks)) {
		return false
	}
	ahead.read()
	p.rest, p.next, p.ok = ahead.rest, ahead.next, ahead.ok
	p.add(part{kind: jump, to: p.f.at(number.operand)}, false)
	return true
}

// noteReturn notes the number that a call returns to, if that is what the constant is. Calls in a block of the segment don't
// return to a resumed function. Nothing but a call at its start tells a segment where a recovered goroutine goes on: with
// the deferred calls.
func (p *parser) noteReturn(i instruction) {
	if p.depth > 0 || i.operand&^0xffff != p.address || p.goesOneWay() {
		return
	}
	p.returns = append(p.returns, i.operand&0xffff)
	before := p.now.parts[:max(0, len(p.now.parts)-callStart)]
	p.now.resumed = p.now.resumed || !slices.ContainsFunc(before, func(p part) bool { return p.text == nil || p.text[0] != opNop })
}

// goesOneWay says whether the call, of which the number it returns to has been read, never does.
func (p *parser) goesOneWay() bool {
	ahead := *p
	for range 3 { // the number is stored, the function is called with zero
		if ahead.ok {
			ahead.read()
		}
	}
	return ahead.ok && ahead.next.op() == opReturn
}
