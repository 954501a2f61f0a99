package datasource

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"
)

// ErrOutdated is what Shared.Offer returns when another relay was first.
var ErrOutdated = errors.New("another relay has changed which datafile is in force; try again")

// Edition is what is in force of a project for all relays that serve as one.
type Edition struct {
	Version   uint64 // larger than those before it
	Bytes     []byte
	Modified  time.Time
	Announced time.Time
	Hold      *Hold
	Released  bool // an operator ended a hold: the source decides, even if its revision is older
}

// Shared is where relays that serve as one keep what is in force. Its methods may be called concurrently.
type Shared interface {
	// Lead calls lead while this relay is the one that asks the project's source, and returns when ctx ends.
	Lead(ctx context.Context, sdkKey string, lead func(context.Context))
	// Offer puts an edition into force for every relay and returns its version. If anything newer than the version it follows
	// is in force, that stays and the error is ErrOutdated.
	Offer(ctx context.Context, sdkKey string, e Edition, after uint64) (version uint64, err error)
	// Follow tells of the past of a project, of what is in force, that this was all for now, and of everything later, until
	// ctx ends.
	Follow(ctx context.Context, sdkKey string, f Follower)
	// Ask has every relay's Follower asked to refetch.
	Ask(sdkKey, revision string) error
}

// Follower is told what becomes of a project.
type Follower struct {
	Remember func(Edition) // that was in force
	Adopt    func(Edition) // that is
	Synced   func()        // everything is told that was there
	Refetch  func(revision string)
}

// share takes part in what the relays share until ctx ends. It calls ask when what is in force is known.
func (p *project) share(ctx context.Context, ask func(context.Context)) {
	var following sync.WaitGroup
	defer following.Wait()
	following.Go(func() {
		p.shared.Follow(ctx, p.SDKKey, Follower{Remember: p.remember, Adopt: p.adopt, Synced: func() { close(p.synced) }, Refetch: p.want})
	})
	following.Go(func() { p.keepLater(ctx) })
	select {
	case <-p.synced:
	case <-ctx.Done():
		return
	}
	if p.file() != nil {
		ask(ctx) // each relay has its own, and tells when that changes
		return
	}
	p.shared.Lead(ctx, p.SDKKey, func(term context.Context) {
		p.leads.Store(true)
		ask(term)
		p.leads.Store(false)
		if ctx.Err() == nil {
			p.forget()
		}
	})
}

// forget leaves it to the relay that asks the source to tell what is wrong with it.
func (p *project) forget() {
	p.mu.Lock()
	had := p.problem
	p.problem = nil
	p.mu.Unlock()
	if had != nil {
		p.onProblem(p.SDKKey, nil)
	}
}

// keepLater keeps what the disk had no room for once it has, until ctx ends. A relay that asks the source does so by that.
func (p *project) keepLater(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(p.pause(0)):
		}
		if p.asks() {
			continue
		}
		p.deciding.Lock()
		err := notOnDisk(p.keep())
		p.deciding.Unlock()
		if problem := p.trouble(); err != nil || problem != nil && !problem.Refused {
			p.report(err)
		}
	}
}

func editionOf(d *Datafile, hold *Hold) Edition {
	return Edition{Bytes: d.Bytes, Modified: d.Modified, Announced: d.Announced, Hold: hold}
}

// offer puts a datafile, with its hold, into force for every relay.
func (p *project) offer(e Edition) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), offerTimeout)
	defer cancel()
	if e.Version, err = p.shared.Offer(ctx, p.SDKKey, e, p.version); err != nil {
		return err
	}
	return p.enforce(e)
}

const offerTimeout = 10 * time.Second

// adopt takes what another relay has put into force.
func (p *project) adopt(e Edition) {
	p.deciding.Lock()
	err := p.enforce(e)
	p.deciding.Unlock()
	if err != nil || !p.asks() {
		p.report(err)
	}
}

// asks tells whether this relay asks the source, and whether all is well is told by that.
func (p *project) asks() bool {
	return p.file() != nil || p.leads.Load()
}

// enforce makes an edition this relay's own, unless it has that or a later one.
func (p *project) enforce(e Edition) error {
	if e.Version <= p.version {
		return notOnDisk(p.keep()) // the disk had no room, perhaps
	}
	d, err := parse(p.SDKKey, e.Bytes, e.Modified)
	if err != nil {
		return refusal{err}
	}
	if p.isSynced() { // else it was announced before this relay began, and is timed by those that had pages then
		d.Announced = e.Announced
	}
	p.version = e.Version
	p.have = validators{} // what the source gave is not in force any more, and may be what it has again
	p.anyRevision = e.Released
	before := p.hold.Load()
	if !reflect.DeepEqual(before, e.Hold) {
		p.hold.Store(e.Hold) // the disk has no say in what is in force: it is kept for all relays
	}
	var own error
	switch {
	case e.Released:
		p.release(d, before)
	case e.Hold == nil:
		own = p.keepOwn(d) // before anyone hears of it and edits what lies there
	}
	if newest := p.newest.Load(); newest == nil || newest.Hash != d.Hash {
		p.log.Info("new datafile", "sdkKey", p.SDKKey, "revision", d.Revision, "hash", d.Hash, "bytes", len(d.Bytes))
		p.publish(d)
	}
	p.arrived()
	return notOnDisk(errors.Join(own, p.keep()))
}

// isSynced tells whether what is shared is known, so that whatever comes is new.
func (p *project) isSynced() bool {
	select {
	case <-p.synced:
		return true
	default:
		return false
	}
}

// isUnshared tells whether what is in force is this relay's own, from its disk: the others have nothing yet.
func (p *project) isUnshared() bool { return p.shared != nil && p.version == 0 }

// release lets the source decide again, after a hold that has left a datafile in force. What a file has counts as a change
// where it is what was held back: another relay's may be older.
func (p *project) release(d *Datafile, before *Hold) {
	if before != nil && before.Source == p.seen {
		p.seen = d.Hash
	}
	p.nudge()
}

// keepOwn keeps a file that is the relay's own as what is in force, so that a change made to it is a change of that.
func (p *project) keepOwn(d *Datafile) error {
	file := p.file()
	if file == nil || !p.Own {
		return nil
	}
	if there, err := readFile(file.path); err != nil || hashOf(there.body) != d.Hash {
		if err := WriteFile(file.path, d.Bytes, d.Modified); err != nil {
			return err // and the file has what was seen there, which is no change
		}
	}
	p.seen = d.Hash
	return nil
}

// remember keeps what was in force before.
func (p *project) remember(e Edition) {
	p.deciding.Lock()
	defer p.deciding.Unlock()
	d, err := parse(p.SDKKey, e.Bytes, e.Modified)
	if err == nil {
		err = p.history.add(d, p.keptHash)
	}
	if err != nil {
		p.log.Warn("a datafile of the fleet's history was not kept", "sdkKey", p.SDKKey, "err", err)
	}
}

// stale tells whether what a file has is nothing new: each relay's may be another, and only a change of one counts.
func (p *project) stale(d *Datafile) bool {
	return p.shared != nil && p.file() != nil && (p.seen == d.Hash || p.seen == "" && p.version > 0)
}

// passOver deals with a file that is stale: one of the relay's own could not be written, perhaps. One that had what is in force
// when it was read is left alone, since it may have been edited meanwhile.
func (p *project) passOver(d *Datafile) error {
	p.seen = d.Hash
	if newest := p.newest.Load(); newest != nil && newest.Hash != d.Hash && p.hold.Load() == nil {
		return p.keepOwn(newest)
	}
	return nil
}
