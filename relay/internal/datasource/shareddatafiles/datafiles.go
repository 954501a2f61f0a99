// Package shareddatafiles keeps the datafiles that a fleet's relays have in force where all of them watch.
//
// Of each project the bucket ID-datafiles has a key edition.SDKKEY, with a history as long as a relay's own, that tells of
// the datafile in force: its hash, since when, and whether an operator holds it there. Its bytes lie beside it as the blob
// text.SDKKEY.HASH, since a datafile may be larger than a message; a blob goes when the history no longer names it.
package shareddatafiles

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/fleet"
)

// timeout bounds what the servers are asked for one edition.
const timeout = 10 * time.Second

// again is the pause after an edition that could not be read.
const again = 500 * time.Millisecond

// Datafiles implements [datasource.Shared].
type Datafiles struct {
	fleet *fleet.Fleet
	log   *slog.Logger
}

// New makes the fleet's datafiles.
func New(f *fleet.Fleet, log *slog.Logger) *Datafiles { return &Datafiles{f, log} }

// edition is the value of a project's key.
type edition struct {
	Hash      string           `json:"hash"`
	Parts     int              `json:"parts"` // of the blob
	Modified  time.Time        `json:"modified"`
	Announced time.Time        `json:"announced,omitzero"`
	Hold      *datasource.Hold `json:"hold,omitempty"`
	Released  bool             `json:"released,omitempty"`
}

func editionKey(sdkKey string) string     { return "edition." + sdkKey }
func blobName(sdkKey, hash string) string { return "text." + sdkKey + "." + hash }
func hashOf(content []byte) string        { return fmt.Sprintf("%016x", xxhash.Sum64(content)) }
func lease(sdkKey string) string          { return "source/" + sdkKey }
func refetchName(sdkKey string) string    { return "refetch." + sdkKey }

// Lead implements [datasource.Shared].
func (d *Datafiles) Lead(ctx context.Context, sdkKey string, lead func(context.Context)) {
	d.fleet.Lead(ctx, lease(sdkKey), lead)
}

// Offer implements [datasource.Shared].
func (d *Datafiles) Offer(ctx context.Context, sdkKey string, e datasource.Edition, after uint64) (uint64, error) {
	past, err := d.past(ctx, sdkKey)
	if err != nil {
		return 0, err
	}
	next := edition{Hash: hashOf(e.Bytes), Modified: e.Modified, Announced: e.Announced, Hold: e.Hold, Released: e.Released}
	if i := slices.IndexFunc(past, func(p edition) bool { return p.Hash == next.Hash }); i >= 0 {
		next.Parts = past[i].Parts
	} else if next.Parts, err = d.fleet.Datafiles.PutBlob(ctx, blobName(sdkKey, next.Hash), e.Bytes); err != nil {
		return 0, err
	}
	text, err := json.Marshal(next)
	if err != nil {
		return 0, err
	}
	version, err := d.fleet.Datafiles.Update(ctx, editionKey(sdkKey), text, after)
	switch {
	case fleet.Conflict(err):
		return 0, datasource.ErrOutdated
	case err != nil:
		return 0, fmt.Errorf("the fleet was not told of the datafile: %w", err)
	}
	d.trim(ctx, sdkKey, past, next)
	return version, nil
}

// past returns what the history has of a project, the oldest first.
func (d *Datafiles) past(ctx context.Context, sdkKey string) (past []edition, err error) {
	entries, err := d.fleet.Datafiles.History(ctx, editionKey(sdkKey))
	if err != nil && !fleet.Missing(err) {
		return nil, err
	}
	for _, entry := range entries {
		var e edition
		if err := json.Unmarshal(entry.Value(), &e); err != nil {
			return nil, fmt.Errorf("edition %d of %s: %w", entry.Revision(), sdkKey, err)
		}
		past = append(past, e)
	}
	return past, nil
}

// trim lets go of the oldest datafile when the history has no more room for it beside the next.
func (d *Datafiles) trim(ctx context.Context, sdkKey string, past []edition, next edition) {
	if len(past) < fleet.DatafileHistory {
		return
	}
	gone := past[0].Hash
	if gone == next.Hash || slices.ContainsFunc(past[1:], func(p edition) bool { return p.Hash == gone }) {
		return
	}
	if err := d.fleet.Datafiles.DropBlob(ctx, blobName(sdkKey, gone)); err != nil {
		d.log.Warn("an old datafile stays in the fleet's bucket", "sdkKey", sdkKey, "hash", gone, "err", err)
	}
}

// Follow implements [datasource.Shared].
func (d *Datafiles) Follow(ctx context.Context, sdkKey string, f datasource.Follower) {
	var following sync.WaitGroup
	defer following.Wait()
	following.Go(func() {
		err := d.fleet.Listen(ctx, refetchName(sdkKey), func(revision []byte) { f.Refetch(string(revision)) })
		if err != nil && ctx.Err() == nil {
			d.log.Error("webhooks of other relays are not heard", "sdkKey", sdkKey, "err", err)
		}
	})
	d.recall(ctx, sdkKey, f.Remember)
	synced := sync.OnceFunc(f.Synced)
	d.fleet.Watch(ctx, d.fleet.Datafiles, editionKey(sdkKey), func(entry *fleet.Entry) {
		if entry == nil {
			synced()
			return
		}
		if e, ok := d.fetch(ctx, sdkKey, entry); ok {
			f.Adopt(e)
		}
	})
}

// recall tells of the datafiles that were in force before.
func (d *Datafiles) recall(ctx context.Context, sdkKey string, remember func(datasource.Edition)) {
	timed, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	past, err := d.past(timed, sdkKey)
	for i := 0; i < len(past)-1 && err == nil; i++ {
		var bytes []byte
		if bytes, err = d.fleet.Datafiles.Blob(timed, blobName(sdkKey, past[i].Hash), past[i].Parts); err == nil {
			remember(datasource.Edition{Bytes: bytes, Modified: past[i].Modified})
		}
	}
	if err != nil && ctx.Err() == nil {
		d.log.Warn("earlier datafiles of the fleet cannot be read", "sdkKey", sdkKey, "err", err)
	}
}

// fetch returns the edition that a key tells of. It tries for as long as it takes, or until there is a newer one.
func (d *Datafiles) fetch(ctx context.Context, sdkKey string, entry *fleet.Entry) (e datasource.Edition, ok bool) {
	var told edition
	if err := json.Unmarshal(entry.Value, &told); err != nil {
		d.log.Error("an edition of the fleet cannot be read", "sdkKey", sdkKey, "err", err)
		return e, false
	}
	for failed := false; ctx.Err() == nil; failed = true {
		bytes, err := d.bytes(ctx, sdkKey, told)
		if err == nil {
			return datasource.Edition{Version: entry.Revision, Bytes: bytes, Modified: told.Modified, Announced: told.Announced,
				Hold: told.Hold, Released: told.Released}, true
		}
		if errors.Is(err, errGone) {
			return e, false
		}
		if !failed {
			d.log.Warn("the fleet's datafile cannot be read", "sdkKey", sdkKey, "err", err)
		}
		pause(ctx, again)
	}
	return e, false
}

// errGone is the error of a datafile that was let go meanwhile: newer ones are there.
var errGone = errors.New("it is not there any more")

func (d *Datafiles) bytes(ctx context.Context, sdkKey string, told edition) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	bytes, err := d.fleet.Datafiles.Blob(ctx, blobName(sdkKey, told.Hash), told.Parts)
	switch {
	case fleet.Missing(err), err == nil && hashOf(bytes) != told.Hash:
		return nil, errGone
	case err != nil:
		return nil, err
	}
	return bytes, nil
}

// Ask implements [datasource.Shared].
func (d *Datafiles) Ask(sdkKey, revision string) error {
	return d.fleet.Tell(refetchName(sdkKey), []byte(revision))
}

func pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
