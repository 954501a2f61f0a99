package streamlog

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/fleet"
)

// message is one of a stream, brought by a consumer without a name.
type message struct {
	jetstream.Msg
	sequence uint64
	text     []byte
}

func (m message) Data() []byte { return m.text }

func (m message) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{Sequence: jetstream.SequencePair{Stream: m.sequence}}, nil
}

// messages are on their way to a reader.
type messages struct {
	jetstream.MessagesContext
	left []message
}

func (m *messages) Stop() {}

func (m *messages) Next(...jetstream.NextOpt) (jetstream.Msg, error) {
	if len(m.left) == 0 {
		return nil, errors.New("nothing more was asked for")
	}
	next := m.left[0]
	m.left = m.left[1:]
	return next, nil
}

// The last message of a stream that has rested for long may be one of a newer relay.
func TestAReaderGetsWhatLiesBeforeTheFirstMessageThatWasReadThoughThatHasNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(&fleet.Fleet{Events: &troubled{}}, Options{})
		l.tail.add(3, 50, nil, time.Now())
		text := mustMake(t, 1<<20, batchOf(t, 0, "a"))[0].text
		newer := []byte("EVS\x02")
		stream := &messages{left: []message{{sequence: 1, text: text}, {sequence: 2, text: newer}, {sequence: 3, text: newer}}}
		r := &reader{log: l, messages: &reading{MessagesContext: stream, log: l}}
		soon, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()

		records, err := r.Next(soon)
		if got := strings.Join(eventlogtest.UUIDs(t, records), " "); err != nil || got != "a" {
			t.Fatalf("it gets %q, %v", got, err)
		}
		if records, err := r.Next(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("behind that it does not wait: %v, %v", records, err)
		}
		mustDeliver(t, &l.tail, 4, time.Now(), batchOf(t, 0, "b"))
		records, err = r.Next(t.Context())
		if got := strings.Join(eventlogtest.UUIDs(t, records), " "); err != nil || got != "b" {
			t.Errorf("then it gets %q, %v", got, err)
		}
	})
}
