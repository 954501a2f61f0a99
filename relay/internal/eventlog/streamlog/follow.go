package streamlog

import (
	"context"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/fleet"
)

const (
	// again is the pause after an error of the servers.
	again = 500 * time.Millisecond
	// tellEvery is how often the log says that they go on.
	tellEvery = time.Minute
	// heartbeat is how often a server that has no messages says so; without it another is asked.
	heartbeat = time.Second
	// aheadMessages is how many messages are on their way to a reader, or wait for
	// it, and aheadMost how many of the largest the servers send at once: readers
	// share a connection, and one on which too much waits the servers cut off.
	aheadMessages = 64
	aheadMost     = 2
	// inactive is when the servers forget who read there.
	inactive = 30 * time.Second
)

// follow reads the stream until ctx ends.
func (l *Log) follow(ctx context.Context) {
	for told := (time.Time{}); ctx.Err() == nil; fleet.Pause(ctx, again) {
		err := l.followFrom(ctx)
		if ctx.Err() == nil && time.Since(told) > tellEvery {
			told = time.Now()
			l.options.Logger.Warn("the stream of events cannot be read", "err", err)
		}
	}
}

// followFrom reads on behind what was seen, until an error.
func (l *Log) followFrom(ctx context.Context) error {
	info, err := l.fleet.Events.Info(ctx)
	if err != nil {
		return err
	}
	last := info.State.LastSeq
	if l.noteCaughtUp(last) {
		last = 0
	}
	from := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy}
	window := l.options.Now().Add(-l.options.DuplicateWindow)
	switch seen := l.seen(); {
	case seen > 0:
		from.OptStartSeq = seen + 1
	case info.State.Msgs > 0 && info.State.LastTime.After(window):
		from.DeliverPolicy, from.OptStartTime = jetstream.DeliverByStartTimePolicy, &window
	default:
		from.OptStartSeq = max(last, 1)
	}
	messages, err := l.read(ctx, from)
	if err != nil {
		return err
	}
	defer messages.Stop()
	for {
		m, meta, err := messages.next(ctx)
		if err != nil {
			return err
		}
		l.take(m, meta)
		if last > 0 && l.noteCaughtUp(last) {
			last = 0
		}
	}
}

// read begins to read a fleet's stream of events.
func read(ctx context.Context, f *fleet.Fleet, from jetstream.OrderedConsumerConfig) (jetstream.MessagesContext, error) {
	from.InactiveThreshold = inactive
	from.MaxResetAttempts = 1 // whoever reads tries again, and can be stopped meanwhile
	consumer, err := f.Events.OrderedConsumer(ctx, from)
	if err != nil {
		return nil, err
	}
	return consumer.Messages(jetstream.PullMaxMessagesWithBytesLimit(aheadMessages, aheadMost*f.MaxMessage()),
		jetstream.PullHeartbeat(heartbeat), jetstream.PullExpiry(10*heartbeat))
}

// take takes note of a message. One that cannot be read is passed over.
func (l *Log) take(m jetstream.Msg, meta *jetstream.MsgMetadata) {
	records, err := decodeMessage(meta.Sequence.Stream, m.Data())
	if err != nil {
		l.options.Logger.Error("a message of the event log is passed over", "sequence", meta.Sequence.Stream, "err", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail.add(meta.Sequence.Stream, len(m.Data()), records, meta.Timestamp)
	l.newest = max(l.newest, meta.Sequence.Stream)
}

func (l *Log) seen() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tail.seen
}

// noteCaughtUp lets appends go on once everything was read that was there before.
func (l *Log) noteCaughtUp(last uint64) bool {
	if l.seen() < last {
		return false
	}
	l.catchUp()
	return true
}

// awaitTail waits until a message was read, but not for long.
func (l *Log) awaitTail(sequence uint64, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		l.mu.Lock()
		seen, moved := l.tail.seen, l.tail.moved
		l.mu.Unlock()
		if seen >= sequence {
			return true
		}
		select {
		case <-moved:
		case <-timer.C:
			return false
		}
	}
}
