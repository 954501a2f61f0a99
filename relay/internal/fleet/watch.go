package fleet

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// watchAgain is the pause after a watch that failed.
const watchAgain = 500 * time.Millisecond

// Watch calls changed with every value of a bucket's keys: those that are there,
// then nil, and those that come, until ctx ends. It begins anew when the servers
// have been away: one that started again has forgotten who watched, and left to
// itself a watch notices that after some twenty seconds.
func (f *Fleet) Watch(ctx context.Context, b *Bucket, keys string, changed func(jetstream.KeyValueEntry)) {
	for ; ctx.Err() == nil; pause(ctx, watchAgain) {
		back := f.conn.StatusChanged(nats.CONNECTED)
		if watcher, err := b.kv.Watch(ctx, keys, jetstream.IgnoreDeletes()); err == nil {
			follow(ctx, watcher, back, changed)
		}
		f.conn.RemoveStatusListener(back)
	}
}

func follow(ctx context.Context, watcher jetstream.KeyWatcher, back <-chan nats.Status, changed func(jetstream.KeyValueEntry)) {
	defer watcher.Stop() //nolint:errcheck // its consumer ends by itself
	for {
		select {
		case entry, more := <-watcher.Updates():
			if !more {
				return
			}
			changed(entry)
		case <-back:
			return
		case <-ctx.Done():
			return
		}
	}
}
