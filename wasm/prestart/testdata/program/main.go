// Command program is a reactor that remembers what it did when it was started.
package main

import (
	"runtime"
	"slices"
	"strings"
)

var (
	words   = map[string]int{}
	answers = make(chan int, 1)
	turn    int64
)

func init() {
	for i, word := range strings.Fields("the quick brown fox jumps over the lazy dog") {
		words[word] += i
	}
	go func() {
		for word := range words {
			turn += int64(words[word])
		}
		answers <- 40
	}()
	runtime.Gosched()
}

func main() {}

//go:wasmexport word
func word(n int32) int32 { return int32(words[strings.Fields("the fox dog")[n]]) }

// next counts its calls, and what is left of the start, on the stack of another goroutine.
//
//go:wasmexport next
func next() int64 {
	done := make(chan int64)
	go func() { turn++; done <- turn }()
	return <-done
}

//go:wasmexport answer
func answer() int32 { return int32(<-answers) }

//go:wasmexport collect
func collect(megabytes int32) int32 {
	var kept [][]byte
	for range megabytes {
		kept = append(kept, make([]byte, 1<<20))
	}
	runtime.GC()
	return int32(len(kept) + len(words))
}

// deep keeps pointers on a stack that grows and is scanned, and leaves it by a panic that every second call hands on.
//
//go:wasmexport deep
func deep(calls int32) (answer int32) {
	defer func() { answer = int32(len(recover().([]byte))) }()
	descend(calls, make([]byte, calls))
	return 0
}

func descend(calls int32, kept []byte) {
	var room [256]byte
	if calls == 0 {
		runtime.GC()
		panic(kept)
	}
	if calls%2 == 0 {
		defer func() { panic(append(recover().([]byte), room[calls%8])) }()
	}
	descend(calls-1, slices.Clone(kept))
}
