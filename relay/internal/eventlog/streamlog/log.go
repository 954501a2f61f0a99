package streamlog

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/fleet"
)

// Options of a [Log]. Their meaning is that of [eventlog.Options].
type Options struct {
	Consumers       []string
	Retain          time.Duration
	DuplicateWindow time.Duration
	DuplicateEvents int
	Logger          *slog.Logger
	Now             func() time.Time
}

func (o Options) withDefaults() Options {
	o.Retain = cmp.Or(o.Retain, 30*24*time.Hour)
	o.DuplicateWindow = cmp.Or(o.DuplicateWindow, 72*time.Hour)
	o.DuplicateEvents = cmp.Or(o.DuplicateEvents, 4_000_000)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// project is whom an event belongs to, as its post named it.
type project struct{ sdkKey, projectID string }

// maxCountedProjects bounds the table behind Duplicates: who posts can make up project ids.
const maxCountedProjects = 1000

// Log is a relay's part of the fleet's event log. Its methods may be called
// concurrently.
type Log struct {
	options Options
	fleet   *fleet.Fleet
	created time.Time // the stream, which tells it from another of its name

	queue    chan *pending
	flying   chan struct{} // holds one for each message that is under way
	caughtUp chan struct{} // closed by catchUp when everything was read that was there before Run
	catchUp  func()
	stopped  chan struct{} // closed when Run has returned
	failure  atomic.Pointer[error]
	lost     chan struct{} // closed by lose when the stream is not the one that was read any more
	lose     func()
	size     atomic.Int64 // of the stream
	counters counters

	mu         sync.Mutex
	tail       tail
	newest     uint64 // sequence of the last message that was read or acknowledged
	duplicates map[project]int
}

// New makes a log that takes nothing before Run.
func New(f *fleet.Fleet, o Options) *Log {
	o = o.withDefaults()
	caughtUp, lost := make(chan struct{}), make(chan struct{})
	return &Log{
		options:    o,
		fleet:      f,
		created:    f.Events.CachedInfo().Created,
		queue:      make(chan *pending, 1024), // a full queue makes Append wait, which is what bounds the memory
		flying:     make(chan struct{}, maxFlying),
		caughtUp:   caughtUp,
		catchUp:    sync.OnceFunc(func() { close(caughtUp) }),
		stopped:    make(chan struct{}),
		lost:       lost,
		lose:       sync.OnceFunc(func() { close(lost) }),
		tail:       newTail(o.DuplicateWindow, o.DuplicateEvents),
		duplicates: map[project]int{},
	}
}

// Run reads the stream and writes what is appended until ctx ends, then what is
// queued, and returns. It ends with an error when the stream is lost.
func (l *Log) Run(ctx context.Context) error {
	defer close(l.stopped)
	ctx, end := context.WithCancel(ctx)
	defer end()
	reading, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { l.follow(reading) })
	running.Go(func() { l.fleet.Lead(ctx, "retention", l.retain) })
	running.Go(func() { l.measure(ctx) })
	running.Go(func() {
		select {
		case <-l.lost:
			end()
		case <-ctx.Done():
		}
	})
	l.publish(ctx)
	stopReading()
	running.Wait()
	select {
	case <-l.lost:
		return errLost
	default:
		return nil
	}
}

// Close does nothing: what the log has open belongs to Run.
func (l *Log) Close() error { return nil }

// Append implements the contract of package eventlog.
func (l *Log) Append(ctx context.Context, b eventlog.Batch) (eventlog.Receipt, error) {
	p := newPending(ctx, b)
	select {
	case l.queue <- p:
	case <-ctx.Done():
		return eventlog.Receipt{}, ctx.Err()
	case <-l.stopped:
		return eventlog.Receipt{}, eventlog.ErrUnavailable
	}
	select {
	case <-p.done:
		return p.receipt(), p.err
	case <-ctx.Done():
		return eventlog.Receipt{}, ctx.Err()
	case <-l.stopped:
	}
	select { // Run's last messages may have had it
	case <-p.done:
		return p.receipt(), p.err
	default:
		return eventlog.Receipt{}, eventlog.ErrUnavailable
	}
}

// Ready returns nil if the log takes events, and otherwise the error that
// Append would return.
func (l *Log) Ready() error {
	select {
	case <-l.stopped:
		return eventlog.ErrUnavailable
	default:
	}
	select {
	case <-l.caughtUp:
	default:
		return eventlog.ErrUnavailable
	}
	if !l.fleet.Connected() {
		return eventlog.ErrUnavailable
	}
	if failure := l.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}

// setFailure notes how the last write went, and logs it when that changes.
func (l *Log) setFailure(err error) {
	before := l.failure.Load()
	switch {
	case err == nil && before != nil:
		l.failure.Store(nil)
		l.options.Logger.Info("the event log takes events again")
	case err != nil:
		l.failure.Store(&err)
		if before == nil {
			l.options.Logger.Error("the event log refuses events", "err", err)
		}
	}
}

// End returns the position behind the last record that was read. Before
// everything was read that was there before Run, it waits for that.
func (l *Log) End() eventlog.Position {
	select {
	case <-l.caughtUp:
	case <-l.stopped:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tail.end
}

// Pending returns about how many bytes of records lie behind the position.
func (l *Log) Pending(at eventlog.Position) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tail.behind(at)
}

// Size returns the bytes of the stream, as of a moment ago.
func (l *Log) Size() int64 { return l.size.Load() }

// Duplicates returns how many duplicates came to this relay for a project.
func (l *Log) Duplicates(sdkKey, projectID string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.duplicates[project{sdkKey, projectID}]
}

// counters are what Stats is read from.
type counters struct{ events, duplicates, refused, syncs, syncTime atomic.Int64 }

// Stats returns the numbers as they are now; a sync is a message that was acknowledged.
func (l *Log) Stats() eventlog.Stats {
	return eventlog.Stats{
		Events:     l.counters.events.Load(),
		Duplicates: l.counters.duplicates.Load(),
		Refused:    l.counters.refused.Load(),
		Syncs:      l.counters.syncs.Load(),
		SyncTime:   time.Duration(l.counters.syncTime.Load()),
	}
}

// count notes what became of an append.
func (l *Log) count(p *pending) {
	if p.err != nil {
		if !errors.Is(p.err, context.Canceled) && !errors.Is(p.err, context.DeadlineExceeded) {
			l.counters.refused.Add(1)
		}
		return
	}
	r := p.receipt()
	l.counters.events.Add(int64(r.Fresh))
	l.counters.duplicates.Add(int64(r.Duplicates))
	of := project{p.batch.SDKKey, p.batch.Events.ProjectID}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, counted := l.duplicates[of]; r.Duplicates > 0 && (counted || len(l.duplicates) < maxCountedProjects) {
		l.duplicates[of] += r.Duplicates
	}
}
