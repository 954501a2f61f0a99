package datasource

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// A source that fails, or does not have an announced revision yet, is asked again after firstRetry and then ever twice as
// long, until that is the poll interval. wantAttempts bounds the latter: 51 seconds in all, since an edge of a CDN may serve
// an old copy for about that long.
const (
	firstRetry   = 100 * time.Millisecond
	wantAttempts = 9
	wantTime     = firstRetry << wantAttempts
)

// rewatch is the time until a watch that failed is tried again.
const rewatch = 5 * time.Second

// Problem is why a project does not have the newest datafile of its source.
type Problem struct {
	Error   string // for the operator: may name files and addresses
	Refused bool   // the source gave something that is no datafile
	Since   time.Time
}

// Sentence tells of the problem without naming anything of the operator's.
func (p *Problem) Sentence() string {
	if p.Refused {
		return "the newest datafile was not taken: " + p.Error
	}
	return "the source of the datafile cannot be read"
}

// refusal is the error of a source that gave something that is no datafile.
type refusal struct{ error }

// project is one project's goroutine, and what others may ask of it meanwhile.
type project struct {
	Project
	source      source
	forwardOnly bool
	dir         string
	poll        time.Duration
	log         *slog.Logger
	onChange    func(*Datafile)
	onProblem   func(sdkKey string, p *Problem)

	shared  Shared        // nil for a relay by itself
	synced  chan struct{} // closed when what is shared is known
	leads   atomic.Bool   // it asks the source for all relays
	newest  atomic.Pointer[Datafile]
	hold    atomic.Pointer[Hold] // nil while the source decides
	wake    chan struct{}        // holds one when there is a reason to fetch now
	history history

	// deciding is held by whoever decides which datafile is in force: the goroutine, with what its source gave, or an operator.
	deciding    sync.Mutex
	have        validators // of what the source gave last
	anyRevision bool       // the source's next may be older than the one in force
	keptHash    string     // of the datafile on disk
	keptHold    *Hold      // on disk
	keptRelease bool       // anyRevision, on disk
	version     uint64     // of what is shared, that is in force here
	seen        string     // hash of what the source gave last that was dealt with; "" before that

	mu        sync.Mutex
	wants     string    // the revision a webhook announced that is not there yet
	announced time.Time // when the first refetch was asked for that has brought nothing new yet
	problem   *Problem
}

// refetch asks for a fetch now and, if a revision is named, for more until it is there. Of relays that serve as one it may
// be another that does it.
func (p *project) refetch(revision string) {
	if p.shared == nil || p.shared.Ask(p.SDKKey, revision) != nil {
		p.want(revision)
	}
}

// want notes what refetch asks for.
func (p *project) want(revision string) {
	p.mu.Lock()
	if order, comparable := compareRevisions(revision, p.wants); revision != "" && (!comparable || order > 0) {
		p.wants = revision
	}
	if p.announced.IsZero() {
		p.announced = time.Now()
	}
	p.mu.Unlock()
	p.nudge()
}

func (p *project) nudge() {
	select {
	case p.wake <- struct{}{}:
	default: // a fetch is due already, and it comes after this
	}
}

// run keeps the datafile the newest until ctx ends.
func (p *project) run(ctx context.Context) {
	p.begin()
	if p.shared != nil {
		p.share(ctx, p.ask)
	} else {
		p.ask(ctx)
	}
}

// ask fetches when it is time or something asks for it, until ctx ends.
func (p *project) ask(ctx context.Context) {
	for failures := 0; ; {
		if p.refresh(ctx, failures) {
			failures = 0
		} else {
			failures++
		}
		timer := time.NewTimer(p.pause(failures))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-p.wake:
			timer.Stop()
			failures = 0
		case <-timer.C:
		}
	}
}

// restore takes from disk what was in force. A hold is written before its datafile and a crash may come between, so where the two do not
// fit it is the hold that tells.
func (p *project) restore() error {
	kept, err := readKept(p.dir, p.SDKKey)
	hold, holdErr := readHold(p.dir, p.SDKKey)
	p.keptHold = hold
	if kept != nil {
		p.keptHash = kept.Hash
	}
	if hold != nil && (kept == nil || kept.Hash != hold.Hash) {
		if held, heldErr := p.held(hold, kept); heldErr == nil {
			kept, err = held, nil
		} else {
			hold, holdErr = nil, heldErr
		}
	}
	released, releaseErr := readRelease(p.dir, p.SDKKey)
	p.keptRelease, p.anyRevision = released, released && hold == nil
	p.newest.Store(kept)
	p.hold.Store(hold)
	return errors.Join(err, holdErr, releaseErr)
}

// sweep removes what crashes left unfinished of the project's files.
func (p *project) sweep(left leftovers) error {
	errs := []error{left.sweep(p.history.dir, ".")}
	for _, path := range []string{keptPath(p.dir, p.SDKKey), holdPath(p.dir, p.SDKKey), releasePath(p.dir, p.SDKKey)} {
		errs = append(errs, left.sweep(filepath.Dir(path), unfinished(path)))
	}
	if file := p.file(); file != nil && p.Own {
		errs = append(errs, left.sweep(filepath.Dir(file.path), unfinished(file.path)))
	}
	return errors.Join(errs...)
}

// begin puts the datafile from disk into force.
func (p *project) begin() {
	p.deciding.Lock()
	defer p.deciding.Unlock()
	if kept := p.newest.Load(); kept != nil {
		p.publish(kept)
	}
}

// file is the source if that is a file, else nil.
func (p *project) file() *fileSource {
	file, _ := p.source.(*fileSource)
	return file
}

// watch watches a source that is a file until ctx ends. Where it cannot be watched, the poll must do.
func (p *project) watch(ctx context.Context) {
	file := p.file()
	for failed := false; file != nil && ctx.Err() == nil; {
		if err := file.watch(ctx, p.nudge); err != nil && !failed {
			p.log.Warn("a changed datafile is noticed by polling only", "sdkKey", p.SDKKey, "err", err)
			failed = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(rewatch):
		}
	}
}

// pause is the time until the next fetch that nobody asked for, more or less.
func (p *project) pause(failures int) time.Duration {
	d := p.poll
	if failures > 0 {
		d = min(d, firstRetry<<min(failures-1, 20))
	}
	return d - d/10 + rand.N(d/5+1)
}

// refresh fetches once and tells whether that gave all that is hoped for. failures counts those that did not.
func (p *project) refresh(ctx context.Context, failures int) bool {
	p.deciding.Lock()
	have := p.have
	p.deciding.Unlock()
	got, err := p.source.fetch(ctx, have, failures > 0 || p.wanted() != "")
	if ctx.Err() != nil {
		return false
	}
	if err == nil {
		err = p.decide(got)
	}
	p.report(err)
	return err == nil && p.satisfied(failures)
}

// decide deals with what the source gave.
func (p *project) decide(got content) error {
	p.deciding.Lock()
	defer p.deciding.Unlock()
	if !got.unchanged {
		if err := p.accept(got); err != nil {
			return err
		}
	}
	return p.keep()
}

func (p *project) wanted() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shared != nil && !p.leads.Load() && time.Since(p.announced) > wantTime {
		p.wants, p.announced = "", time.Time{} // the relay that asks has given up as well
	}
	return p.wants
}

// arrived ends the wait for a revision that is there, or for whatever there is.
func (p *project) arrived() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wants == "" || p.newest.Load().reaches(p.wants) {
		p.wants, p.announced = "", time.Time{}
	}
}

// accept makes what the source gave the newest datafile, if it is one and differs.
func (p *project) accept(got content) error {
	d, err := parse(p.SDKKey, got.body, got.modified)
	if err != nil {
		return refusal{err}
	}
	if p.stale(d) {
		return p.passOver(d)
	}
	previous, before := p.newest.Load(), p.hold.Load()
	hold, isHeld := before.after(d, p.forwardOnly)
	switch {
	case isHeld && hold != before:
		err = p.holdBack(d, hold)
	case isHeld, previous != nil && d.Hash == previous.Hash:
		if hold != before || p.anyRevision || p.isUnshared() { // the end of a hold is dealt with, as every relay must know
			err = p.put(previous, hold)
		}
	case previous != nil && p.forwardOnly && !p.anyRevision && d.ofEnvironment(previous) && d.olderThan(previous):
		p.log.Debug("an older copy came from the CDN", "sdkKey", p.SDKKey, "revision", d.Revision, "newest", previous.Revision)
		return nil
	default:
		d.after(previous)
		d.Announced = p.takeAnnounced()
		err = p.put(d, hold)
	}
	if err == nil {
		p.have, p.anyRevision, p.seen = got.validators, false, d.Hash
	}
	return err
}

// holdBack keeps a datafile of the source's, of which the hold knows now, for when that ends.
func (p *project) holdBack(d *Datafile, hold *Hold) error {
	err := p.put(p.newest.Load(), hold)
	p.log.Info("a newer datafile is held back by a pin", "sdkKey", p.SDKKey, "revision", d.Revision, "hash", d.Hash)
	return errors.Join(err, p.history.add(d, p.keptHash))
}

// put puts a datafile and a hold into force.
func (p *project) put(d *Datafile, hold *Hold) error {
	if p.shared != nil {
		return p.offer(editionOf(d, hold))
	}
	if err := p.setHold(hold); err != nil {
		return err
	}
	if newest := p.newest.Load(); newest == nil || newest.Hash != d.Hash {
		p.log.Info("new datafile", "sdkKey", p.SDKKey, "revision", d.Revision, "hash", d.Hash, "bytes", len(d.Bytes))
		p.publish(d)
	}
	return nil
}

// publish puts a datafile in force at once, and its encodings when they are made.
func (p *project) publish(d *Datafile) {
	p.newest.Store(d)
	p.onChange(d)
	p.newest.Store(d.compressed())
}

// keep writes to disk what is in force, unless it is there. That the source may go back is forgotten last, when what it gave is kept.
func (p *project) keep() error {
	if err := p.keepHold(p.hold.Load()); err != nil {
		return err
	}
	if err := p.keepNewest(); err != nil {
		return err
	}
	return p.keepRelease(p.anyRevision)
}

// keepNewest writes the newest datafile to disk, and to the history, unless it is there.
func (p *project) keepNewest() error {
	d := p.newest.Load()
	if d == nil || d.Hash == p.keptHash {
		return nil
	}
	before := p.keptHash
	p.keptHash = "" // where one of the two fails, neither this one nor that of before is kept
	if err := WriteFile(keptPath(p.dir, p.SDKKey), d.Bytes, d.Modified); err != nil {
		return err
	}
	if err := p.history.add(d, before); err != nil {
		return err
	}
	p.keptHash = d.Hash
	return nil
}

// report remembers a problem or its end, and tells of it when that is news.
func (p *project) report(err error) {
	p.mu.Lock()
	before := p.problem
	switch {
	case err == nil:
		p.problem = nil
	case before == nil || before.Error != err.Error():
		var refused refusal
		p.problem = &Problem{Error: err.Error(), Refused: errors.As(err, &refused), Since: time.Now()}
	}
	now := p.problem
	p.mu.Unlock()
	switch {
	case now == before:
		return
	case now == nil:
		p.log.Info("datafile source is well again", "sdkKey", p.SDKKey)
	default:
		p.log.Warn("no new datafile", "sdkKey", p.SDKKey, "source", p.source.String(), "err", err)
	}
	p.onProblem(p.SDKKey, now)
}

// satisfied tells whether nothing more is wanted than what is there, or it was waited for long enough.
func (p *project) satisfied(failures int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	there := p.wants == "" || p.hold.Load() != nil || p.newest.Load().reaches(p.wants)
	if !there && failures < wantAttempts {
		return false
	}
	if !there {
		p.log.Warn("an announced revision did not come", "sdkKey", p.SDKKey, "revision", p.wants)
	}
	p.wants, p.announced = "", time.Time{}
	return true
}

func (p *project) takeAnnounced() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	announced := p.announced
	p.announced = time.Time{}
	return announced
}

func (p *project) trouble() *Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.problem
}
