// Command prestart starts a WebAssembly module that Go built, and writes it as it is then: whoever loads it need not start it.
//
// What Go's runtime does at its start is the same every time, as a module has no arguments, and the environment is known. But it runs
// through hundreds of functions once, and a browser compiles each when it is first called, on the page's main thread. So the
// start is made here, under wazero, and the memory and the globals that it leaves become those the module begins with; the export that
// starts it goes. Imported clocks have stood still meanwhile, so whatever a page's clock says is later, and imported random bytes were all
// alike: what Go scatters by chance, as the entries of its maps, is scattered alike in every instance.
//
// What is left out besides is which lines the program was written in: a trace that Go prints has names of functions only.
//
//	prestart MODULE STARTED
package main

import (
	"context"
	"fmt"
	"os"

	"sortition/wasm/internal/wasmfile"
)

func main() {
	if err := wasmfile.Rewrite(os.Args[1:], prestart); err != nil {
		fmt.Fprintln(os.Stderr, "prestart:", err)
		os.Exit(1)
	}
}

// prestart returns a module that is as another one is after its start.
func prestart(wasm []byte) ([]byte, error) {
	m, err := readModule(wasm)
	if err != nil {
		return nil, err
	}
	state, err := start(context.Background(), m)
	if err != nil {
		return nil, err
	}
	forgetLines(state.memory)
	return m.startedAs(state), nil
}
