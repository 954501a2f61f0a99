// Package streamlog is the event log of a fleet of relays, in a JetStream
// stream: the contract of package eventlog, kept by several relays together.
//
// What is appended at the same time travels as one message; its sender is told
// when the servers that keep the stream have acknowledged it, most of them if
// there are several. A message is
//
//	"EVS" 1             and then records:
//	length  uvarint     of the payload
//	payload             as package eventlog writes it on disk
//
// A [eventlog.Position] is the message's sequence in the stream and the place of
// the record in it.
//
// # Events that come twice
//
// Every relay reads the whole stream once, in its order, and remembers the
// events of it as the embedded log does. What it knows it does not append again.
// Two relays may take the same event at the same moment, and then it is in the
// stream twice: the first counts, and every reader leaves out the other. Since
// all follow one order, all leave out the same.
//
// # What readers leave
//
// A reader's cursor and the list of its state's entries are one key of the
// bucket ID-state, cursor.NAME. To write it is to commit: the entries themselves,
// and the list where it is long, are written before, under names of their own.
// The write succeeds only if the key is as the reader found it, so of two readers
// of one name only the one that was opened later can commit. What a commit that
// was cut off left behind is deleted when the next reader is opened.
// A reader that finds an earlier key than it wrote, as servers have that lost
// the last commits, can commit no more either: what it knows is of those.
//
// # Messages that are lost
//
// Servers that do not sync what they acknowledge may come back without the newest
// messages, and give their sequences to others. So a cursor also names a message
// that was in the stream, at its position or behind it, with the time at which the
// servers took it. A reader that is opened and does not find that message goes back
// to the last of those before it that is left. A log that runs ends with an error,
// since its window of events and its readers are of the stream as it was; the next
// relay begins with what there is.
//
// # Retention
//
// The stream refuses what is too much and lets go of nothing by itself. One
// relay, under a lease, purges what every consumer is past.
package streamlog
