package streamlog

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/eventlog"
)

// Reader implements the contract of package eventlog. Of several readers of one
// name, on whatever relay, only the one that was opened last can commit.
func (l *Log) Reader(name string) (eventlog.Reader, error) {
	r := &reader{log: l}
	if name == "" {
		return r, nil
	}
	var err error
	if r.cursor, err = claim(l, name); err != nil {
		return nil, fmt.Errorf("cursor of reader %s: %w", name, err)
	}
	r.at = r.cursor.saved.Position
	return r, nil
}

type reader struct {
	log    *Log
	cursor *cursor // nil without a name
	at     eventlog.Position

	messages *reading // nil while what is recent is enough
}

func (r *reader) Next(ctx context.Context) ([]eventlog.Record, error) {
	for {
		r.log.mu.Lock()
		past, moved := r.log.tail.past(r.at), r.log.tail.moved
		r.log.mu.Unlock()
		if !past {
			records, err := r.read(ctx)
			if err != nil {
				return nil, fmt.Errorf("read event log at %v: %w", r.at, err)
			}
			if len(records) > 0 {
				return records, nil
			}
			continue
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// read returns the next records, from memory or from the stream.
func (r *reader) read(ctx context.Context) ([]eventlog.Record, error) {
	r.log.mu.Lock()
	records, recent := r.log.tail.after(r.at)
	end := r.log.tail.until()
	r.log.mu.Unlock()
	if !recent {
		return r.fetch(ctx, end)
	}
	r.stop()
	if len(records) > 0 {
		r.at = records[len(records)-1].Position
	}
	return records, nil
}

// fetch returns the next records from the stream, none of them behind the end of what was seen.
func (r *reader) fetch(ctx context.Context, end eventlog.Position) (records []eventlog.Record, err error) {
	if r.messages == nil {
		from := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(1, sequence(r.at))}
		if r.messages, err = r.log.read(ctx, from); err != nil {
			return nil, err
		}
	}
	for bytes := 0; len(records) < readRecords && bytes < readBytes && r.at < end; {
		next, err := r.take(ctx)
		if err != nil {
			r.stop()
			purged := errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil // what was there has gone meanwhile
			if purged || len(records) > 0 {
				break // the reader is behind the records already; an error that stays comes again
			}
			return nil, err
		}
		records = append(records, next...)
		for _, record := range next {
			bytes += len(record.Body)
		}
	}
	return records, nil
}

// take returns the records of the next message, if that comes before long.
func (r *reader) take(ctx context.Context) ([]eventlog.Record, error) {
	soon, cancel := context.WithTimeout(ctx, 2*heartbeat)
	defer cancel()
	m, meta, err := r.messages.next(soon)
	if err != nil {
		return nil, err
	}
	return r.open(m, meta), nil
}

// open returns the records of a message that are behind the reader's position, and moves it.
func (r *reader) open(m jetstream.Msg, meta *jetstream.MsgMetadata) (records []eventlog.Record) {
	all, _ := decodeMessage(meta.Sequence.Stream, m.Data()) // what cannot be read was reported when the stream was followed
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	for _, one := range all {
		fresh, repeated := r.log.tail.repeats[one.Position]
		if kept, some := without(one.Record, fresh, !repeated); some && one.Position > r.at {
			records = append(records, kept)
		}
	}
	behind := behindMessage(meta.Sequence.Stream)
	if len(all) > 0 {
		behind = all[len(all)-1].Position
	}
	r.at = max(r.at, behind)
	return records
}

func (r *reader) stop() {
	if r.messages != nil {
		r.messages.Stop()
		r.messages = nil
	}
}

func (r *reader) Commit(at eventlog.Position, changes ...eventlog.Entry) error {
	if r.cursor == nil {
		return nil
	}
	if err := r.cursor.commit(at, changes); err != nil {
		return fmt.Errorf("commit of reader %s: %w", r.cursor.name, err)
	}
	return nil
}

func (r *reader) State(visit func(key string, value []byte) error) error {
	if r.cursor == nil {
		return nil
	}
	if err := r.cursor.visit(visit); err != nil {
		return fmt.Errorf("state of reader %s: %w", r.cursor.name, err)
	}
	return nil
}

func (r *reader) Position() eventlog.Position { return r.at }

func (r *reader) Close() error {
	r.stop()
	return nil
}
