package main

import "encoding/binary"

// Opcodes of instructions for numbers of 32 and of 64 bits. What loads parts of 64 bits comes in the same order as what loads these to 32.
const (
	opI64Load   = 0x29
	opI32Load8  = 0x2c
	opI64Load8  = 0x30
	opI64LoadS4 = 0x34 // with sign
	opI64Eqz    = 0x50
	opExtendS4  = 0xc4 // what has 32 bits, with sign
)

// narrow has fewer instructions for numbers of 32 bits: for the compiler all integers have 64, so it makes 64 of what is used as 32 soon
// after.
func narrow(code []instruction) (out []instruction) {
	for _, i := range code {
		out = appendNarrowed(out, i)
	}
	return out
}

// appendNarrowed appends an instruction, in one with those that it follows if there is one that does the same.
func appendNarrowed(code []instruction, next instruction) []instruction {
	last, before := opBefore(code, 1), opBefore(code, 2)
	switch rest := code[:max(len(code)-1, 0)]; next.op() {
	case opWrap:
		switch {
		case last == opI64Const:
			return append(rest, constant(int64(int32(code[len(rest)].operand)))) //nolint:gosec // the upper bits are what is cut off
		case last == opI64Load, opI64Load8 <= last && last <= opI64Load32:
			return append(rest, narrowLoad(code[len(rest)]))
		case last == opExtend:
			return rest
		}
	case opI64Eqz:
		if last == opExtend {
			return append(rest, instruction{text: []byte{opI32Eqz}})
		}
	case opExtendS4:
		if last == opI64LoadS4 {
			return code
		}
	case opIf, opBrIf:
		if last == opI32Eqz && before == opI32Eqz {
			return append(code[:len(code)-2], next)
		}
	}
	return append(code, next)
}

// opBefore is the opcode of the last instruction, or of one that many before it.
func opBefore(code []instruction, n int) byte {
	if len(code) < n {
		return opNop
	}
	return code[len(code)-n].op()
}

// narrowLoad loads the lower 32 bits of what an instruction loads.
func narrowLoad(i instruction) instruction {
	op := byte(opI32Load)
	if opI64Load8 <= i.op() && i.op() < opI64LoadS4 {
		op = i.op() - opI64Load8 + opI32Load8
	}
	alignment, n := binary.Uvarint(i.text[1:])
	text := binary.AppendUvarint([]byte{op}, min(alignment, 2)) // no more than the bytes that are loaded
	return instruction{text: append(text, i.text[1+n:]...), operand: int64(min(alignment, 2))}
}
