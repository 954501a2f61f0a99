//go:build wasip1

package main

import "runtime"

// Go's own collections are off in the page (GOGC in wasm/prestart). One that begins within a call slows all of it down by
// its write barriers, and as the collector has no thread of its own here it does not come to an end between calls either. So what
// leaves garbage behind says how much, and it is collected when there is enough of it: what a closed project leaves when the host has
// nothing else to do, since the page is to follow a newer datafile first.

// What a closed project leaves for each byte of its datafile, an OptimizelyConfig for each of its own, and a question about one of a
// project's entities or conditions.
const (
	garbageOfDatafile = 4
	garbageOfConfig   = 2
	garbageOfQuestion = 512
)

// From how many bytes on it is collected, and from how many a host no longer has a say in when.
const (
	worthCollecting = 1 << 20
	tooMuch         = 32 << 20
)

// garbage is how many bytes were left since the last collection, roughly.
var garbage int

// leave counts bytes of garbage. Nothing that an export has yet to give may be in nobody's hands when it is called.
func leave(bytes int) {
	if garbage += bytes; garbage >= worthCollecting {
		garbage = 0
		runtime.GC()
	}
}
