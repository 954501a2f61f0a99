package fleet

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

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
