package main

import (
	"encoding/binary"

	"sortition/wasm/internal/wasmfile"
)

// Opcodes of the instructions that control where a function goes on, and of those that go with them.
const (
	opUnreachable = 0x00
	opNop         = 0x01
	opBlock       = 0x02
	opLoop        = 0x03
	opIf          = 0x04
	opEnd         = 0x0b
	opBr          = 0x0c
	opBrIf        = 0x0d
	opBrTable     = 0x0e
	opReturn      = 0x0f
	opCall        = 0x10
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opI32Const    = 0x41
	opI64Const    = 0x42
	opI32Eqz      = 0x45
)

// noResult is the type of a block that leaves nothing behind, the only one that Go writes.
const noResult = 0x40

// instruction is an instruction with its operands.
type instruction struct {
	text    []byte // as it stands in the module; the opcode first
	operand int64  // the first one: a constant, a depth, the number of something, a block's type
}

func (i instruction) op() byte { return i.text[0] }

// constant returns the instruction that gives a number of 32 bits.
func constant(n int64) instruction {
	return instruction{text: wasmfile.AppendSigned([]byte{opI32Const}, n), operand: n}
}

// is says whether the instruction has that opcode and first operand.
func (i instruction) is(op byte, operand int64) bool { return i.op() == op && i.operand == operand }

// decode returns the instruction that code starts with, or false for one that Go doesn't write: it writes those of the first version of
// WebAssembly, sign extensions, conversions that saturate, memory.copy and memory.fill.
func decode(code []byte) (instruction, bool) {
	if len(code) == 0 {
		return instruction{}, false
	}
	r := operands{code: code, at: 1, ok: true}
	first := r.of(code[0])
	return instruction{text: code[:r.at], operand: first}, r.ok
}

// operands reads an instruction's operands. Once something is not there or not known it is not ok, and reads nothing more.
type operands struct {
	code []byte
	at   int
	ok   bool
}

// of passes the operands of an opcode and returns the first.
func (r *operands) of(op byte) int64 {
	switch {
	case op == opBlock, op == opLoop, op == opIf, op == 0x3f, op == 0x40: // ..., memory.size, memory.grow
		return r.bytes(1)
	case op == opBr, op == opBrIf, op == opCall, opLocalGet <= op && op <= opGlobalSet: // ..., locals and globals
		return r.unsigned()
	case op == opBrTable:
		return r.table()
	case op == 0x11, 0x28 <= op && op <= 0x3e: // call_indirect, loads and stores
		first := r.unsigned()
		r.unsigned()
		return first
	case op == opI32Const, op == opI64Const:
		return r.signed()
	case op == 0x43: // f32.const
		return r.bytes(4)
	case op == 0x44: // f64.const
		return r.bytes(8)
	case op == 0xfc:
		return r.prefixed()
	case op <= opNop, op == 0x05, op == opEnd, op == opReturn, op == 0x1a, op == 0x1b, opI32Eqz <= op && op <= 0xc4:
		return 0 // ..., else, drop, select, arithmetic
	}
	r.ok = false
	return 0
}

// prefixed passes the rest of an opcode of two bytes and its operands.
func (r *operands) prefixed() int64 {
	op := r.unsigned()
	switch {
	case op < 8: // conversions that saturate
	case op == 10: // memory.copy
		r.bytes(2)
	case op == 11: // memory.fill
		r.bytes(1)
	default:
		r.ok = false
	}
	return op
}

// table passes the targets of a br_table and returns how many there are besides the one for all other numbers.
func (r *operands) table() int64 {
	count := r.unsigned()
	for i := int64(0); i <= count && r.ok; i++ {
		r.unsigned()
	}
	return count
}

// bytes passes n bytes and returns the first.
func (r *operands) bytes(n int) int64 {
	if !r.ok || len(r.code)-r.at < n {
		r.ok = false
		return 0
	}
	r.at += n
	return int64(r.code[r.at-n])
}

// unsigned reads an unsigned number of 32 bits.
func (r *operands) unsigned() int64 {
	v, n := binary.Uvarint(r.code[r.at:])
	if !r.ok || n <= 0 || v>>32 != 0 {
		r.ok = false
		return 0
	}
	r.at += n
	return int64(v)
}

// signed reads a signed number of up to 64 bits.
func (r *operands) signed() int64 {
	var v int64
	for shift := 0; shift < 64; shift += 7 {
		b := r.bytes(1)
		v |= b & 0x7f << shift
		if b < 0x80 {
			unused := max(64-7-shift, 0)
			return v << unused >> unused
		}
	}
	r.ok = false
	return 0
}
