package streamlog

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/fleet"
)

const (
	// lookEvery is how often the stream's size is looked at.
	lookEvery = time.Second
	// maxMissed is how often in a row the servers must say that there is no stream, or less of it than was read: they have
	// just started, perhaps, or elected a leader.
	maxMissed = 5
	// roomBytes is what must fit for a stream that was full to be called usable again.
	roomBytes = 64 << 10
)

// errLost is how Run ends where the stream that it reads is not there any more, or
// without its newest messages. Nothing that is known of it holds for what comes now.
var errLost = errors.New("the fleet's stream of events was lost, made anew or has lost its newest events; relays that start again join it as it is now")

// measure keeps the size of the stream, ends a failure as soon as the servers take
// messages again, and finds out when the stream is lost.
func (l *Log) measure(ctx context.Context) {
	for missed := 0; ctx.Err() == nil; fleet.Pause(ctx, lookEvery) {
		newest := l.newestSeen()
		info, err := l.fleet.Events.Info(ctx)
		if missed++; !errors.Is(err, jetstream.ErrStreamNotFound) && (err != nil || info.State.LastSeq >= newest) {
			missed = 0
		}
		if missed == maxMissed || err == nil && !info.Created.Equal(l.created) {
			l.lose()
			return
		}
		if err == nil {
			l.note(info)
		}
	}
}

// newestSeen is the sequence of the last message that was read or acknowledged:
// whatever is taken from now on has a higher one.
func (l *Log) newestSeen() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.newest
}

// noteNewest takes note of a message that was read or acknowledged.
func (l *Log) noteNewest(sequence uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.newest = max(l.newest, sequence)
}

// note takes note of how the stream is now.
func (l *Log) note(info *jetstream.StreamInfo) {
	l.size.Store(int64(info.State.Bytes)) //nolint:gosec // bounded by the stream's MaxBytes
	if l.failure.Load() != nil && int64(info.State.Bytes)+roomBytes < info.Config.MaxBytes {
		l.setFailure(nil)
	}
	if info.State.Msgs == 0 {
		l.catchUp() // of what was there before, the last message too has gone
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail.forget(info.State.FirstSeq)
}

// retain lets go of what every consumer is past until ctx ends: when it is
// older than Options.Retain, or when the stream is nearly full.
func (l *Log) retain(ctx context.Context) {
	for ; ctx.Err() == nil; fleet.Pause(ctx, lookEvery) {
		if err := l.purge(ctx); err != nil && ctx.Err() == nil {
			l.options.Logger.Warn("the event log cannot be trimmed", "err", err)
		}
	}
}

func (l *Log) purge(ctx context.Context) error {
	info, err := l.fleet.Events.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return err
	}
	oldest := l.options.Now().Add(-l.options.Retain)
	room := max(info.Config.MaxBytes/16, 2*roomBytes)
	crowded := int64(info.State.Bytes)+room > info.Config.MaxBytes //nolint:gosec // as above
	if !crowded && !info.State.FirstTime.Before(oldest) {
		return nil
	}
	first := info.State.FirstSeq
	consumed, meant, err := l.consumed(ctx)
	if err != nil || consumed < first {
		return err
	}
	upTo := first + (consumed-first)/8 + 1 // in steps, for as long as it takes
	if !crowded {
		if upTo, err = l.firstSince(ctx, oldest, info); err != nil {
			return err
		}
	}
	upTo = min(upTo, consumed+1)
	if known, err := l.isMeant(ctx, upTo-1, meant); err != nil || !known {
		return err
	}
	return l.fleet.Events.Purge(ctx, jetstream.WithPurgeSequence(upTo))
}

// isMeant tells whether a message is the one that the consumers know by its sequence, or has gone by itself. A consumer that takes it
// for another finds that out when it is opened.
func (l *Log) isMeant(ctx context.Context, sequence uint64, meant time.Time) (bool, error) {
	last, err := l.fleet.Events.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return meant.IsZero() || !last.Time.After(meant), nil
}

// consumed returns the sequence of the last message that every consumer is past,
// and when the latest was taken that all of them can mean, if that is known: after
// a loss other messages have the sequences of those that a consumer has had.
func (l *Log) consumed(ctx context.Context) (last uint64, meant time.Time, err error) {
	slowest := eventlog.Position(1<<64 - 1)
	for _, name := range l.options.Consumers {
		c := &cursor{log: l, name: name}
		if err := c.load(ctx); err != nil {
			return 0, meant, err
		}
		slowest = min(slowest, c.saved.Position)
		if seen := c.saved.Seen.Time; meant.IsZero() || !seen.IsZero() && seen.Before(meant) {
			meant = seen
		}
	}
	if len(l.options.Consumers) == 0 || slowest == 0 {
		return 0, meant, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tail.done(slowest), meant, nil
}

// firstSince returns the sequence of the first message from a time on, or of the one that comes next.
func (l *Log) firstSince(ctx context.Context, since time.Time, info *jetstream.StreamInfo) (uint64, error) {
	if info.State.LastTime.Before(since) {
		return info.State.LastSeq + 1, nil
	}
	messages, err := read(ctx, l.fleet, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &since, HeadersOnly: true})
	if err != nil {
		return 0, err
	}
	defer messages.Stop()
	first, err := messages.Next(jetstream.NextMaxWait(2 * heartbeat))
	if err != nil {
		return 0, err
	}
	meta, err := first.Metadata()
	if err != nil {
		return 0, err
	}
	return meta.Sequence.Stream, nil
}
