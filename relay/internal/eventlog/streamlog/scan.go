package streamlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/fleet"
)

// scanPatience is how long a scan waits for the next message, which is there.
const scanPatience = 10 * time.Second

// Scan calls visit with every record of a fleet's log that is there when it
// begins, as readers get them, and returns how many messages could not be read
// and were passed over. It begins before the records of since, far enough to know
// what comes again. It only reads, and relays may write meanwhile.
func Scan(ctx context.Context, f *fleet.Fleet, since time.Time, visit func(eventlog.Record) error) (unread int, err error) {
	options := Options{}.withDefaults()
	s := scan{visit: visit, tail: newTail(options.DuplicateWindow, options.DuplicateEvents)}
	from := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}
	if !since.IsZero() {
		since = since.Add(-options.DuplicateWindow)
		from.DeliverPolicy, from.OptStartTime = jetstream.DeliverByStartTimePolicy, &since
	}
	info, err := f.Events.Info(ctx)
	if err == nil && info.State.Msgs > 0 && !info.State.LastTime.Before(since) {
		err = s.run(ctx, f, from, info.State.LastSeq)
	}
	if err != nil {
		return s.unread, fmt.Errorf("read event log: %w", err)
	}
	return s.unread, nil
}

// scan is what Scan knows on its way.
type scan struct {
	visit  func(eventlog.Record) error
	tail   tail
	unread int
}

// run reads until the message of a sequence, or the last one.
func (s *scan) run(ctx context.Context, f *fleet.Fleet, from jetstream.OrderedConsumerConfig, last uint64) error {
	messages, err := read(ctx, f, from)
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		m, err := next(ctx, f, messages, last)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Stream <= last {
			if err := s.take(m, meta); err != nil {
				return err
			}
		}
		if meta.Sequence.Stream >= last || meta.NumPending == 0 {
			return nil
		}
	}
}

// next waits for a message, but not for ever: servers that are gone would be waited
// for. It returns io.EOF where relays have let go of all up to the last one.
func next(ctx context.Context, f *fleet.Fleet, messages jetstream.MessagesContext, last uint64) (jetstream.Msg, error) {
	soon, cancel := context.WithTimeout(ctx, scanPatience)
	defer cancel()
	m, err := messages.Next(jetstream.NextContext(soon))
	if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
		return m, err
	}
	if info, err := f.Events.Info(ctx); err == nil && info.State.FirstSeq > last {
		return nil, io.EOF
	}
	return nil, fmt.Errorf("the NATS servers are silent: %w", err)
}

// take visits the records of a message.
func (s *scan) take(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
	records, err := decodeMessage(meta.Sequence.Stream, m.Data())
	if err != nil {
		s.unread++
	}
	s.tail.known.Expire(meta.Timestamp)
	for _, r := range records {
		fresh, all := s.tail.tell(r, meta.Timestamp)
		if kept, some := without(r.Record, fresh, all); some {
			if err := s.visit(kept); err != nil {
				return err
			}
		}
	}
	return nil
}
