// Package hub holds the pages: every websocket on /v1/stream, and what each is still to be sent.
//
// A datafile is state, not a log, so a page's mailbox has one place for the newest datafile and one for the newest
// results; what a page had no time for is replaced, never queued. Publishing therefore never waits for anyone: it puts a
// frame, encoded and compressed once for all, into each mailbox. A mailbox that holds something has one goroutine that
// empties it, and no other goroutine ever writes to that connection; an idle page costs a single goroutine, its reader.
// A page that does not take its frame in time is closed and finds its way back by itself.
package hub
