package fleet

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// watchAgain is the Pause after a watch that failed.
	watchAgain = 500 * time.Millisecond
	// watchForget is when the servers forget a watch that nobody follows.
	watchForget = 30 * time.Second
	// watchAhead and watchMost are how many values are on their way to whoever watches: so many, but no more bytes than the
	// largest so many have.
	watchAhead = 64
	watchMost  = 2
)

// Watch calls changed with every value of a bucket's keys: those that are there,
// then nil, and those that come, until ctx ends. It begins anew, from those that
// are there, when the servers have been away or the one that has its consumer
// is silent: that one may have died, or have forgotten who watched. A watch of
// nats.go's own notices after ten to twenty seconds.
func (f *Fleet) Watch(ctx context.Context, b *Bucket, keys string, changed func(*Entry)) {
	for ; ctx.Err() == nil; Pause(ctx, watchAgain) {
		f.whileConnected(ctx, func(ctx context.Context) { _ = b.watch(ctx, keys, changed) })
	}
}

// whileConnected calls do with a context that ends when the servers have been away.
func (f *Fleet) whileConnected(ctx context.Context, do func(context.Context)) {
	back := f.conn.StatusChanged(nats.CONNECTED)
	defer f.conn.RemoveStatusListener(back)
	ctx, end := context.WithCancel(ctx)
	defer end()
	go func() {
		select {
		case <-back:
			end()
		case <-ctx.Done():
		}
	}()
	do(ctx)
}

// watch is Watch until an error.
func (b *Bucket) watch(ctx context.Context, keys string, changed func(*Entry)) error {
	soon, cancel := context.WithTimeout(ctx, requestTimeout) // while there is no leader nobody answers
	defer cancel()
	consumer, err := b.stream.CreateConsumer(soon, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverLastPerSubjectPolicy,
		AckPolicy:         jetstream.AckNonePolicy,
		FilterSubject:     b.subject(keys),
		InactiveThreshold: watchForget,
		MemoryStorage:     true,
		Replicas:          1,
	})
	if err != nil {
		return err
	}
	messages, err := consumer.Messages(jetstream.PullMaxMessagesWithBytesLimit(watchAhead, watchMost*b.maxBytes), jetstream.PullHeartbeat(silence))
	if err != nil {
		return err
	}
	defer messages.Stop()
	there := consumer.CachedInfo().NumPending
	if there == 0 {
		changed(nil)
	}
	for n := uint64(1); ; n++ {
		m, meta, err := nextValue(ctx, messages, n)
		if err != nil {
			return err
		}
		if m.Headers().Get(operation) == "" {
			changed(&Entry{b.key(m.Subject()), m.Data(), meta.Sequence.Stream, meta.Timestamp})
		}
		if n <= there && (n == there || meta.NumPending == 0) {
			there = 0
			changed(nil)
		}
	}
}

// errGap is the error of a watch that one of its messages did not reach.
var errGap = errors.New("a message was lost on its way")

// nextValue returns a consumer's next message, which is its nth.
func nextValue(ctx context.Context, messages jetstream.MessagesContext, n uint64) (jetstream.Msg, *jetstream.MsgMetadata, error) {
	m, err := messages.Next(jetstream.NextContext(ctx))
	if err != nil {
		return nil, nil, err
	}
	meta, err := m.Metadata()
	if err == nil && meta.Sequence.Consumer != n {
		err = errGap
	}
	return m, meta, err
}
