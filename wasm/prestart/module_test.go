package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"sortition/wasm/internal/wasmfile"
)

// small is a module with a memory, two globals and an export that starts it, which changes them.
func small() []byte {
	const globalSet, store8, secondPage = 0x24, 0x3a, "\x80\x80\x04"
	start := []byte{0, opI32Const, 0x7f, globalSet, 0, opI64Const, 0x7e, globalSet, 1} // to -1 and -2
	start = append(append(start, opI32Const), secondPage...)
	start = append(start, opI32Const, 7, store8, 0, 0, opEnd)
	return wasmfile.Join([]wasmfile.Section{
		{ID: 1, Content: []byte{1, 0x60, 0, 0}}, // func()
		{ID: 3, Content: []byte{1, 0}},          // of which there is one
		{ID: memorySection, Content: []byte{1, 0, 2}},
		{ID: globalSection, Content: []byte{2, typeI32, 1, opI32Const, 5, opEnd, typeI64, 1, opI64Const, 6, opEnd}},
		{ID: exportSection, Content: []byte("\x02\x06memory\x02\x00\x0b_initialize\x00\x00")},
		{ID: 10, Content: wasmfile.AppendSized([]byte{1}, start)},
		{ID: dataSection, Content: []byte{1, activeOfZero, opI32Const, 0, opEnd, 2, 'a', 'b'}},
	})
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
