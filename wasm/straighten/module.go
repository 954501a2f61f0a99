package main

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// preamble is what a module of version 1 starts with.
const preamble = "\x00asm\x01\x00\x00\x00"

// codeSection is the number of the section with the functions' bodies.
const codeSection = 10

var errTruncated = errors.New("it ends before it should")

// straighten returns a module whose functions do the same with fewer jumps through tables. An error says which part of the module
// can't be read.
func straighten(module []byte) ([]byte, error) {
	if len(module) < len(preamble) || string(module[:len(preamble)]) != preamble {
		return nil, errors.New("this is no WebAssembly module of version 1")
	}
	out := append(make([]byte, 0, len(module)), preamble...)
	for rest := module[len(preamble):]; len(rest) > 0; {
		id := rest[0]
		section, after, err := cutSized(rest[1:])
		if err == nil && id == codeSection {
			section, err = straightenCode(section)
		}
		if err != nil {
			return nil, fmt.Errorf("section %d: %w", id, err)
		}
		out = appendSized(append(out, id), section)
		rest = after
	}
	return out, nil
}

// straightenCode rewrites the bodies in a code section.
func straightenCode(section []byte) ([]byte, error) {
	count, n := binary.Uvarint(section)
	if n <= 0 {
		return nil, errTruncated
	}
	out := append(make([]byte, 0, len(section)), section[:n]...)
	rest := section[n:]
	for number := range count {
		body, after, err := cutSized(rest)
		if err != nil {
			return nil, fmt.Errorf("function %d: %w", number, err)
		}
		if f, ok := parse(body, number); ok {
			body = f.write(f.regions())
		}
		out = appendSized(out, body)
		rest = after
	}
	return append(out, rest...), nil
}

// cutSized returns what b starts with, which is preceded by its size, and what follows.
func cutSized(b []byte) (content, after []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, errTruncated
	}
	return b[n : n+int(size)], b[n+int(size):], nil
}

func appendSized(out, content []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(content))), content...)
}
