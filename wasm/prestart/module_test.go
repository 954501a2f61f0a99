package main

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
)

// small is a module with a memory, two globals and an export that starts it, which changes them.
func small() []byte {
	const globalSet, store8, secondPage = 0x24, 0x3a, "\x80\x80\x04"
	start := []byte{0, opI32Const, 0x7f, globalSet, 0, opI64Const, 0x7e, globalSet, 1} // to -1 and -2
	start = append(append(start, opI32Const), secondPage...)
	start = append(start, opI32Const, 7, store8, 0, 0, opEnd)
	out := []byte(preamble)
	for _, s := range []section{
		{1, []byte{1, 0x60, 0, 0}}, // func()
		{3, []byte{1, 0}},          // of which there is one
		{memorySection, []byte{1, 0, 2}},
		{globalSection, []byte{2, typeI32, 1, opI32Const, 5, opEnd, typeI64, 1, opI64Const, 6, opEnd}},
		{exportSection, []byte("\x02\x06memory\x02\x00\x0b_initialize\x00\x00")},
		{10, appendSized([]byte{1}, start)},
		{dataSection, []byte{1, activeOfZero, opI32Const, 0, opEnd, 2, 'a', 'b'}},
	} {
		out = appendSized(append(out, s.id), s.content)
	}
	return out
}

func TestMemoryAndGlobalsAreThoseAfterTheStart(t *testing.T) {
	m, err := readModule(small())
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if got := s.globals; len(got) != 2 || int32(got[0]) != -1 || int64(got[1]) != -2 {
		t.Errorf("globals %v", got)
	}
	want := make([]byte, 2*pageSize)
	want[0], want[1], want[pageSize] = 'a', 'b', 7
	if !bytes.Equal(s.memory, want) {
		t.Error("the memory is another")
	}
	runtime := wazero.NewRuntime(t.Context())
	defer runtime.Close(t.Context()) //nolint:errcheck // nothing is lost with it
	again, err := readModule(m.startedAs(s))
	if err != nil {
		t.Fatal(err)
	}
	instance, err := runtime.Instantiate(t.Context(), again.exposed())
	if err != nil {
		t.Fatal(err)
	}
	memory, _ := instance.Memory().Read(0, instance.Memory().Size())
	if !bytes.Equal(memory, want) || int64(instance.ExportedGlobal("1").Get()) != -2 || instance.ExportedFunction(initialize) != nil {
		t.Error("the started module begins otherwise")
	}
}

func TestWhatIsNoModule(t *testing.T) {
	whole := small()
	floats := bytes.Replace(whole, []byte{typeI64, 1, opI64Const, 6}, []byte{0x7d, 1, 0x43, 6}, 1)
	for _, test := range []struct {
		name, says string
		wasm       []byte
	}{
		{"no module at all", "no WebAssembly module", []byte("#!/bin/sh\n")},
		{"a section that is cut off", "it ends before it should", whole[:len(whole)-1]},
		{"a global that is no integer", "section 6: a global begins with instruction 0x43", floats},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := readModule(test.wasm); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one with %q", err, test.says)
			}
		})
	}
}

func TestSignedNumbersReadAsTheyWereWritten(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 63, 64, -64, -65, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64} {
		var got int64
		written := appendSigned(nil, n)
		for i, b := range written {
			got |= int64(b&0x7f) << (7 * i)
			if shift := 7 * (i + 1); b&0x40 != 0 && i == len(written)-1 && shift < 64 {
				got |= -1 << shift
			}
		}
		if got != n {
			t.Errorf("%d was written as % x, which is %d", n, written, got)
		}
	}
}

func FuzzData(f *testing.F) {
	f.Add([]byte("a\x00\x00b\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00c\x00"))
	f.Fuzz(func(t *testing.T, memory []byte) {
		r := &reader{rest: appendData(nil, memory)}
		got := make([]byte, len(memory))
		for range r.number() {
			r.bytes(2)
			at, shift := uint64(0), 0
			for more := true; more; shift += 7 {
				b := r.byte()
				at, more = at|uint64(b&0x7f)<<shift, b&0x80 != 0
			}
			r.byte()
			copy(got[at:], r.bytes(r.number()))
		}
		if !bytes.Equal(got, memory) || r.err != nil {
			t.Errorf("memory %x became %x, %v", memory, got, r.err)
		}
	})
}

func FuzzReadModule(f *testing.F) {
	f.Add(small())
	f.Fuzz(func(t *testing.T, wasm []byte) {
		m, err := readModule(wasm)
		if err != nil {
			return
		}
		again, err := readModule(m.exposed())
		if err != nil || len(again.globals) != len(m.globals) {
			t.Errorf("%d globals became %v, %v", len(m.globals), again, err)
		}
	})
}
