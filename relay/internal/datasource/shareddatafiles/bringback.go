package shareddatafiles

import (
	"context"
	"errors"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/fleet"
)

// newest returns the newest edition of a project that this relay knows; the zero one of none.
func (d *Datafiles) newest(sdkKey string) datasource.Edition {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.known[sdkKey]
}

// know takes note of an edition that is in force, or was.
func (d *Datafiles) know(sdkKey string, e datasource.Edition) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Version > d.known[sdkKey].Version {
		d.known[sdkKey] = e
	}
}

// bringBack puts the newest edition that this relay knows back into force, where the servers have lost it. Until they have
// that one, from whichever relay, or a newer one it tries again.
func (d *Datafiles) bringBack(ctx context.Context, sdkKey string) {
	for failed := false; ctx.Err() == nil; fleet.Pause(ctx, again) {
		err := d.restore(ctx, sdkKey)
		if err == nil {
			return
		}
		if !failed && d.fleet.Connected() && ctx.Err() == nil && !errors.Is(err, datasource.ErrOutdated) {
			d.log.Warn("what the fleet has in force cannot be checked", "sdkKey", sdkKey, "err", err)
			failed = true
		}
	}
}

// restore is one attempt of bringBack.
func (d *Datafiles) restore(ctx context.Context, sdkKey string) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	known := d.newest(sdkKey)
	current, _, err := d.current(ctx, sdkKey)
	if err != nil || current.Version >= known.Version {
		return err
	}
	if err := d.put(ctx, sdkKey, known, known.Version-1); err != nil {
		return err
	}
	d.log.Warn("the NATS servers had lost a project's newest datafile; this relay brought it back", "sdkKey", sdkKey, "hash", hashOf(known.Bytes))
	return nil
}
