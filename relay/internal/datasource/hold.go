package datasource

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// ErrNotKept is the error of a hold of what the history does not have; ErrNoProject that of a project that is not configured;
// ErrNotOnDisk that of a disk which has no room for what is in force all the same.
var (
	ErrNotKept   = errors.New("no such datafile is kept")
	ErrNoProject = errors.New("no such project")
	ErrNotOnDisk = errors.New("it is in force, but not on this relay's disk")
)

// notOnDisk is the error of a disk, if there is one, when what it should keep is in force.
func notOnDisk(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrNotOnDisk, err)
}

// Hold is an operator's decision that a project shall not have the newest datafile of its source. It outlives restarts.
type Hold struct {
	Hash string `json:"hash"` // of the datafile in force
	// Pinned says that it stays in force until the operator lets go. Otherwise it was rolled back to, and stays until the source
	// has something newer than what it had then.
	Pinned bool      `json:"pinned"`
	Since  time.Time `json:"since"`
	// Source and SourceRevision are what the source had last that was held back.
	Source         string `json:"source,omitempty"`
	SourceRevision string `json:"sourceRevision,omitempty"`
}

// holds tells whether a datafile of the source's is held back. A rollback ends with a newer one.
func (h *Hold) holds(d *Datafile, forwardOnly bool) bool {
	if h.Pinned || d.Hash == h.Source {
		return true
	}
	order, comparable := compareRevisions(d.Revision, h.SourceRevision)
	return forwardOnly && comparable && order < 0 // an edge's stale copy of before the rollback
}

func holdPath(dir, sdkKey string) string { return filepath.Join(dir, "datafiles", sdkKey+".hold") }

func readHold(dir, sdkKey string) (*Hold, error) {
	text, err := os.ReadFile(holdPath(dir, sdkKey))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	hold := new(Hold)
	if err := json.Unmarshal(text, hold); err != nil {
		return nil, fmt.Errorf("%s: %w", holdPath(dir, sdkKey), err)
	}
	return hold, nil
}

// held is the datafile of a hold out of the history, to come after another or after none.
func (p *project) held(hold *Hold, after *Datafile) (*Datafile, error) {
	d, err := p.history.read(p.SDKKey, hold.Hash)
	if err != nil {
		return nil, fmt.Errorf("%s is dropped, since its datafile %s is not in the history: %w", holdPath(p.dir, p.SDKKey), hold.Hash, err)
	}
	if came := hold.Since.Truncate(time.Second); came.After(d.Modified) {
		d.Modified = came // it is in force since then
	}
	d.after(after)
	return d, nil
}

// setHold puts a hold, or its end when it is nil, into force once it is kept.
func (p *project) setHold(hold *Hold) error {
	if err := p.keepHold(hold); err != nil {
		return err
	}
	p.hold.Store(hold)
	return nil
}

// keepHold writes a hold, or its end, to disk unless it is there.
func (p *project) keepHold(hold *Hold) error {
	if hold == p.keptHold {
		return nil
	}
	if err := p.writeHold(hold); err != nil {
		return err
	}
	p.keptHold = hold
	return nil
}

func (p *project) writeHold(hold *Hold) error {
	if hold == nil {
		return removeFile(holdPath(p.dir, p.SDKKey))
	}
	text, err := json.Marshal(hold)
	if err != nil {
		return err
	}
	return WriteFile(holdPath(p.dir, p.SDKKey), text, hold.Since)
}

// releasePath is where an empty file lies from the end of a hold until the source has answered: what it has may be older then.
func releasePath(dir, sdkKey string) string {
	return filepath.Join(dir, "datafiles", sdkKey+".released")
}

func readRelease(dir, sdkKey string) (bool, error) {
	_, err := os.Stat(releasePath(dir, sdkKey))
	if os.IsNotExist(err) {
		return false, nil
	}
	return err == nil, err
}

// keepRelease writes to disk whether the source's next may be older, unless that is there.
func (p *project) keepRelease(anyRevision bool) (err error) {
	switch path := releasePath(p.dir, p.SDKKey); {
	case anyRevision == p.keptRelease:
		return nil
	case anyRevision:
		err = WriteFile(path, nil, time.Now())
	default:
		err = removeFile(path)
	}
	if err == nil {
		p.keptRelease = anyRevision
	}
	return err
}

// keepTo puts a datafile of the history into force and holds the source's back.
func (p *project) keepTo(which string, pinned bool) (*Datafile, error) {
	p.deciding.Lock()
	defer p.deciding.Unlock()
	d, err := p.history.read(p.SDKKey, which)
	if err != nil {
		return nil, err
	}
	hold := &Hold{Hash: d.Hash, Pinned: pinned, Since: time.Now().UTC()}
	newest := p.newest.Load()
	switch before := p.hold.Load(); {
	case before != nil:
		hold.Source, hold.SourceRevision = before.Source, before.SourceRevision
	case newest != nil:
		hold.Source, hold.SourceRevision = newest.Hash, newest.Revision
	}
	p.log.Warn("an operator puts a datafile into force", "sdkKey", p.SDKKey, "revision", d.Revision, "hash", d.Hash, "pinned", pinned)
	if newest != nil && newest.Hash == d.Hash {
		d = newest // the history knows when it came first: before what it was put in place of, perhaps
	} else {
		d.after(newest)
	}
	if err := p.put(d, hold); err != nil {
		return nil, err
	}
	return d, notOnDisk(p.keep())
}

// follow ends a hold: the project has its source's datafile again, whatever its revision.
func (p *project) follow() error {
	p.deciding.Lock()
	defer p.deciding.Unlock()
	if p.hold.Load() == nil {
		return nil
	}
	p.log.Warn("an operator lets the source decide again", "sdkKey", p.SDKKey)
	if p.shared != nil {
		e := editionOf(p.newest.Load(), nil)
		e.Released = true
		return p.offer(e)
	}
	if err := p.keepRelease(true); err != nil {
		return err
	}
	if err := p.setHold(nil); err != nil {
		return err
	}
	p.have, p.anyRevision = validators{}, true
	p.nudge()
	return nil
}

// after returns what becomes of a hold, or of none, when the source has a datafile, and whether it holds that back.
func (h *Hold) after(d *Datafile, forwardOnly bool) (after *Hold, isHeld bool) {
	switch {
	case h == nil || !h.holds(d, forwardOnly):
		return nil, false
	case h.Pinned && d.Hash != h.Source:
		newer := *h
		newer.Source, newer.SourceRevision = d.Hash, d.Revision
		return &newer, true
	}
	return h, true
}

// History returns the last datafiles of a project, the newest first.
func (s *Store) History(sdkKey string) ([]Past, error) {
	p, ok := s.byKey[sdkKey]
	if !ok {
		return nil, ErrNoProject
	}
	return p.history.list()
}

// Pin puts a datafile of the history, by hash or revision, into force until Follow.
func (s *Store) Pin(sdkKey, which string) (*Datafile, error) { return s.keepTo(sdkKey, which, true) }

// RollBack puts a datafile of the history into force until the source has a newer one than it has now.
func (s *Store) RollBack(sdkKey, which string) (*Datafile, error) {
	return s.keepTo(sdkKey, which, false)
}

func (s *Store) keepTo(sdkKey, which string, pinned bool) (*Datafile, error) {
	p, ok := s.byKey[sdkKey]
	if !ok {
		return nil, ErrNoProject
	}
	return p.keepTo(which, pinned)
}

// Follow ends a pin or a rollback, if there is one.
func (s *Store) Follow(sdkKey string) error {
	p, ok := s.byKey[sdkKey]
	if !ok {
		return ErrNoProject
	}
	return p.follow()
}
