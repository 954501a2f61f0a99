//go:build wasip1

package main

import (
	"runtime"
	"unsafe"
)

// The module is started while it is built (wasm/prestart), so whatever is done then costs a page nothing, not even the compiling of
// what does it. It is done for a datafile of medium size: neither the frame nor the heap nor the stack has to grow for it, nor has Go's
// allocator to look for memory, which is a lot to compile.

const (
	frameForDatafile = 256 << 10
	heapForDatafile  = 3 << 19
	stackForDatafile = 32 << 10
	listsForDatafile = 400
)

func init() {
	growHeap()
	growStack(0)
	growLists()
	takePages()
}

// growHeap leaves free pages.
func growHeap() {
	runtime.KeepAlive(make([]byte, heapForDatafile))
	runtime.GC()
}

// growStack has the stack grow, on which every export runs. It comes after growHeap, as a collection shrinks stacks.
//
//go:noinline
func growStack(at int) byte {
	var room [stackForDatafile]byte
	return room[at]
}

// growLists leaves room for lists on their way to some length: where the allocator has none for one of a size, it makes room for several.
func growLists() {
	for range listsForDatafile {
		left.words, left.texts = append(left.words, nil), append(left.texts, "")
		left.rows, left.bytes = append(left.rows, [3]string{}), append(left.bytes, 0)
	}
	left.words, left.texts, left.rows, left.bytes = nil, nil, nil, nil
}

// The allocator has pages at hand, up to so many that lie together and begin where so many bytes do.
const (
	pageSize    = 8 << 10
	pagesAtHand = 64
)

// takePages takes the pages at hand until the allocator goes on to the next ones, of which it has all at hand.
func takePages() {
	for range pagesAtHand {
		left.page = new([pageSize]byte)
		if uintptr(unsafe.Pointer(left.page))%(pagesAtHand*pageSize) == 0 {
			break
		}
	}
	left.page = nil
}

// left is garbage that is made for what it leaves behind.
var left struct {
	page  *[pageSize]byte
	words []*byte
	texts []string
	rows  [][3]string
	bytes []byte
}
