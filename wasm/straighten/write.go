package main

import (
	"encoding/binary"
	"slices"

	"sortition/wasm/internal/wasmfile"
)

// label is what a branch leads to.
type label struct {
	kind    labelKind
	segment int
}

type labelKind int

const (
	inside  labelKind = iota // the end or start of a block of the segment itself
	before                   // the end of the block before a segment
	repeat                   // the start of the loop that a segment is the head of
	table                    // the table
	trap                     // what ends the program, since nothing has a reason to go there
	unwound                  // what ends the function early
)

// writer writes the body of a function.
type writer struct {
	f        *function
	listed   []bool         // the segments that the table leads to
	branched map[label]bool // what was branched to
	wanted   map[label]bool // the blocks that are written, or nil for all of them
	out      []byte
	open     []label // of the blocks that were written and have no end yet, outermost first
}

// write returns the body of the function with its segments in the order of the regions. It is written twice, as only then is known which
// blocks are branched to: the others are left out.
func (f *function) write(regions []region) []byte {
	draft := writer{f: f, listed: make([]bool, len(f.segments)), branched: map[label]bool{}}
	for i, s := range f.segments {
		draft.listed[i] = s.resumed
	}
	draft.body(regions)
	final := writer{f: f, listed: draft.listed, branched: map[label]bool{}, wanted: draft.branched}
	final.body(regions)
	return final.out
}

func (w *writer) body(regions []region) {
	w.out = slices.Clone(w.f.head)
	w.begin(opBlock, label{kind: unwound})
	w.begin(opLoop, label{kind: table})
	w.blocks(regions)
	w.table()
	w.end(label{before, regions[0].head})
	w.items(regions, len(w.f.segments))
	w.end(label{kind: table})
	w.out = append(w.out, opUnreachable)
	if w.end(label{kind: unwound}) {
		w.out = append(w.out, opI32Const, 1)
	}
	w.out = append(w.out, opEnd)
}

// blocks begins the blocks that end before regions, the last one's first.
func (w *writer) blocks(regions []region) {
	for _, r := range slices.Backward(regions) {
		w.begin(opBlock, label{before, r.head})
	}
}

// table writes what leads to the segments by number. Zero is what the function is called with, and nearly always it.
func (w *writer) table() {
	w.begin(opBlock, label{kind: trap})
	w.out = append(w.out, opLocalGet, 0, opI32Eqz, opBrIf)
	w.to(label{kind: before})
	w.out = append(w.out, opLocalGet, 0, opBrTable)
	w.out = binary.AppendUvarint(w.out, uint64(len(w.f.table)-1))
	for _, segment := range w.f.table {
		if w.listed[segment] {
			w.to(label{before, segment})
		} else {
			w.to(label{kind: trap})
		}
	}
	w.end(label{kind: trap})
	w.out = append(w.out, opUnreachable)
}

// items writes regions one after the other, after which the segment next will follow.
func (w *writer) items(regions []region, next int) {
	for i, r := range regions {
		if i > 0 {
			w.end(label{before, r.head})
		}
		follows := next
		if i+1 < len(regions) {
			follows = regions[i+1].head
		}
		if r.items == nil {
			w.segment(r.head, follows)
			continue
		}
		w.begin(opLoop, label{repeat, r.head})
		w.blocks(r.items[1:])
		w.items(r.items, follows)
		w.end(label{repeat, r.head})
	}
}

// segment writes a segment after which the one called next will follow.
func (w *writer) segment(number, next int) {
	s := w.f.segments[number]
	for i, p := range s.parts {
		switch p.kind {
		case plain:
			w.out = append(w.out, p.text...)
		case open:
			w.begin(p.text[0], label{})
		case closed:
			w.end(label{})
		case unwind:
			w.out = append(w.out, p.text...)
			w.to(label{kind: unwound})
		case jump:
			if p.to != next || i+1 < len(s.parts) {
				w.jump(p.to)
			}
		}
	}
	if s.falls && number+1 != next {
		w.jump(number + 1)
	}
}

// jump goes on with a segment, or where nothing is: after the last one.
func (w *writer) jump(to int) {
	switch {
	case to == len(w.f.segments):
		w.out = append(w.out, opUnreachable)
	case slices.Contains(w.open, label{repeat, to}):
		w.out = append(w.out, opBr)
		w.to(label{repeat, to})
	case slices.Contains(w.open, label{before, to}):
		w.out = append(w.out, opBr)
		w.to(label{before, to})
	default:
		w.listed[to], w.branched[label{before, to}] = true, true
		w.out = wasmfile.AppendSigned(append(w.out, opI32Const), int64(slices.Index(w.f.table, to)))
		w.out = append(w.out, opLocalSet, 0, opBr)
		w.to(label{kind: table})
	}
}

// begin writes the start of a block with that label, if it is wanted.
func (w *writer) begin(op byte, l label) {
	if w.wanted == nil || w.wanted[l] || l.kind == inside {
		w.out = append(w.out, op, noResult)
		w.open = append(w.open, l)
	}
}

// end writes the end of the block with that label and says whether it was begun.
func (w *writer) end(l label) bool {
	last := len(w.open) - 1
	if last < 0 || w.open[last] != l {
		return false
	}
	w.out = append(w.out, opEnd)
	w.open = w.open[:last]
	return true
}

// to writes how many blocks lie between here and the one with that label, which must be open.
func (w *writer) to(l label) {
	w.branched[l] = true
	for i, open := range slices.Backward(w.open) {
		if open == l {
			w.out = binary.AppendUvarint(w.out, uint64(len(w.open)-1-i))
			return
		}
	}
	panic("a branch leads to a block that is not open")
}
