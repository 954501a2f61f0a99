// Package eventlog keeps every event batch the relay has promised to keep.
//
// The contract, for this embedded log and any other implementation (package
// eventlogtest is its test suite):
//
//   - [Log.Append] returns without error only when every event of the batch is
//     on disk. Events that are there already, told by project and uuid, are not
//     stored again; a duplicate of an event that is being written waits for it.
//   - A [Reader] gets every stored record in one order, each exactly once if it
//     commits what it got. It commits its position and what it made of the
//     records in one step. Readers with different names don't know each other.
//   - What cannot be kept is refused before it is taken, with [ErrFull] or
//     [ErrUnavailable]; the log takes events again as soon as it can.
//   - What a consumer has not committed stays. Consumers are the readers that
//     Options.Consumers names.
//
// # On disk
//
// DIR/events holds segments named by a number that only goes up. Opening the
// log never appends to an existing segment: a new one starts with the first
// record. A segment is a header of 16 bytes,
//
//	"SORTEVTS"  version uint32 (1)  CRC-32C of the 12 bytes before
//
// followed by records, which never cross segments:
//
//	length uint32  CRC-32C uint32  payload of length bytes
//
// The checksum covers the length and the payload. Integers are little-endian,
// uvarint is that of encoding/binary. A payload is
//
//	"EVT" version       marks the start of a record, for readers that look for the next one behind damage; 1 or 2
//	received  int64     milliseconds since 1970, by the relay's clock
//	sdkKey    uvarint length, bytes; empty when the post named none
//	projectId uvarint length, bytes; the batch's project_id
//	events    uvarint count, count * uint64: hash of project_id and uuid, see eventID
//	body      the rest: the batch as JSON, without the events that were duplicates
//
// In version 2 the body is a block of S2 (Snappy, extended). Batches of many
// events are kept so: they repeat most of what they say, and take a fraction of
// the disk.
//
// Records that were queued at the same time are written and synced together; a
// crash can tear only such a last group, of which nobody was told yet that it
// is safe. So what is no valid record at the end of the last segment is cut off
// when the log is opened, and damage anywhere else is skipped and reported.
//
// The segment that is being written has zeros behind its records, a MiB of them
// or a sixteenth of a small segment. The next records overwrite them: syncing
// those takes less than syncing a file that has grown. So zeros up to the end of
// a segment are no damage. They are cut off when the segment is closed. A disk
// that is nearly full gets no zeros, and on a full one those that are there give
// way to records. A power cut may leave zeros within the last group too: those
// are reported.
//
// Segments get no more records after a day. They go, oldest first, once every
// consumer is past them: when they are older than Options.Retain, or earlier
// when Options.MaxBytes would be exceeded otherwise. A duplicate of an event
// that went early is no longer known after the next start.
//
// DIR/state.db (bbolt) holds the readers' cursors and states, and what other
// parts of the relay keep there. Its file lock is what keeps a second relay off DIR.
package eventlog
