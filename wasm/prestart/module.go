package main

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"sortition/wasm/internal/wasmfile"
)

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
	sections []wasmfile.Section
	globals  []global
	exports  []export
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
	sections, err := wasmfile.Split(wasm)
	if err != nil {
		return nil, err
	}
	m := &module{sections: sections}
	for _, s := range sections {
		if err := m.read(s); err != nil {
			return nil, fmt.Errorf("section %d: %w", s.ID, err)
		}
	}
	return m, nil
}

// read reads what changes of a section.
func (m *module) read(s wasmfile.Section) error {
	r := &reader{rest: s.Content}
	switch s.ID {
	case globalSection:
		for range r.number() {
			m.globals = append(m.globals, r.global())
		}
	case exportSection:
		for range r.number() {
			m.exports = append(m.exports, export{name: string(r.bytes(r.number())), kind: r.byte(), index: r.number()})
		}
	}
	return r.err
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

// with is the module with the content of some of its sections replaced.
func (m *module) with(replaced map[byte][]byte) []byte {
	sections := slices.Clone(m.sections)
	for i, s := range sections {
		if content, ok := replaced[s.ID]; ok {
			sections[i].Content = content
		}
	}
	return wasmfile.Join(sections)
}

func appendExports(out []byte, exports []export) []byte {
	out = binary.AppendUvarint(out, uint64(len(exports)))
	for _, e := range exports {
		out = append(wasmfile.AppendSized(out, []byte(e.name)), e.kind)
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
			out = wasmfile.AppendSigned(append(out, opI32Const), int64(int32(values[i])))
		} else {
			out = wasmfile.AppendSigned(append(out, opI64Const), int64(values[i]))
		}
		out = append(out, opEnd)
	}
	return out
}
