// Command straighten gives the functions of a WebAssembly module that Go built the control flow they were compiled from.
//
// WebAssembly has no jumps, only ways out of a block and back to the start of a loop. Go's assembler (cmd/internal/obj/wasm)
// therefore writes the segments of a function, that is, what lies between two places that are jumped to, one after the other into one loop
// that begins with a table of them: a jump sets a number and starts that loop anew. To what compiles the module every segment then
// may follow every other, with any values in its locals.
//
// Here the segments are put in an order in which jumps lead forward, but for those back to the start of a loop, which becomes one of
// WebAssembly if it is entered there only: a jump forward is the way out of a block that ends before its target. The table is left to whoever resumes a function after a call, which is how Go
// switches goroutines, and to the few jumps that are neither. A function that is unlike what Go writes stays as it is.
//
//	straighten MODULE STRAIGHTENED
package main

import (
	"fmt"
	"os"

	"sortition/wasm/internal/wasmfile"
)

func main() {
	if err := wasmfile.Rewrite(os.Args[1:], straighten); err != nil {
		fmt.Fprintln(os.Stderr, "straighten:", err)
		os.Exit(1)
	}
}
