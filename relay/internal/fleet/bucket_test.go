package fleet

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// silentServers say so much of a history and no more. What nats.go makes of that it does here.
type silentServers struct {
	jetstream.KeyValue
	said []jetstream.KeyValueEntry
}

func (s silentServers) History(ctx context.Context, _ string, _ ...jetstream.WatchOpt) ([]jetstream.KeyValueEntry, error) {
	<-ctx.Done()
	if len(s.said) == 0 {
		return nil, jetstream.ErrKeyNotFound
	}
	return s.said, nil
}

func TestAHistoryThatDoesNotComeInTimeIsNotTakenForAnother(t *testing.T) {
	for name, said := range map[string][]jetstream.KeyValueEntry{"nothing": nil, "a part": {nil}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &Bucket{kv: silentServers{said: said}}
				if got, err := b.History(t.Context(), "key"); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("it is %v, %v", got, err)
				}
			})
		})
	}
}

// markedLeader has the mark that an operator's tool leaves of a key.
type markedLeader struct {
	nats.JetStreamManager
	operation string
}

func (l markedLeader) GetLastMsg(string, string, ...nats.JSOpt) (*nats.RawStreamMsg, error) {
	return &nats.RawStreamMsg{Sequence: 7, Header: nats.Header{"KV-Operation": {l.operation}}}, nil
}

// deleted is a bucket with a key that had a value before.
type deleted struct{ jetstream.KeyValue }

func (deleted) Bucket() string { return "f-state" }

func (deleted) History(context.Context, string, ...jetstream.WatchOpt) ([]jetstream.KeyValueEntry, error) {
	return []jetstream.KeyValueEntry{entryOf{operation: jetstream.KeyValuePut}, entryOf{operation: jetstream.KeyValueDelete}}, nil
}

type entryOf struct {
	jetstream.KeyValueEntry
	operation jetstream.KeyValueOp
}

func (e entryOf) Operation() jetstream.KeyValueOp { return e.operation }

func TestAKeyThatWasDeletedIsMissing(t *testing.T) {
	for _, operation := range []string{"DEL", "PURGE"} {
		b := &Bucket{kv: deleted{}, leader: markedLeader{operation: operation}}
		if past, err := b.History(t.Context(), "cursor.x"); len(past) != 1 || err != nil {
			t.Errorf("%s: it had %d values, %v", operation, len(past), err)
		}
		if got, err := b.Newest(t.Context(), "cursor.x"); !Missing(err) {
			t.Errorf("%s: it is %+v, %v", operation, got, err)
		}
	}
}
