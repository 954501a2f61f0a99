package main

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"sortition/wasm/internal/wasmtest"
)

// Where the parts of a memory of one function lie.
const (
	headerAt, moduledataAt, unitsAt, filesAt, pcvaluesAt, pclntableAt, bucketsAt = 64, 128, 320, 336, 352, 400, 512

	functionAt = pclntableAt + 16
	memoryEnd  = bucketsAt + functionBuckets*bucketSize
)

// oneFunction is a memory with the tables of one function of a hundred places: one of the stack pointer, of files, of lines and of data.
func oneFunction() []byte {
	memory := make([]byte, memoryEnd)
	copy(memory[headerAt:], pcHeader)
	words := []uint64{
		headerAt, 0, 0, 0, // names are not looked at
		unitsAt, 2, 2,
		filesAt, 8, 8,
		pcvaluesAt, 32, 32,
		pclntableAt, functionAt + 48 - pclntableAt, functionAt + 48 - pclntableAt,
		pclntableAt, 2, 2,
		bucketsAt,
	}
	for i, w := range words {
		binary.LittleEndian.PutUint64(memory[moduledataAt+i*wordSize:], w)
	}
	copy(memory[unitsAt:], "unitunit")
	copy(memory[filesAt:], "main.go\x00")
	copy(memory[pcvaluesAt:], []byte{0, 2, 100, 0x7f, 4, 1, 0, 0, 9, 9, 0, 6, 6, 0, 0, 5, 0}) // at 1, 8, 11 and 14
	ftab := []uint32{0, functionAt - pclntableAt, 1 << 16, 0}
	for i, half := range ftab {
		binary.LittleEndian.PutUint32(memory[pclntableAt+4*i:], half)
	}
	for field, half := range map[int]uint32{pcspField: 1, pcfileField: 8, pclnField: 11, pcdataCount: 1, pcdata: 14} {
		binary.LittleEndian.PutUint32(memory[functionAt+field:], half)
	}
	for i := bucketsAt; i < memoryEnd; i++ {
		memory[i] = 1
	}
	return memory
}

func TestWhatOnlyTracesNeedIsForgotten(t *testing.T) {
	memory := oneFunction()
	want := slices.Clone(memory)
	clear(want[unitsAt:][:8])
	clear(want[filesAt:][:8])
	clear(want[pcvaluesAt+8:][:6])
	clear(want[functionAt+pcfileField:][:8])
	clear(want[bucketsAt+bucketSize:])
	if forgetLines(memory); !bytes.Equal(memory, want) {
		t.Errorf("got  %x\nwant %x", memory, want)
	}
}

func TestAFunctionOfManyPlacesKeepsItsBuckets(t *testing.T) {
	memory := oneFunction()
	copy(memory[pcvaluesAt+1:], []byte{2, 0x80, 0x40, 0}) // 8192
	forgetLines(memory)
	if buckets := memory[bucketsAt:]; buckets[3*bucketSize-1] != 1 || buckets[3*bucketSize] != 0 {
		t.Errorf("buckets %x: not three of them", buckets)
	}
}

func TestTablesThatAreUnlikeStayAsTheyAre(t *testing.T) {
	for name, changed := range map[string]map[int]byte{
		"another header":                      {headerAt: 0xf2},
		"no module data that has it":          {moduledataAt: 1},
		"a slice with more room than it has":  {moduledataAt + 6*wordSize: 3},
		"a slice that ends behind the memory": {moduledataAt + 10*wordSize + 2: 1},
		"a function that lies elsewhere":      {pclntableAt + 7: 1},
		"more tables than there is room for":  {functionAt + pcdataCount: 2},
		"a table that begins elsewhere":       {functionAt + pcspField: 33},
		"a table that does not end":           {functionAt + pcdata: 31, pcvaluesAt + 31: 0x80},
		"buckets that lie elsewhere":          {moduledataAt + 19*wordSize + 3: 1},
		"buckets that end behind the memory":  {moduledataAt + 19*wordSize: 1},
	} {
		t.Run(name, func(t *testing.T) {
			memory := oneFunction()
			for at, b := range changed {
				memory[at] = b
			}
			want := slices.Clone(memory)
			if forgetLines(memory); !bytes.Equal(memory, want) {
				t.Error("it was changed")
			}
		})
	}
}

func TestAProgramKeepsTheNamesOfFunctionsAndNotOfFiles(t *testing.T) {
	built := wasmtest.MustBuild(t, "./testdata/program", "-buildmode=c-shared")
	started := mustPrestart(t, built)
	for name, kept := range map[string]bool{"main.collect": true, "runtime/mgc.go": false} {
		if !bytes.Contains(built, []byte(name)) {
			t.Errorf("Go did not write %s", name)
		}
		if bytes.Contains(started, []byte(name)) != kept {
			t.Errorf("%s: kept %v", name, !kept)
		}
	}
}

func FuzzForgetLines(f *testing.F) {
	f.Add(oneFunction())
	f.Fuzz(func(t *testing.T, memory []byte) {
		size := len(memory)
		if forgetLines(memory); len(memory) != size {
			t.Error("the memory has another size")
		}
	})
}
