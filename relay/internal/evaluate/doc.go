// Package evaluate decides for clients that have no engine of their own: it reads what they ask, has the native engine decide by
// a project's datafile, and writes the answers and the events that tell of them. It speaks two protocols:
//
//	agent.go  Optimizely Agent's REST API: decide, and in files of their own activate, track and config
//	ofrep.go  the OpenFeature Remote Evaluation Protocol: one flag, or all of them
//
// A request is a text. What comes back is an answer, which encoding/json or its own WriteJSON writes, and a batch of events, which the
// caller must keep before it gives the answer. What is wrong with a request is a *FieldError. The package keeps no state and knows
// neither HTTP nor a disk; events take their time and uuid from its clock and randomness.
package evaluate
