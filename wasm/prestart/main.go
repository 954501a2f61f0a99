// Command prestart starts a WebAssembly module that Go built, and writes it as it is then: whoever loads it need not start it.
//
// What Go's runtime does at its start is the same every time, as a module has no arguments, and the environment is known. But it runs
// through five hundred functions once, and a browser compiles each when it is first called, on the page's main thread. So the
// start is made here, under wazero, and the memory and the globals that it leaves become those the module begins with; the export that
// starts it goes. Imported clocks have stood still meanwhile, so whatever a page's clock says is later, and imported random bytes were all
// alike: what Go scatters by chance, as the entries of its maps, is scattered alike in every instance.
//
//	prestart MODULE STARTED
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "prestart:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("needs two arguments, the module to read and the file to write, not %d", len(args))
	}
	wasm, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	m, err := readModule(wasm)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	state, err := start(ctx, m)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return os.WriteFile(args[1], m.startedAs(state), 0o644)
}
