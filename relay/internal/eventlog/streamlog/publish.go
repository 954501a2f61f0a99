package streamlog

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/fleet"
)

const (
	// maxFlying is how many messages are under way at most: enough to hide the
	// servers' latency, few enough for what comes meanwhile to share a message.
	maxFlying = 4
	// verdictWait is how long an append that is safe waits to learn which of its
	// events were in the stream before.
	verdictWait = time.Second
	// retries and retryPause get a message over the election of a stream's leader, if that is short.
	retries    = 4
	retryPause = 250 * time.Millisecond
)

// pending is an Append that waits.
type pending struct {
	ctx   context.Context //nolint:containedctx // it is the Append's, and only looked at
	batch eventlog.Batch
	ids   []uint64 // one per event, in order
	done  chan struct{}

	mu     sync.Mutex // of what follows, until done is closed
	fresh  []bool     // by the same index: this Append is the first with the event
	flying int        // messages that are not acknowledged yet
	err    error
}

func newPending(ctx context.Context, b eventlog.Batch) *pending {
	p := &pending{ctx: ctx, batch: b, ids: eventlog.EventIDs(b.Events), done: make(chan struct{})}
	p.fresh = slices.Repeat([]bool{true}, len(p.ids))
	return p
}

// receipt says what became of its events.
func (p *pending) receipt() (r eventlog.Receipt) {
	const maxRepeated = 100
	if p.err != nil {
		return r
	}
	for i, fresh := range p.fresh {
		switch {
		case fresh:
			r.Fresh++
		default:
			r.Duplicates++
			if len(r.Repeated) < maxRepeated {
				r.Repeated = append(r.Repeated, i)
			}
		}
	}
	return r
}

// share is a record of a message: some events of an append.
type share struct {
	of     *pending
	places []int // of the record's events in the append's batch
}

// flight is a message that is made or under way.
type flight struct {
	text   []byte
	shares []share // one for each record
	began  time.Time
}

// publish sends what is queued until ctx ends, then the rest.
func (l *Log) publish(ctx context.Context) {
	var landing sync.WaitGroup
	defer landing.Wait()
	select {
	case <-l.caughtUp: // before that a duplicate could not be told
	case <-ctx.Done():
		return
	}
	for {
		select {
		case first := <-l.queue:
			l.send(l.gather(first), &landing)
		case <-ctx.Done():
			for {
				select {
				case first := <-l.queue:
					l.send(l.gather(first), &landing)
				default:
					return
				}
			}
		}
	}
}

// gather returns what is queued, without waiting, up to about a message of it.
func (l *Log) gather(first *pending) []*pending {
	group, bytes := []*pending{first}, len(first.batch.Body)
	for bytes < l.fleet.MaxMessage() {
		select {
		case p := <-l.queue:
			group, bytes = append(group, p), bytes+len(p.batch.Body)
		default:
			return group
		}
	}
	return group
}

// send makes messages of a group and sends them.
func (l *Log) send(group []*pending, landing *sync.WaitGroup) {
	m := maker{max: l.fleet.MaxMessage(), now: l.options.Now()}
	for _, p := range group {
		l.admit(p, &m)
	}
	m.close()
	for _, f := range m.flights {
		l.flying <- struct{}{}
		landing.Go(func() {
			l.fly(f)
			<-l.flying
		})
	}
	for _, p := range group {
		l.landed(p, nil) // admit counts one for itself
	}
}

// admit puts those events of p into messages that are not in the stream yet.
func (l *Log) admit(p *pending, m *maker) {
	p.flying = 1
	if p.err = p.ctx.Err(); p.err != nil {
		return
	}
	var places []int
	l.mu.Lock()
	seen := make(map[uint64]bool, len(p.ids))
	for i, id := range p.ids {
		if p.fresh[i] = !seen[id] && !l.tail.known.Has(id); p.fresh[i] {
			places = append(places, i)
		}
		seen[id] = true
	}
	l.mu.Unlock()
	if len(places) == 0 {
		return
	}
	if p.err = m.add(p, places); p.err != nil {
		l.options.Logger.Warn("a batch of events is refused", "err", p.err)
	}
}

// fly sends a message and tells everyone in it what became of it.
func (l *Log) fly(f *flight) {
	f.began = time.Now()
	newest := l.newestSeen()
	ack, err := l.sendMessage(f.text)
	if err == nil {
		l.counters.syncs.Add(1)
		l.counters.syncTime.Add(int64(time.Since(f.began)))
		l.place(ack.Sequence, newest, f)
	}
	err = refusal(err)
	l.setFailure(err)
	for _, s := range f.shares {
		l.landed(s.of, err)
	}
}

func (l *Log) sendMessage(text []byte) (*jetstream.PubAck, error) {
	if !l.fleet.Connected() {
		return nil, nats.ErrDisconnected
	}
	future, err := l.fleet.JetStream().PublishMsgAsync(&nats.Msg{Subject: l.fleet.Subject("events"), Data: text},
		jetstream.WithExpectStream(l.fleet.Name("events")), jetstream.WithRetryAttempts(retries), jetstream.WithRetryWait(retryPause))
	if err != nil {
		return nil, err
	}
	select {
	case ack := <-future.Ok():
		return ack, nil
	case err := <-future.Err():
		return nil, err
	}
}

// refusal says in the contract's words why a message was not taken.
func refusal(err error) error {
	if err == nil {
		return nil
	}
	kind := eventlog.ErrUnavailable
	if fleet.Full(err) {
		kind = eventlog.ErrFull
	}
	return fmt.Errorf("%w: %w", kind, err)
}

// place takes note of where a message is: behind all that was there before, or
// else the servers have lost some of that.
func (l *Log) place(sequence, newest uint64, f *flight) {
	if sequence <= newest {
		l.lose()
		return
	}
	l.noteNewest(sequence)
	l.judge(sequence, f)
}

// judge waits until the message was read, and notes which of its events were in the stream before.
func (l *Log) judge(sequence uint64, f *flight) {
	if !l.awaitTail(sequence, verdictWait) {
		return // it is safe all the same, and readers will know
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for place, s := range f.shares {
		for i, fresh := range l.tail.repeats[position(sequence, place)] {
			if !fresh {
				s.of.mu.Lock()
				s.of.fresh[s.places[i]] = false
				s.of.mu.Unlock()
			}
		}
	}
}

// landed counts down what p waits for, and tells it at the end.
func (l *Log) landed(p *pending, err error) {
	p.mu.Lock()
	if err != nil && p.err == nil {
		p.err = err
	}
	p.flying--
	last := p.flying == 0
	p.mu.Unlock()
	if last {
		l.count(p)
		close(p.done)
	}
}
