package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
)

// preamble is what a module of version 1 starts with.
const preamble = "\x00asm\x01\x00\x00\x00"

// The numbers of sections.
const (
	memorySection = 5
	globalSection = 6
	exportSection = 7
	dataSection   = 11
)

const (
	pageSize     = 1 << 16
	kindGlobal   = 3
	typeI32      = 0x7f
	typeI64      = 0x7e
	opI32Const   = 0x41
	opI64Const   = 0x42
	opEnd        = 0x0b
	activeOfZero = 0 // a data segment that is copied into the first memory when the module is instantiated
)

// initialize is the export that starts a reactor.
const initialize = "_initialize"

// module is a WebAssembly module in parts.
type module struct {
	sections []section
	globals  []global
	exports  []export
}

type section struct {
	id      byte
	content []byte
}

// global is a variable of the module without its value.
type global struct{ valueType, mutability byte }

type export struct {
	name  string
	kind  byte
	index uint64
}

// state is what an instance of a module has in its memory and globals.
type state struct {
	memory  []byte
	globals []uint64
}

// readModule takes a module apart. An error says which part of it can't be read.
func readModule(wasm []byte) (*module, error) {
	if len(wasm) < len(preamble) || string(wasm[:len(preamble)]) != preamble {
		return nil, errors.New("this is no WebAssembly module of version 1")
	}
	m := &module{}
	r := &reader{rest: wasm[len(preamble):]}
	for len(r.rest) > 0 && r.err == nil {
		s := section{id: r.byte(), content: r.bytes(r.number())}
		m.sections = append(m.sections, s)
		m.read(s, r)
	}
	return m, r.err
}

// read reads what changes of a section.
func (m *module) read(s section, whole *reader) {
	r := &reader{rest: s.content}
	switch s.id {
	case globalSection:
		for range r.number() {
			m.globals = append(m.globals, r.global())
		}
	case exportSection:
		for range r.number() {
			m.exports = append(m.exports, export{name: string(r.bytes(r.number())), kind: r.byte(), index: r.number()})
		}
	}
	if r.err != nil && whole.err == nil {
		whole.err = fmt.Errorf("section %d: %w", s.id, r.err)
	}
}

// exposed is the module with its globals among its exports, by their numbers.
func (m *module) exposed() []byte {
	exports := m.exports
	for i := range m.globals {
		exports = append(exports[:len(exports):len(exports)], export{name: strconv.Itoa(i), kind: kindGlobal, index: uint64(i)})
	}
	return m.with(map[byte][]byte{exportSection: appendExports(nil, exports)})
}

// startedAs is the module that begins in a state, and has nothing to start it.
func (m *module) startedAs(s *state) []byte {
	var exports []export
	for _, e := range m.exports {
		if e.name != initialize {
			exports = append(exports, e)
		}
	}
	return m.with(map[byte][]byte{
		memorySection: appendMemory(nil, len(s.memory)/pageSize),
		globalSection: appendGlobals(nil, m.globals, s.globals),
		exportSection: appendExports(nil, exports),
		dataSection:   appendData(nil, s.memory),
	})
}

// with is the module with some of its sections replaced.
func (m *module) with(replaced map[byte][]byte) []byte {
	out := []byte(preamble)
	for _, s := range m.sections {
		content, ok := replaced[s.id]
		if !ok {
			content = s.content
		}
		out = appendSized(append(out, s.id), content)
	}
	return out
}

func appendExports(out []byte, exports []export) []byte {
	out = binary.AppendUvarint(out, uint64(len(exports)))
	for _, e := range exports {
		out = append(appendSized(out, []byte(e.name)), e.kind)
		out = binary.AppendUvarint(out, e.index)
	}
	return out
}

// appendMemory appends one memory without a bound.
func appendMemory(out []byte, pages int) []byte {
	return binary.AppendUvarint(append(out, 1, 0), uint64(pages))
}

func appendGlobals(out []byte, globals []global, values []uint64) []byte {
	out = binary.AppendUvarint(out, uint64(len(globals)))
	for i, g := range globals {
		out = append(out, g.valueType, g.mutability)
		if g.valueType == typeI32 {
			out = appendSigned(append(out, opI32Const), int64(int32(values[i])))
		} else {
			out = appendSigned(append(out, opI64Const), int64(values[i]))
		}
		out = append(out, opEnd)
	}
	return out
}

// appendSigned appends a signed number as WebAssembly does, which is not how encoding/binary does.
func appendSigned(out []byte, n int64) []byte {
	for ; n < -64 || n > 63; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n)&0x7f)
}

func appendSized(out, content []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(content))), content...)
}
