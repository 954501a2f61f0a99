// Package results counts visitors and conversions per variation, live, and
// says which differences are more than chance.
//
// What counts:
//
//   - An exposure is an event campaign_activated with a decision that has an
//     experiment_id and a variation_id and whose rule_type is that of an
//     experiment: not empty, rollout or holdout.
//   - A visitor's first exposure to an experiment, by timestamp and then by
//     arrival, fixes the variation. Further ones to another variation make the
//     visitor a crossover, and change nothing else.
//   - A conversion is any other event. It counts for every experiment its
//     visitor was exposed to at the same time or before, and for the variation
//     of the first exposure.
//   - An event counts once, by its uuid.
//   - A visitor belongs to the epoch, a period of one split of the traffic, of
//     the datafile that decided; the batch tells its revision.
//
// The result does not depend on the order in which events arrive, as long as
// two first exposures of a visitor don't bear the same timestamp: everything is
// worked out along a timeline in the order in which things happened. For the
// same reason timestamps are taken as they are: events of a clock that is far
// off are told of and counted.
//
//	results.go     Results: follows the event log
//	query.go       what may be asked of them
//	answer.go      its answers
//	book.go        whose an event is
//	tally.go       what is known of a project's visitors
//	visitors.go    finds one of them
//	table.go       rows that are only ever added
//	amounts.go     revenues and values that are no usable numbers
//	epochs.go      periods of one split
//	timeline.go    what counts for an experiment, in order
//	view.go        how far that is worked out, for all visitors or some
//	ledger.go      sums and checkpoints
//	metric.go, comparison.go   a metric of two variations along the checkpoints
//	analysis.go    all of them, made a report
//	report.go, csv.go          its shape
//	check.go       whether the relay's own engine would have decided so
//	snapshot.go    what is kept of it all, with the cursor in the log
//	rows.go        how what is known of visitors is kept
//
// A batch that was posted for an SDK key belongs to that project. Otherwise an
// exposure belongs to the first project whose datafile holds the experiment,
// and a conversion to every project with the batch's project_id.
//
// Identities are kept as 64-bit hashes: a collision among ten million visitors
// has a probability of 3e-6.
package results

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// Log is what is counted.
type Log interface {
	Reader(name string) (eventlog.Reader, error)
	End() eventlog.Position
}

// Project is a configured project that has a datafile.
type Project struct {
	SDKKey   string
	Datafile *datafile.Project
	// PrimaryEvent is the key of the event whose metrics come first; if the
	// datafile does not have it, that is its first event.
	PrimaryEvent string
}

// Options of [Results]. Log and Projects have no default.
type Options struct {
	Log Log
	// Projects returns the projects as they are now, in configured order, without waiting for anything.
	Projects func() []Project
	// Duplicates returns how many duplicates the log dropped for a project, as
	// posts name it; nil means none.
	Duplicates func(sdkKey, projectID string) int
	// Changed is told of the projects whose results changed, once for all
	// changes within Interval. It is called by Run, never concurrently; nil
	// means nobody wants to know.
	Changed func(sdkKeys []string)
	// Interval is the least time between two calls of Changed; 0 means 100 ms.
	Interval time.Duration
	// MaxVisitors bounds the visitors of one project, at most 8 million; 0 means
	// 5 million, which take about 500 MB. Later ones are not counted.
	MaxVisitors int
	// MaxBehind bounds the bytes of batches that are counted but not saved yet,
	// which the log has to keep; 0 means 64 MiB.
	MaxBehind int
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Logger is told when the log cannot be read or a bound is reached; nil discards that.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Duplicates == nil {
		o.Duplicates = func(string, string) int { return 0 }
	}
	if o.Changed == nil {
		o.Changed = func([]string) {}
	}
	o.Interval = cmp.Or(o.Interval, 100*time.Millisecond)
	o.MaxVisitors = cmp.Or(o.MaxVisitors, 5_000_000)
	o.MaxVisitors = min(o.MaxVisitors, indexMask)
	o.MaxBehind = cmp.Or(o.MaxBehind, 64<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o
}

const (
	// readAgain is the pause after an error of the log.
	readAgain = time.Second
	// gather is the pause after a few events, unless there were enough bytes of them: to wake up for each post of a busy relay
	// takes more than to count it.
	gather = 5 * time.Millisecond
	enough = 256 << 10
)

// Results are the counts of all projects. Its methods may be called
// concurrently.
type Results struct {
	options Options
	ready   chan struct{} // closed when the log was read once

	mu      sync.Mutex        // taken before the projects are asked for: a book that went back to an earlier datafile would begin epochs
	book    *book             // nil until then
	counted eventlog.Position // of the log
	changed map[string]bool
	wake    chan struct{} // holds one when changed is not empty

	unkept    bool   // Run's: the last snapshot could not be kept, which was told
	uncounted string // as well: why the log cannot be counted, which was told
}

// New makes results that are empty until Run.
func New(o Options) *Results {
	return &Results{
		options: o.withDefaults(),
		ready:   make(chan struct{}),
		changed: map[string]bool{},
		wake:    make(chan struct{}, 1),
	}
}

// Ready is closed as soon as everything is counted that was in the log when
// Run began.
func (r *Results) Ready() <-chan struct{} { return r.ready }

// Revise takes note that a project has another datafile: visitors it decides
// for may belong to another epoch.
func (r *Results) Revise() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.book != nil {
		r.book.begin(r.options.Projects())
	}
}

// firstOf returns the index of the first project with the id: what was posted
// without an SDK key is its own.
func firstOf(projects []Project, projectID string) int {
	return slices.IndexFunc(projects, func(p Project) bool { return p.Datafile.ProjectID == projectID })
}

// Run counts until ctx ends.
func (r *Results) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { r.announce(ctx) })
	for ctx.Err() == nil {
		err := r.follow(ctx)
		if ctx.Err() == nil {
			r.tellCounted(err)
			pause(ctx, readAgain)
		}
	}
	running.Wait()
	return nil
}

// follow counts the log from the last snapshot on, into a book that is shown
// when it has caught up with the log.
func (r *Results) follow(ctx context.Context) error {
	b, s, err := r.open()
	if err != nil {
		return err
	}
	defer s.reader.Close() //nolint:errcheck // what is to be kept was committed
	for end, live := r.options.Log.End(), false; ; {
		if !live && s.reader.Position() >= end {
			r.publish(b)
			r.tellCounted(nil)
			live = true
		}
		records, err := s.next(ctx)
		if errors.Is(err, errIdle) {
			if err := r.keep(s, b); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return errors.Join(err, r.keep(s, b))
		}
		r.tellCounted(nil)
		size := bytesOf(records)
		touched := r.count(b, records, s.reader.Position())
		if live {
			r.note(touched)
		}
		if s.due(b, size) {
			if err := r.keep(s, b); err != nil {
				return err
			}
		}
		if size < enough {
			pause(ctx, gather)
		}
	}
}

// keep saves the book. Where that fails the next start counts again what came
// since the last time. It returns an error where the reader is void, and
// nothing of the book can be saved any more.
func (r *Results) keep(s *saver, b *book) error {
	at := s.reader.Position()
	if at == 0 {
		return nil // nothing was read
	}
	r.mu.Lock()
	snapshot, err := s.take(b)
	r.mu.Unlock()
	if err == nil {
		err = s.keep(snapshot, at) // which waits for the disk, and nobody for it
	}
	if errors.Is(err, eventlog.ErrReaderVoid) {
		return err
	}
	r.tellKept(err)
	return nil
}

// tellKept tells when the results cannot be kept any more, and when they are again: it is tried every few seconds.
func (r *Results) tellKept(err error) {
	switch {
	case err != nil && !r.unkept:
		r.options.Logger.Error("the results are counted but cannot be kept", "err", err)
	case err == nil && r.unkept:
		r.options.Logger.Info("the results are kept again")
	}
	r.unkept = err != nil
}

// tellCounted tells when the log cannot be counted, when the reason is another, and when it is counted again: it is tried every second.
func (r *Results) tellCounted(err error) {
	reason := ""
	if err != nil {
		reason = err.Error()
	}
	if reason == r.uncounted {
		return
	}
	if r.uncounted = reason; err != nil {
		r.options.Logger.Error("the event log cannot be counted", "err", err)
	} else {
		r.options.Logger.Info("the event log is counted again")
	}
}

// open returns the book as it was saved last, and what keeps it. A snapshot
// that cannot be read is dropped: the log has what it was made of.
func (r *Results) open() (*book, *saver, error) {
	for again := false; ; again = true {
		reader, err := r.options.Log.Reader(readerName)
		if err != nil {
			return nil, nil, err
		}
		b := newBook(r.options.MaxVisitors, r.options.Logger, r.options.Now)
		s := &saver{reader: reader, maxBehind: r.options.MaxBehind, duplicates: r.dropped}
		if err = s.load(b); err == nil {
			return b, s, nil
		}
		if !errors.Is(err, errSnapshot) && !errors.Is(err, eventlog.ErrStateDamaged) {
			return nil, nil, errors.Join(err, reader.Close()) // it may be there, and what it was made of gone
		}
		r.options.Logger.Error("the results are counted anew", "err", err)
		if err := errors.Join(reader.Commit(0), reader.Close()); err != nil || again {
			return nil, nil, fmt.Errorf("drop the snapshot: %w", err)
		}
	}
}

// dropped is how many duplicates the log dropped for a project.
func (r *Results) dropped(sdkKey string) int64 {
	projects := r.options.Projects()
	i := slices.IndexFunc(projects, func(p Project) bool { return p.SDKKey == sdkKey })
	if i < 0 {
		return 0
	}
	id := projects[i].Datafile.ProjectID
	n := r.options.Duplicates(sdkKey, id)
	if firstOf(projects, id) == i {
		n += r.options.Duplicates("", id)
	}
	return int64(n)
}

// count adds the records up to a position to the book and returns whose
// results that changed.
func (r *Results) count(b *book, records []eventlog.Record, end eventlog.Position) (touched []string) {
	batches := make([]*event.Batch, 0, len(records))
	kept := records[:0]
	for _, record := range records {
		if batch, err := record.Decode(); err == nil { // else it is the dispatcher's to report
			batches, kept = append(batches, batch), append(kept, record)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b.begin(r.options.Projects())
	for i, batch := range batches {
		b.add(kept[i].SDKKey, kept[i].Received, batch)
	}
	r.counted = end
	return b.touchedKeys()
}

// publish makes a book the one that is shown.
func (r *Results) publish(b *book) {
	r.mu.Lock()
	first := r.book == nil
	r.book = b
	r.mu.Unlock()
	if first {
		close(r.ready)
	}
	var keys []string
	for _, p := range r.options.Projects() {
		keys = append(keys, p.SDKKey)
	}
	r.note(keys)
}

// note remembers whose results changed until announce tells of it.
func (r *Results) note(sdkKeys []string) {
	if len(sdkKeys) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, key := range sdkKeys {
		r.changed[key] = true
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// announce tells of changes, no more often than the interval.
func (r *Results) announce(ctx context.Context) {
	for {
		select {
		case <-r.wake:
			r.options.Changed(r.takeChanged())
			pause(ctx, r.options.Interval)
		case <-ctx.Done():
			return
		}
	}
}

func (r *Results) takeChanged() (sdkKeys []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for key := range r.changed {
		sdkKeys = append(sdkKeys, key)
	}
	clear(r.changed)
	return sdkKeys
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
