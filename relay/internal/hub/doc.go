// Package hub holds the pages: every websocket on /v1/stream, and what each is still to be sent.
//
// A datafile is state, not a log, so a page's mailbox has one place for the newest datafile and one for the newest
// results; what a page had no time for is replaced, never queued. Publishing therefore never waits for anyone: it puts the
// newest into each mailbox and tries one write for each page, of frames that are encoded and compressed once for all. Which
// frame that is, the whole or the difference from an earlier one, is settled at the write, by what the page has. A
// page that does not take its frame at once gets a goroutine that waits for it; no two ever write to one connection, and
// nothing is written past the mailbox. An idle page costs one goroutine that waits on the smallest stack. A page that
// does not take its frame in time is closed and finds its way back by itself.
package hub
