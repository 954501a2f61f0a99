package main

import (
	"encoding/binary"
	"slices"
)

// Opcodes of the instructions by which a function reaches its part of Go's stack. The stack pointer is a global; local 1 has it at hand.
const (
	opLocalTee  = 0x22
	opGlobalGet = 0x23
	opGlobalSet = 0x24
	opI32Load   = 0x28
	opI64Load32 = 0x35 // the last one that loads
	opI64Store4 = 0x3e // the last one that stores
	opI32Add    = 0x6a
	opI64Add    = 0x7c
	opWrap      = 0xa7 // i32.wrap_i64
	opExtend    = 0xad // i64.extend_i32_u

	stackPointer = 1
)

// reachStack reaches Go's stack with fewer instructions. Go adds an offset in the stack to the pointer with 64 bits and cuts the sum off,
// where loads and stores could add it. And it gives back the function's part of the stack and the return address one after the other.
func reachStack(code []instruction) (out []instruction) {
	for i := 0; i < len(code); i++ {
		switch {
		case adds(code[i:]):
			if user, ok := userOf(code[i+5:]); ok {
				code[i+5+user] = withOffset(code[i+5+user], code[i+2].operand)
				out = append(out, code[i])
				i += 4
				continue
			}
		case returns(code[i:]):
			out = append(out, code[i], constant(code[i+1].operand+code[i+6].operand), code[i+2], code[i+4])
			i += 9
			continue
		}
		out = append(out, code[i])
	}
	return out
}

// adds says whether code begins with an offset that is added to the stack pointer for an address.
func adds(code []instruction) bool {
	return len(code) > 5 && code[0].is(opLocalGet, stackPointer) && code[1].op() == opExtend && code[2].op() == opI64Const && code[2].operand >= 0 &&
		code[3].op() == opI64Add && code[4].op() == opWrap
}

// returns says whether code begins with what gives back first a part of the stack and then the return address, and leaves the function.
func returns(code []instruction) bool {
	return len(code) > 11 && frees(code) && frees(code[5:]) && code[10].is(opI32Const, 0) && code[11].op() == opReturn
}

// frees says whether code begins with what adds to the stack pointer.
func frees(code []instruction) bool {
	return code[0].is(opLocalGet, stackPointer) && code[1].op() == opI32Const && code[2].op() == opI32Add && code[3].is(opLocalTee, stackPointer) &&
		code[4].is(opGlobalSet, 0)
}

// userOf finds the load or store for which the address before code was put on WebAssembly's stack, if nothing but plain arithmetic comes
// before it.
func userOf(code []instruction) (at int, ok bool) {
	above := 0 // values above the address
	for at, i := range code {
		op := i.op()
		takes, gives, known := effect(op)
		switch {
		case !known:
			return 0, false
		case takes <= above:
			above += gives - takes
		default:
			return at, opI32Load <= op && op <= opI64Store4 && takes == above+1 // else it is the value that is stored
		}
	}
	return 0, false
}

// effect tells how many values an instruction takes from WebAssembly's stack and gives to it, if it is one of those that compute a value.
func effect(op byte) (takes, gives int, known bool) {
	switch {
	case op == opNop:
		return 0, 0, true
	case op == opLocalGet, op == opGlobalGet, opI32Const <= op && op <= 0x44: // ..., constants
		return 0, 1, true
	case opI32Load <= op && op <= opI64Load32, op == opI32Eqz, op == opI64Eqz:
		return 1, 1, true
	case opI64Load32 < op && op <= opI64Store4:
		return 2, 0, true
	case op == opLocalTee, 0x67 <= op && op <= 0x69, 0x79 <= op && op <= 0x7b, opWrap <= op && op <= 0xc4: // ..., bits are counted, conversions
		return 1, 1, true
	case 0x46 <= op && op <= 0x8a: // comparisons and arithmetic of integers, and comparisons of floats
		return 2, 1, true
	}
	return 0, 0, false
}

// withOffset returns a load or store whose address is that much higher.
func withOffset(access instruction, more int64) instruction {
	_, n := binary.Uvarint(access.text[1:])
	offset, _ := binary.Uvarint(access.text[1+n:])
	access.text = binary.AppendUvarint(slices.Clone(access.text[:1+n]), offset+uint64(more))
	return access
}
