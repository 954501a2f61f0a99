package fleet

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// watchAgain is the pause after a watch that failed.
const watchAgain = 500 * time.Millisecond

// Watch calls changed with every value of a bucket's keys: those that are there,
// then nil, and those that come, until ctx ends.
func (f *Fleet) Watch(ctx context.Context, b *Bucket, keys string, changed func(jetstream.KeyValueEntry)) {
	for ; ctx.Err() == nil; pause(ctx, watchAgain) {
		watcher, err := b.kv.Watch(ctx, keys, jetstream.IgnoreDeletes())
		if err != nil {
			continue
		}
		follow(ctx, watcher, changed)
	}
}

func follow(ctx context.Context, watcher jetstream.KeyWatcher, changed func(jetstream.KeyValueEntry)) {
	defer watcher.Stop() //nolint:errcheck // its consumer ends by itself
	for {
		select {
		case entry, more := <-watcher.Updates():
			if !more {
				return
			}
			changed(entry)
		case <-ctx.Done():
			return
		}
	}
}
