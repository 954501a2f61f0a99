package main

import (
	"slices"
	"strings"

	"sortition/wasm/internal/wasmfile"
)

// customSection is the number of a section for tools, whose content begins with a name.
const customSection = 0

// oneWay are the functions of Go's runtime that never come back to where they are called: they panic, end the program, or have the caller
// begin anew. It holds those of the module by their numbers, imports counted.
type oneWay map[int64]bool

// isOneWay says so of a function by its name.
func isOneWay(name string) bool {
	name, ok := strings.CutPrefix(name, "runtime.")
	return ok && (strings.HasPrefix(name, "goPanic") || slices.Contains([]string{
		"sigpanic", "morestack", "morestack_noctxt", "throw", "fatal", "gopanic", "panicdivide", "panicshift", "panicwrap", "panicdottypeE", "panicdottypeI",
		"panicnildottype", "panicunsafeslicelen", "panicunsafeslicenilptr", "panicunsafestringlen", "panicunsafestringnilptr",
	}, name))
}

// isNames says whether a section is the one with the names of functions, which only people need.
func isNames(s wasmfile.Section) bool {
	title, _, err := wasmfile.CutSized(s.Content)
	return s.ID == customSection && err == nil && string(title) == "name"
}

// readNames finds them in the section with the names of functions.
func (w oneWay) readNames(content []byte) {
	const functions = 1
	_, rest, _ := wasmfile.CutSized(content)
	for len(rest) > 0 {
		kind := rest[0]
		names, after, err := wasmfile.CutSized(rest[1:])
		if err != nil {
			return
		}
		if kind == functions {
			w.readFunctions(names)
		}
		rest = after
	}
}

func (w oneWay) readFunctions(names []byte) {
	r := operands{code: names, ok: true}
	for range r.unsigned() {
		number := r.unsigned()
		if !r.ok {
			return
		}
		name, after, err := wasmfile.CutSized(r.code[r.at:])
		if err != nil {
			return
		}
		if isOneWay(string(name)) {
			w[number] = true
		}
		r.at = len(r.code) - len(after)
	}
}

// leave has a return behind each call that never comes back. Go writes these calls as all others: they may end early, to switch goroutines, or
// else the function goes on. As it never does, nothing need be at hand for that.
func (w oneWay) leave(code []instruction) (out []instruction) {
	for i := 0; i < len(code); i++ {
		out = append(out, code[i])
		if w.isCalled(code[i:]) {
			out = append(out, instruction{text: []byte{opReturn}}) // with what the call answers: that it ended early
			i += 3
		}
	}
	return out
}

// isCalled says whether code begins with a call of one of them and what Go has follow: it loads the stack pointer, and ends early or goes on.
func (w oneWay) isCalled(code []instruction) bool {
	return len(code) > 3 && code[0].op() == opCall && w[code[0].operand] && code[1].is(opGlobalGet, 0) && code[2].is(opLocalSet, stackPointer) &&
		code[3].op() == opBrIf
}
