package main

import (
	"fmt"
	"strings"
	"testing"
)

// mnemonics are the instructions that bodies are written with here. A `call N` stands for what Go writes before a call that returns to N.
var mnemonics = map[string]byte{
	"unreachable": opUnreachable, "nop": opNop, "block": opBlock, "loop": opLoop, "if": opIf, "end": opEnd, "br": opBr, "br_if": opBrIf,
	"br_table": opBrTable, "return": opReturn, "get": opLocalGet, "set": opLocalSet, "i32": opI32Const, "eqz": opI32Eqz, "i64": opI64Const,
	"tee": opLocalTee, "gget": opGlobalGet, "gset": opGlobalSet, "load": opI64Load, "store": 0x37, "add32": opI32Add, "add64": opI64Add, "wrap": opWrap,
	"extend": opExtend, "load32": opI32Load, "load8u": opI64Load8 + 1, "load8u32": opI32Load8 + 1, "load32s": opI64LoadS4, "extend32s": opExtendS4,
	"eqz64": opI64Eqz,
}

// assemble returns the body of a function without locals, of instructions that are separated by semicolons.
func assemble(tb testing.TB, text string) []byte {
	tb.Helper()
	body := []byte{0}
	for line := range strings.SplitSeq(text, ";") {
		words := strings.Fields(line)
		if words[0] == "call" {
			body = appendCall(body, words[1])
			continue
		}
		op, ok := mnemonics[words[0]]
		if !ok {
			tb.Fatalf("no such instruction: %s", line)
		}
		body = append(body, op)
		switch op {
		case opBlock, opLoop, opIf:
			body = append(body, noResult)
		case opBrTable:
			body = append(body, byte(len(words)-2))
		}
		for _, word := range words[1:] {
			body = append(body, number(tb, word))
		}
	}
	return body
}

// appendCall appends a call as Go writes it, of function 0 by itself, which returns to a number below 64.
func appendCall(body []byte, to string) []byte {
	body = append(body, opLocalGet, 1, opI32Const, 8, 0x6b, 0x22, 1, 0x24, 0, opLocalGet, 1)
	body = append(body, opI64Const, 0x80|to[0]-'0', 0x80, 0x80, 0x80, 0x01)
	return append(body, 0x37, 3, 0, opI32Const, 0, 0x10, 0)
}

// disassemble is the reverse of assemble.
func disassemble(tb testing.TB, body []byte) string {
	tb.Helper()
	names := map[byte]string{}
	for name, op := range mnemonics {
		names[op] = name
	}
	rest, ok := afterLocals(body)
	if !ok {
		tb.Fatalf("no locals: %x", body)
	}
	call := appendCall(nil, "0")
	var lines []string
	for len(rest) > 0 {
		if len(rest) >= len(call) && string(rest[:callStart*2-1]) == string(call[:callStart*2-1]) {
			lines = append(lines, fmt.Sprintf("call %d", rest[callStart*2]&0x7f))
			rest = rest[len(call):]
			continue
		}
		i, ok := decode(rest)
		if !ok {
			tb.Fatalf("can't be decoded: %x", rest)
		}
		rest = rest[len(i.text):]
		line := names[i.op()]
		for k, operand := range i.text[1:] {
			if operand != noResult && (i.op() != opBrTable || k > 0) {
				line += fmt.Sprintf(" %d", operand)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

func number(tb testing.TB, word string) byte {
	tb.Helper()
	var n byte
	if _, err := fmt.Sscan(word, &n); err != nil {
		tb.Fatalf("%s: %v", word, err)
	}
	return n
}

func TestBodies(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{{
		"a jump forward leaves the block before its target",
		"loop; block; block; block; get 0; br_table 0 1 2 2; end; get 2; if; i32 2; set 0; br 3; end; end; nop; end; return; end; unreachable; end",
		"block; block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 0 0; end; unreachable; end; get 2; if; br 1; end; nop; end; return; unreachable; end",
	}, {
		"a jump to what follows is nothing",
		"loop; block; block; get 0; br_table 0 1 1; end; nop; i32 1; set 0; br 1; end; return; end; unreachable; end",
		"block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 0; end; unreachable; end; nop; return; unreachable; end",
	}, {
		"a loop whose condition is behind what it repeats begins with the condition",
		"loop; block; block; block; block; get 0; br_table 0 1 2 3 3; end; i32 2; set 0; br 3; end; nop; " +
			"end; get 2; if; i32 1; set 0; br 2; end; end; return; end; unreachable; end",
		"block; block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 0 0 0; end; unreachable; end; " +
			"loop; block; get 2; if; br 1; end; br 2; end; nop; br 0; end; end; return; unreachable; end",
	}, {
		"a loop within a loop is one as well",
		"loop; block; block; block; block; get 0; br_table 0 1 2 3 3; end; nop; end; nop; end; get 2; if; i32 2; set 0; br 2; end; " +
			"get 3; if; i32 1; set 0; br 2; end; end; return; end; unreachable; end",
		"block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 0 0 0; end; unreachable; end; nop; " +
			"loop; nop; loop; get 2; if; br 1; end; get 3; if; br 2; end; end; end; return; unreachable; end",
	}, {
		"a loop that goes on after a call in its midst jumps through the table",
		"block; loop; block; block; block; block; get 0; br_table 0 1 2 3 3; end; nop; end; nop; call 2; br_if 3; end; get 2; if; i32 1; set 0; br 2; end; " +
			"end; return; end; unreachable; end; i32 1; end",
		"block; loop; block; block; block; block; get 0; eqz; br_if 1; get 0; br_table 1 3 2 0 0; end; unreachable; end; nop; br 1; end; " +
			"get 2; if; br 1; end; return; end; nop; call 2; br_if 1; i32 2; set 0; br 0; end; unreachable; end; i32 1; end",
	}, {
		"a loop that is entered in two places jumps through the table",
		"loop; block; block; block; get 0; br_table 0 1 2 2; end; get 2; if; i32 2; set 0; br 3; end; end; nop; end; get 2; if; i32 1; set 0; br 1; end; return; " +
			"end; unreachable; end",
		"loop; block; block; block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 2 2; end; unreachable; end; get 2; if; br 1; end; br 1; end; " +
			"get 2; if; br 1; end; return; end; nop; i32 2; set 0; br 0; end; unreachable; end",
	}, {
		"so does one with such a loop in its midst, as the table would lead into it",
		"loop; block; block; block; block; get 0; br_table 0 1 2 3 3; end; nop; end; get 2; if; i32 3; set 0; br 3; end; end; nop; end; " +
			"get 3; if; i32 2; set 0; br 1; end; get 4; if; i32 1; set 0; br 1; end; return; end; unreachable; end",
		"loop; block; block; block; block; block; get 0; eqz; br_if 1; get 0; br_table 1 2 0 3 3; end; unreachable; end; nop; end; get 2; if; br 1; end; br 1; end; " +
			"get 3; if; br 1; end; get 4; if; i32 1; set 0; br 2; end; return; end; nop; i32 3; set 0; br 0; end; unreachable; end",
	}, {
		"a loop of which a part is written behind it has that part within",
		"loop; block; block; block; block; block; get 0; br_table 0 1 2 3 4 4; end; nop; end; get 2; if; i32 3; set 0; br 4; end; end; " +
			"get 3; if; i32 1; set 0; br 3; end; return; end; nop; i32 2; set 0; br 1; end; unreachable; end; unreachable; end",
		"block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 0 0 0 0; end; unreachable; end; nop; " +
			"loop; block; block; get 2; if; br 1; end; br 1; end; nop; end; get 3; if; br 1; end; return; end; unreachable; end",
	}, {
		"the table leads to a call at a segment's start, where deferred ones are made",
		"block; loop; block; block; block; get 0; br_table 0 1 2 2; end; return; end; nop; call 2; br_if 2; end; return; end; unreachable; end; i32 1; end",
		"block; block; block; block; get 0; eqz; br_if 0; get 0; br_table 0 1 2 2; unreachable; end; return; end; nop; call 2; br_if 1; end; " +
			"return; unreachable; end; i32 1; end",
	}, {
		"nobody goes on after a call that never comes back, nor is that written to which nothing leads",
		"block; loop; block; block; block; get 0; br_table 0 1 2 2; end; nop; call 2; return; end; get 2; end; return; end; unreachable; end; i32 1; end",
		"block; block; get 0; eqz; br_if 1; get 0; br_table 1 0 0 0; end; unreachable; end; nop; call 2; return; unreachable; end",
	}} {
		t.Run(test.name, func(t *testing.T) {
			body := assemble(t, test.body)
			f, ok := parse(body, 0)
			if !ok {
				t.Fatal("was not read")
			}
			if got := disassemble(t, f.write(f.regions())); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestUnlikeGo(t *testing.T) {
	for _, test := range []struct{ name, body string }{
		{"no table", "nop; return; end"},
		{"a loop and no table", "loop; nop; br 0; end; unreachable; end"},
		{"a table that leads out of its blocks", "loop; block; block; get 0; br_table 0 2 1; end; nop; end; return; end; unreachable; end"},
		{"another table in a segment", "loop; block; block; get 0; br_table 0 1 1; end; get 2; br_table 0 0; end; return; end; unreachable; end"},
		{"a way to the table without a number", "loop; block; block; get 0; br_table 0 1 1; end; br 1; end; return; end; unreachable; end"},
		{"a way out of everything that nothing is made for", "loop; block; block; get 0; br_table 0 1 1; end; br 2; end; return; end; unreachable; end"},
		{"a call that begins in the midst", "loop; block; block; get 0; br_table 1 0 1; end; nop; end; return; end; unreachable; end"},
		{"something else after the loop", "loop; block; block; get 0; br_table 0 1 1; end; nop; end; return; end; nop; end"},
		{"nothing after the loop", "loop; block; block; get 0; br_table 0 1 1; end; nop; end; return; end"},
		{"no end", "loop; block; block; get 0; br_table 0 1 1; end; nop"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, ok := parse(assemble(t, test.body), 0); ok {
				t.Error("was taken for a function of Go")
			}
		})
	}
}
