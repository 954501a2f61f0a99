// Package engine decides Optimizely experiments for visitors and writes the events that tell of it: the same answers and the
// same bytes as the official JavaScript SDK 6.6.1, in a web page as WebAssembly (package wasm) and natively in Go.
//
//	e, err := engine.New(datafileText)
//	user := e.NewUser("Matt", map[string]any{"plan": "gold"})
//	variation := e.GetVariation("item-sort", user)
//
// An Engine is a function of (immutable project, user): it has no clock, no randomness, no network and no log. A new datafile is
// a new Engine. Engines may be shared between goroutines; a User belongs to the Engine that made it and to one goroutine.
//
// The work is done in the packages below, which see only what stands to their right:
//
//	engine -> decision, event -> datafile -> audience, bucketing
package engine
