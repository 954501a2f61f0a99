package main

import (
	"encoding/binary"
	"errors"
	"fmt"

	"sortition/wasm/internal/wasmfile"
)

// reader reads parts of a module one after the other. The first error stays, and what is read after it is nothing.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

func (r *reader) bytes(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail(wasmfile.ErrTruncated)
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

// number reads an unsigned number.
func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail(errors.New("a number is cut off"))
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// global reads a global and passes over its value, which must be a constant.
func (r *reader) global() global {
	g := global{valueType: r.byte(), mutability: r.byte()}
	if op := r.byte(); op != opI32Const && op != opI64Const {
		r.fail(fmt.Errorf("a global begins with instruction %#x, not with an integer", op))
	}
	for r.byte()&0x80 != 0 {
	}
	if r.byte() != opEnd {
		r.fail(errors.New("a global begins with more than one integer"))
	}
	return g
}
