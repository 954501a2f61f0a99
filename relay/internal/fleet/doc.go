// Package fleet joins relays that serve as one: what they share lies in NATS
// JetStream.
//
// Everything of a fleet bears its id, so that several may use one NATS:
//
//	ID-events     a stream: every event batch, see package streamlog
//	ID-state      a key-value bucket: how far the readers of the events are, and what they made of them
//	ID-letters    a key-value bucket: the dead letters
//	ID-datafiles  a key-value bucket with history: the datafiles in force
//	ID-results    a key-value bucket: the newest results, for relays that do not count
//	ID-leases     a key-value bucket: which relay does what only one may do
//	ID.>          subjects: what relays tell and ask each other
//
// A lease ends by the servers' clock when its holder does not renew it. A holder
// that was cut off may not have noticed yet, so whatever it writes must be
// conditional on what it read. A lease only saves work; what keeps two holders
// from harm is the condition.
package fleet
