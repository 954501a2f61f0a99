// Package engine decides Optimizely flags and experiments for visitors and writes the events that tell of it: the same answers and
// the same bytes as the official JavaScript SDK 6.6.1, in a web page as WebAssembly (package wasm) and natively in Go.
//
//	e, err := engine.New(datafileText)                                    // says what is wrong with a datafile, and where
//	user := e.NewUser("Matt", map[string]any{"plan": "gold"})
//	d := e.Decide("shelf", user)                                          // a flag: rule, variation, source
//	variables := e.AppendVariables(nil, &d)                               // as JSON
//	variation := e.GetVariation("item-sort", user)                        // an experiment by itself, nil for none
//
// A user may carry more: forced decisions (User.ForceDecision, User.ForceRule) and variations (User.Forced), segments that
// qualify them (User.Segments), what they had before (User.Profile), and Reasons, which then hold why each decision came about,
// in the official SDK's words.
//
// An Engine is a function of (immutable project, user): it has no clock, no randomness, no network and no log; events take their
// time and uuid as a Moment. A new datafile is a new Engine. Engines may be shared between goroutines; a User belongs to the Engine
// that made it and to one goroutine. Decide and GetVariation allocate nothing unless the user has forced decisions or asks for
// reasons. A bandit (CMAB), whose variations a service predicts, is passed over, as the official SDK's synchronous calls do.
//
// The work is done in the packages below, which see only what stands to their right:
//
//	engine -> decision, event -> datafile -> audience, bucketing
//	                    view  -> datafile                          what applications see of a project besides
package engine
