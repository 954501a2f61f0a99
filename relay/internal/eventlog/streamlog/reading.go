package streamlog

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
)

// reading is a part of the stream on its way to this relay. When the servers have
// started again another consumer brings the rest of it: before anything is taken
// from that, the stream must have what was read of it, since the messages that
// take the place of others are no continuation of those.
type reading struct {
	jetstream.MessagesContext
	log      *Log
	consumer string // that brought the last message
}

// read begins to read the stream.
func (l *Log) read(ctx context.Context, from jetstream.OrderedConsumerConfig) (*reading, error) {
	messages, err := read(ctx, l.fleet, from)
	if err != nil {
		return nil, err
	}
	return &reading{MessagesContext: messages, log: l}, nil
}

// next returns the next message. After an error others must read on.
func (r *reading) next(ctx context.Context) (jetstream.Msg, *jetstream.MsgMetadata, error) {
	m, err := r.Next(jetstream.NextContext(ctx))
	if err != nil {
		return nil, nil, err
	}
	meta, err := m.Metadata()
	if err == nil && meta.Consumer != r.consumer {
		err = r.log.verify(ctx)
		r.consumer = meta.Consumer
	}
	if err != nil {
		r.Stop() // or the message would be passed over
		return nil, nil, err
	}
	return m, meta, nil
}

// verify checks that the stream has the last message that was read of it.
func (l *Log) verify(ctx context.Context) error {
	stands, err := l.latest(mark{}).stands(ctx, l.fleet.Events)
	if err == nil && !stands {
		l.lose()
		err = errLost
	}
	return err
}

// latest is the later one of a mark and the last message that was read.
func (l *Log) latest(than mark) mark {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tail.seen > than.Sequence {
		return mark{l.tail.seen, l.tail.at}
	}
	return than
}
