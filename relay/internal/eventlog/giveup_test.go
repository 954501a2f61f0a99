package eventlog

import (
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/event"
)

func TestASegmentThatWasGivenUpGoesWhenTheDiskHasNoRoom(t *testing.T) {
	log, err := Open(t.TempDir(), Options{Consumers: []string{"one"}})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	body := relaytest.Body(relaytest.Conversion("v", "9", "bought", "a", 1000, 0))
	batch, err := event.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	p := newPending(t.Context(), Batch{Body: body, Events: batch})
	log.commit([]*pending{p}, nil)
	if p.err != nil {
		t.Fatal(p.err)
	}
	log.noteCommit("one", log.End())
	log.writer.tainted, log.writer.giveUp = true, true // as a sync leaves it that failed
	if err := log.writer.repair(); err != nil {
		t.Fatal(err)
	}
	log.closeSegment() // as freeDisk does, with a disk that is full
	if consumed := log.consumed(); len(consumed) != 1 {
		t.Errorf("%d segments may go, of one that every consumer is past", len(consumed))
	}
	log.retain(time.Now().Add(1000 * time.Hour))
	if log.Size() != 0 {
		t.Errorf("%d bytes are kept though they are old", log.Size())
	}
}
