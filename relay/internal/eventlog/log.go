package eventlog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"

	"sortition/wasm/engine/event"
)

// Why a batch was not taken. None of its events is in the log, unless a
// duplicate of it was there before.
var (
	// ErrFull: the disk, or the bound on the log's size, leaves no room.
	ErrFull = errors.New("the event log is full")
	// ErrUnavailable: the log cannot be written to, or is stopped.
	ErrUnavailable = errors.New("the event log cannot be written to")
	// ErrTooLarge: no log of any size would take the batch.
	ErrTooLarge = errors.New("the batch is too large for the event log")
)

// MaxBody is the length in bytes of the largest batch the log takes.
const MaxBody = maxPayload / 2

// Options of a [Log].
type Options struct {
	// MaxBytes bounds the size of all segments together, the zeros ahead of
	// the last records aside; 0 means 2 GiB.
	MaxBytes int64
	// SegmentBytes is the size at which a new segment begins, at most an eighth
	// of MaxBytes and 1 GiB; 0 means 64 MiB. A segment is larger only if a
	// single record is.
	SegmentBytes int64
	// Consumers are the names of the readers whose commits say what is dealt
	// with. A segment that all of them are past goes when its records are older
	// than Retain, or when there is no room for new ones otherwise. Without
	// consumers nothing ever goes.
	Consumers []string
	// Retain is how long what is dealt with is kept at least while there is
	// room; 0 means 30 days.
	Retain time.Duration
	// DuplicateWindow is how long an event is known; 0 means 72 hours.
	DuplicateWindow time.Duration
	// DuplicateEvents is how many events are known at most; 0 means 4 million,
	// which take 96 MB: 32 in order of age, and 64 to look them up.
	DuplicateEvents int
	// ProbeInterval is how often a log that cannot be written to tries
	// whether it can be again, and looks for what is too old; 0 means every second.
	ProbeInterval time.Duration
	// MaxSilence is how long the disk may take for a write before the log refuses
	// what else comes; 0 means 10 seconds, for which a page waits.
	MaxSilence time.Duration
	// Logger is told of failures and recoveries; nil discards them.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	o.MaxBytes = cmp.Or(o.MaxBytes, 2<<30)
	o.SegmentBytes = cmp.Or(o.SegmentBytes, 64<<20)
	o.SegmentBytes = min(o.SegmentBytes, o.MaxBytes/8, 1<<30) // a Position has 32 bits for the offset
	o.Retain = cmp.Or(o.Retain, 30*24*time.Hour)
	o.DuplicateWindow = cmp.Or(o.DuplicateWindow, 72*time.Hour)
	o.DuplicateEvents = cmp.Or(o.DuplicateEvents, 4_000_000)
	o.ProbeInterval = cmp.Or(o.ProbeInterval, time.Second)
	o.MaxSilence = cmp.Or(o.MaxSilence, 10*time.Second)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Batch is what one post brings.
type Batch struct {
	SDKKey string       // the project it was posted for; "" when the post named none
	Body   string       // the batch as it came, at most MaxBody bytes
	Events *event.Batch // Body, decoded
}

// Receipt says what became of the events of a batch that is safe.
type Receipt struct {
	Fresh      int   // stored now
	Duplicates int   // known before, or twice in the batch
	Repeated   []int // the places of the duplicates in the batch, from 0; the first 100
}

const maxRepeated = 100

// Log is the embedded event log, see the package's comment. Its methods may be
// called concurrently.
type Log struct {
	options Options
	dir     string // of the segments
	state   *bolt.DB
	report  Report
	damage  damage

	queue    chan *pending
	stopped  chan struct{} // closed when Run has returned
	failure  atomic.Pointer[error]
	size     atomic.Int64 // of all segments
	counters counters

	writer  writer    // belongs to Run
	begun   time.Time // as well: when the segment that is written began
	known   *known    // as well
	fresh   []Record  // as well: those of the group that is committed
	ids     []uint64  // as well: those of the batch that is admitted, kept for its memory
	crowded bool      // as well: MaxBytes left no room, which was told

	mu         sync.Mutex
	segments   []segment           // in order; only the last one grows
	writing    uint32              // number of the one that grows; 0 before it is known
	committed  map[string]Position // of each consumer
	recent     recent
	end        Position // behind the last durable record
	grown      chan struct{}
	duplicates map[project]int
}

// project is whom an event belongs to, as its post named it.
type project struct{ sdkKey, projectID string }

// Open opens the log in dir, which need not exist, reads it through once and
// repairs its end. It writes nothing else before Run. An error means that dir
// cannot be used at all; what is damaged in it is told by Report.
func Open(dir string, o Options) (*Log, error) {
	o = o.withDefaults()
	l := &Log{
		options: o,
		dir:     filepath.Join(dir, "events"),
		// A full queue makes Append wait, which is what bounds the memory.
		queue:      make(chan *pending, 1024),
		stopped:    make(chan struct{}),
		known:      newKnown(o.DuplicateWindow, o.DuplicateEvents),
		grown:      make(chan struct{}),
		duplicates: map[project]int{},
		committed:  map[string]Position{},
	}
	if err := l.open(dir); err != nil {
		return nil, fmt.Errorf("open event log in %s: %w", dir, err)
	}
	return l, nil
}

func (l *Log) open(dir string) (err error) {
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, "state.db")
	lost, err := l.lostState(path)
	if err != nil {
		return err
	}
	if l.state, l.report.StateDamage, err = openState(path); err != nil {
		return err
	}
	l.report.StateDamage = cmp.Or(l.report.StateDamage, lost)
	if err := errors.Join(l.recover(), l.loadConsumers()); err != nil {
		return errors.Join(err, l.state.Close())
	}
	return nil
}

func (l *Log) loadConsumers() error {
	for _, name := range l.options.Consumers {
		at, err := loadCursor(l.state, name)
		if err != nil {
			return fmt.Errorf("cursor of reader %s: %w", name, err)
		}
		l.committed[name] = at
	}
	return nil
}

// Close releases the files. Run must have returned.
func (l *Log) Close() error {
	return errors.Join(l.writer.close(), l.state.Close())
}

// Report says what Open found.
func (l *Log) Report() Report { return l.report }

// State is the database the cursors are in; other parts of the relay keep
// their own buckets in it. It is open until Close.
func (l *Log) State() *bolt.DB { return l.state }

// End returns the position behind the last record that is safe.
func (l *Log) End() Position {
	end, _ := l.watch()
	return end
}

// Size returns the bytes all segments take on disk, but for the zeros ahead of the last records.
func (l *Log) Size() int64 { return l.size.Load() }

// Duplicates returns how many duplicates came for a project since Open.
func (l *Log) Duplicates(sdkKey, projectID string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.duplicates[project{sdkKey, projectID}]
}

// Ready returns nil if the log takes events, and otherwise the error that
// Append would return.
func (l *Log) Ready() error {
	select {
	case <-l.stopped:
		return ErrUnavailable
	default:
	}
	if failure := l.failure.Load(); failure != nil {
		return *failure
	}
	if !l.fits(probeBytes) && !l.fits(probeBytes-l.releasable()) {
		return ErrFull
	}
	return nil
}

// Append stores the events of the batch that are not known yet and returns
// when all of its events are on disk. When ctx ends first, they may still get there.
func (l *Log) Append(ctx context.Context, b Batch) (Receipt, error) {
	if len(b.Body) > MaxBody {
		return Receipt{}, ErrTooLarge
	}
	if failure := l.failure.Load(); failure != nil && errors.Is(*failure, errSilent) {
		return Receipt{}, *failure // it would wait for what others wait for
	}
	p := newPending(ctx, b)
	if err := l.enqueue(ctx, p); err != nil {
		return Receipt{}, err
	}
	select {
	case <-p.done:
		return p.receipt, p.err
	case <-ctx.Done():
		return Receipt{}, ctx.Err()
	case <-l.stopped:
	}
	// Run's last commit may have had it.
	select {
	case <-p.done:
		return p.receipt, p.err
	default:
		return Receipt{}, ErrUnavailable
	}
}

// enqueue hands a batch to Run. Mostly there is room, which is cheaper to ask for alone.
func (l *Log) enqueue(ctx context.Context, p *pending) error {
	select {
	case l.queue <- p:
		return nil
	default:
	}
	select {
	case l.queue <- p:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-l.stopped:
		return ErrUnavailable
	}
}

// watch returns the end and a channel closed when it has moved.
func (l *Log) watch() (Position, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.end, l.grown
}

// publish lets readers see what was written to the segment, up to size: the records.
func (l *Log) publish(written segment, records []Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent.add(l.end, records)
	l.writing = written.number
	if last := len(l.segments) - 1; last >= 0 && l.segments[last].number == written.number {
		l.segments[last] = written
	} else {
		l.segments = append(l.segments, written)
	}
	l.end = position(written.number, written.size)
	close(l.grown)
	l.grown = make(chan struct{})
}

func (l *Log) recentAfter(at Position) []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recent.after(at)
}

// segmentFrom returns the first segment whose number is at least number.
func (l *Log) segmentFrom(number uint32) (segment, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		if s.number >= number {
			return s, true
		}
	}
	return segment{}, false
}

// behind returns how many bytes of segments lie behind the position.
func (l *Log) behind(at Position) (bytes int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segments {
		switch {
		case s.number > at.segment():
			bytes += s.size - segmentHeader
		case s.number == at.segment():
			bytes += max(0, s.size-max(at.offset(), segmentHeader))
		}
	}
	return bytes
}
