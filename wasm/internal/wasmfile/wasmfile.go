// Package wasmfile takes WebAssembly modules apart and puts them together again, for the commands that rewrite what Go has built.
package wasmfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// Preamble is what a module of version 1 begins with.
const Preamble = "\x00asm\x01\x00\x00\x00"

// ErrTruncated is the error of what is shorter than it says.
var ErrTruncated = errors.New("it ends before it should")

// Section is one part of a module.
type Section struct {
	ID      byte
	Content []byte
}

// Split returns the sections of a module, which share its memory. An error names the section that can't be read.
func Split(wasm []byte) (sections []Section, err error) {
	if len(wasm) < len(Preamble) || string(wasm[:len(Preamble)]) != Preamble {
		return nil, errors.New("this is no WebAssembly module of version 1")
	}
	for rest := wasm[len(Preamble):]; len(rest) > 0; {
		s := Section{ID: rest[0]}
		if s.Content, rest, err = CutSized(rest[1:]); err != nil {
			return nil, fmt.Errorf("section %d: %w", s.ID, err)
		}
		sections = append(sections, s)
	}
	return sections, nil
}

// Join returns the module that has these sections.
func Join(sections []Section) []byte {
	out := []byte(Preamble)
	for _, s := range sections {
		out = AppendSized(append(out, s.ID), s.Content)
	}
	return out
}

// CutSized returns the bytes that are preceded by their number, and what follows them.
func CutSized(b []byte) (content, after []byte, err error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return nil, nil, ErrTruncated
	}
	return b[n : n+int(size)], b[n+int(size):], nil
}

// AppendSized appends bytes preceded by their number.
func AppendSized(out, content []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(content))), content...)
}

// AppendSigned appends a signed number as WebAssembly does, which is not how encoding/binary does.
func AppendSigned(out []byte, n int64) []byte {
	for ; n < -64 || n > 63; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n)&0x7f)
}

// Rewrite reads the file that the first of two arguments names, and writes what becomes of it to the one that the second names. An
// error names the file.
func Rewrite(args []string, rewrite func(wasm []byte) ([]byte, error)) error {
	if len(args) != 2 {
		return fmt.Errorf("needs two arguments, the module to read and the file to write, not %d", len(args))
	}
	wasm, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	if wasm, err = rewrite(wasm); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return os.WriteFile(args[1], wasm, 0o644)
}
