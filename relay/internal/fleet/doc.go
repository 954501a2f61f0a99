// Package fleet is what relays share that serve as one: a NATS JetStream, an
// engine that others keep well.
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
// A lease ends by the servers' clock when its holder does not renew it. Since a
// holder that was cut off may not have noticed yet, whatever it writes must be
// conditional on what it read: a lease saves work, the condition keeps the truth.
package fleet
