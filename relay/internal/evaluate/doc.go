// Package evaluate decides for clients that have no engine of their own: it reads what they ask, has the native engine decide by
// a project's datafile, and writes the answers and the events that tell of them. Two protocols are spoken, a file each:
//
//	agent.go  Optimizely Agent's REST API: decide, and in files of their own activate, track and config
//	ofrep.go  the OpenFeature Remote Evaluation Protocol: one flag, or all of them
//
// A request is a text; an answer is a value for encoding/json, of a decision one that writes itself, and a batch of events that is to be
// kept before the answer is given.
// What is wrong with a request is a *FieldError. The package keeps nothing: it knows a clock and randomness for the events, and
// neither HTTP nor a disk.
package evaluate
