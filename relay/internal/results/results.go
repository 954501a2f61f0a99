// Package results counts visitors and conversions per variation, live.
//
// It reads the event log from its start, then follows it. What counts:
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
//
// The result does not depend on the order in which events arrive, as long as
// two first exposures of a visitor don't bear the same timestamp: an exposure
// that arrives late moves the visitor's conversions with it.
//
// A batch that was posted for an SDK key belongs to that project. Otherwise an
// exposure belongs to the first project whose datafile holds the experiment,
// and a conversion to every project with the batch's project_id.
//
// Identities are kept as 64-bit hashes: a collision among ten million visitors
// has a probability of 3e-6.
package results

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
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
}

// Options of [Results]. Log and Projects have no default.
type Options struct {
	Log Log
	// Projects returns the projects as they are now, in configured order.
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
	// MaxVisitors bounds the visitors of one project; 0 means 5 million, which
	// take about 600 MB. Later ones are not counted.
	MaxVisitors int
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
	if o.Interval == 0 {
		o.Interval = 100 * time.Millisecond
	}
	if o.MaxVisitors == 0 {
		o.MaxVisitors = 5_000_000
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// readAgain is the pause after an error of the log.
const readAgain = time.Second

// Results are the counts of all projects. Its methods may be called
// concurrently.
type Results struct {
	options Options
	ready   chan struct{} // closed when the log was read once

	mu      sync.Mutex
	book    *book // nil until then
	changed map[string]bool
	wake    chan struct{} // holds one when changed is not empty
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

// Results returns a project's [Report] as JSON, and false while the log is
// read for the first time or the project has no datafile.
func (r *Results) Results(sdkKey string) ([]byte, bool) {
	report, ok := r.Report(sdkKey)
	if !ok {
		return nil, false
	}
	text, err := json.Marshal(report)
	return text, err == nil
}

// Run counts until ctx ends.
func (r *Results) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { r.announce(ctx) })
	for ctx.Err() == nil {
		err := r.follow(ctx)
		if ctx.Err() != nil || errors.Is(err, errResolvable) {
			continue
		}
		r.options.Logger.Error("the event log cannot be counted", "err", err)
		pause(ctx, readAgain)
	}
	running.Wait()
	return nil
}

// follow counts the log from its start into a new book, which replaces the old
// one when it has caught up with it.
func (r *Results) follow(ctx context.Context) error {
	reader, err := r.options.Log.Reader("")
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // it only read
	next := newBook(r.options.MaxVisitors, r.options.Logger)
	for end, live := r.options.Log.End(), false; ; {
		if !live && reader.Position() >= end {
			r.publish(next)
			live = true
		}
		records, err := reader.Next(ctx)
		if err != nil {
			return err
		}
		projects := r.options.Projects()
		if next.resolves(projects) {
			return errResolvable
		}
		touched := r.count(next, records, projects)
		if live {
			r.note(touched)
		}
	}
}

// count adds the records to the book and returns whose results that changed.
func (r *Results) count(b *book, records []eventlog.Record, projects []Project) (touched []string) {
	batches := make([]*event.Batch, 0, len(records))
	kept := records[:0]
	for _, record := range records {
		if batch, err := record.Decode(); err == nil { // else it is the dispatcher's to report
			batches, kept = append(batches, batch), append(kept, record)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	b.begin(projects)
	for i, batch := range batches {
		b.add(kept[i].SDKKey, batch)
	}
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
