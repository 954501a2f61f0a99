//go:build wasip1

package main

import "runtime"

// The module is started while it is built (wasm/prestart), so whatever is done then costs a page nothing, not even the compiling of
// what does it. It is done for a datafile of medium size: neither the frame nor the heap nor the stack has to grow for it.

const (
	frameForDatafile = 256 << 10
	heapForDatafile  = 3 << 19
	stackForDatafile = 32 << 10
)

func init() {
	growHeap()
	growStack(0)
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
