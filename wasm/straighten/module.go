package main

import (
	"encoding/binary"
	"fmt"
	"slices"

	"sortition/wasm/internal/wasmfile"
)

// codeSection is the number of the section with the functions' bodies.
const codeSection = 10

// straighten returns a module whose functions do the same with fewer jumps through tables. An error says which part of the module
// can't be read.
func straighten(wasm []byte) ([]byte, error) {
	sections, err := wasmfile.Split(wasm)
	if err != nil {
		return nil, err
	}
	calls := oneWay{}
	for _, s := range sections {
		if isNames(s) {
			calls.readNames(s.Content)
		}
	}
	for i, s := range sections {
		if s.ID != codeSection {
			continue
		}
		if sections[i].Content, err = straightenCode(s.Content, calls); err != nil {
			return nil, fmt.Errorf("section %d: %w", codeSection, err)
		}
	}
	return wasmfile.Join(slices.DeleteFunc(sections, isNames)), nil
}

// straightenCode rewrites the bodies in a code section.
func straightenCode(section []byte, calls oneWay) ([]byte, error) {
	count, n := binary.Uvarint(section)
	if n <= 0 {
		return nil, wasmfile.ErrTruncated
	}
	out := append(make([]byte, 0, len(section)), section[:n]...)
	rest := section[n:]
	for number := range count {
		body, after, err := wasmfile.CutSized(rest)
		if err != nil {
			return nil, fmt.Errorf("function %d: %w", number, err)
		}
		body = apply(body, narrow, reachStack, calls.leave)
		if f, ok := parse(body, number); ok {
			body = f.write(f.regions())
		}
		out = wasmfile.AppendSized(out, body)
		rest = after
	}
	return append(out, rest...), nil
}
