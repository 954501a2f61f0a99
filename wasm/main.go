//go:build wasip1

// Command wasm is the door between the engine and its host, a web page or Node: a WASI reactor whose exports take and return
// integers, with everything else passed through one frame of linear memory (frame.go; README.md describes the boundary).
//
// Its JavaScript side is public/sdk/engine. An export never lets a panic out: it answers failed instead, and the host goes on
// with the same instance. What cannot be recovered, such as memory running out, traps; the host then replaces the instance.
package main

// main is never called: a reactor is initialised and then only answers.
func main() {}
