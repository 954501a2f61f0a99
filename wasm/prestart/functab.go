package main

import (
	"bytes"
	"encoding/binary"
)

// functab is where Go's runtime looks up what it knows of functions (runtime/symtab.go), in the memory of a program. All of it are parts
// of that memory.
type functab struct {
	units     []byte   // cutab: which files a compilation unit has
	files     []byte   // filetab: their names
	pcvalues  []byte   // pctab: tables of a value by place in a function
	functions [][]byte // runtime._func and what follows each, by number
	buckets   []byte   // findfunctab: functions by place in the code
}

const (
	// pcHeader is what the tables begin with since Go 1.20, where instructions have a size of one and pointers one of eight.
	pcHeader = "\xf1\xff\xff\xff\x00\x00\x01\x08"

	wordSize = 8

	// Fields of a function that say where among pcvalues a table begins, 0 for none: of the stack pointer, of the file and of the line.
	pcspField, pcfileField, pclnField = 16, 20, 24
	// pcdataCount is how many further tables there are, which pcdata lists.
	pcdataCount, pcdata = 28, 44

	// A function has 65 536 places, and a bucket for each 4096 of them.
	bucketSize, bucketPlaces, functionBuckets = 20, 4096, 16
)

// findFunctab finds the tables in a memory, unless this Go lays them out otherwise.
func findFunctab(memory []byte) (*functab, bool) {
	header := bytes.Index(memory, []byte(pcHeader))
	if header < 0 {
		return nil, false
	}
	pointer := binary.LittleEndian.AppendUint64(nil, uint64(header))
	for at := 0; ; at += wordSize {
		next := bytes.Index(memory[at:], pointer)
		if next < 0 {
			return nil, false
		}
		at += next
		if t, ok := functabAt(memory, uint64(at)); ok {
			return t, true
		}
	}
}

// functabAt takes what lies at an address for runtime.moduledata: a pointer to the header, and then slices of which the second to sixth are
// cutab, filetab, pctab, pclntable and ftab, and a pointer to findfunctab.
func functabAt(memory []byte, moduledata uint64) (*functab, bool) {
	ok := true
	var slices [5][]byte
	for i, size := range []uint64{4, 1, 1, 1, 8} {
		header := part(memory, moduledata+wordSize+uint64(i+1)*3*wordSize, 3*wordSize, &ok)
		count := word(header, 1)
		ok = ok && count == word(header, 2) && count <= uint64(len(memory))
		slices[i] = part(memory, word(header, 0), count*size, &ok)
	}
	t := &functab{units: slices[0], files: slices[1], pcvalues: slices[2]}
	pclntable, ftab := slices[3], slices[4]
	for at := 4; ok && at+8 < len(ftab); at += 8 { // the last one is the end
		entry := uint64(binary.LittleEndian.Uint32(ftab[at:]))
		fields := part(pclntable, entry, pcdata, &ok)
		if ok {
			size := pcdata + 4*uint64(binary.LittleEndian.Uint32(fields[pcdataCount:]))
			t.functions = append(t.functions, part(pclntable, entry, size, &ok))
		}
	}
	findfunctab := word(part(memory, moduledata+19*wordSize, wordSize, &ok), 0)
	t.buckets = part(memory, findfunctab, uint64(len(t.functions))*functionBuckets*bucketSize, &ok)
	return t, ok && len(t.functions) > 0
}

// part is a part of a memory; where there is none, it makes ok false.
func part(memory []byte, at, size uint64, ok *bool) []byte {
	if !*ok || at > uint64(len(memory)) || size > uint64(len(memory))-at {
		*ok = false
		return nil
	}
	return memory[at : at+size]
}

// word is one of the words in a part, 0 of a part that is not there.
func word(part []byte, i int) uint64 {
	if part == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(part[i*wordSize:])
}

// tables are where the pc-value tables of a function begin that a running program reads.
func tables(function []byte) (starts []uint32) {
	starts = append(starts, binary.LittleEndian.Uint32(function[pcspField:]))
	for at := pcdata; at < len(function); at += 4 {
		starts = append(starts, binary.LittleEndian.Uint32(function[at:]))
	}
	return starts
}

// measure says how many bytes a pc-value table has, and how many places it is about. It is pairs of numbers, by how much the value differs
// from the one before and for how many places; a difference of 0 but for the first ends it.
func measure(table []byte) (size int, places uint64, err error) {
	r := &reader{rest: table}
	for first := true; r.err == nil; first = false {
		if difference := r.number(); difference == 0 && !first {
			break
		}
		places += r.number()
	}
	return len(table) - len(r.rest), places, r.err
}
