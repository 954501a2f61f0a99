// Package shareddatafiles has all relays of a fleet use the same datafile of each project.
//
// They share the bucket ID-datafiles. For each project its key edition.SDKKEY tells of the datafile in force: its hash, since when,
// and whether an operator holds it there; the key's history is as long as a relay's own. The datafile's bytes are the blob
// text.SDKKEY.HASH, since they may be more than fit into a message. A blob is deleted when the history does not name it any more.
//
// Editions have versions, each larger than the one it follows. They are times where the relays' clocks agree, so that of two
// that know nothing of each other the later is the larger. Servers that do not sync what they acknowledge may come back
// without the newest editions: a relay that knows one of a larger version than they have puts it back as it was.
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

	mu    sync.Mutex
	known map[string]datasource.Edition // the newest of each project
}

// New makes the fleet's datafiles.
func New(f *fleet.Fleet, log *slog.Logger) *Datafiles {
	return &Datafiles{fleet: f, log: log, known: map[string]datasource.Edition{}}
}

// edition is the value of a project's key.
type edition struct {
	Version   uint64           `json:"version"`
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

// Offer implements [datasource.Shared]. Of what the servers have lost the edition takes the place.
func (d *Datafiles) Offer(ctx context.Context, sdkKey string, e datasource.Edition, after uint64) (uint64, error) {
	e.Version = max(after+1, versionAt(time.Now()))
	if err := d.put(ctx, sdkKey, e, after); err != nil {
		return 0, err
	}
	d.know(sdkKey, e)
	return e.Version, nil
}

// put puts an edition into force unless one that is newer than a version is. Then the error is datasource.ErrOutdated.
func (d *Datafiles) put(ctx context.Context, sdkKey string, e datasource.Edition, after uint64) error {
	current, revision, err := d.current(ctx, sdkKey)
	if err != nil {
		return err
	}
	if current.Version > after {
		return datasource.ErrOutdated
	}
	past, err := d.past(ctx, sdkKey)
	if err != nil {
		return err
	}
	next := edition{Version: e.Version, Hash: hashOf(e.Bytes), Modified: e.Modified, Announced: e.Announced, Hold: e.Hold, Released: e.Released}
	if i := slices.IndexFunc(past, func(p edition) bool { return p.Hash == next.Hash }); i >= 0 {
		next.Parts = past[i].Parts
	} else if next.Parts, err = d.fleet.Datafiles.PutBlob(ctx, blobName(sdkKey, next.Hash), e.Bytes); err != nil {
		return err
	}
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	revision, err = d.fleet.Datafiles.Update(ctx, editionKey(sdkKey), text, revision)
	switch {
	case fleet.Conflict(err):
		return datasource.ErrOutdated
	case err != nil:
		return fmt.Errorf("the fleet was not told of the datafile: %w", err)
	}
	d.trim(ctx, sdkKey, past, next, revision)
	return nil
}

// current returns what the servers have in force, and its revision there: zero while there is nothing.
func (d *Datafiles) current(ctx context.Context, sdkKey string) (e edition, revision uint64, err error) {
	entry, err := d.fleet.Datafiles.Newest(ctx, editionKey(sdkKey))
	switch {
	case fleet.Missing(err):
		return edition{}, 0, nil
	case err != nil:
		return edition{}, 0, err
	}
	e, err = decode(entry)
	return e, entry.Revision, err
}

// decode reads the value of a project's key. One that gives no version is as new as it is there.
func decode(entry *fleet.Entry) (e edition, err error) {
	if err := json.Unmarshal(entry.Value, &e); err != nil {
		return edition{}, fmt.Errorf("edition %d: %w", entry.Revision, err)
	}
	if e.Version == 0 {
		e.Version = versionAt(entry.Created)
	}
	return e, nil
}

func versionAt(now time.Time) uint64 { return uint64(now.UnixNano()) } //nolint:gosec // it is after 1970

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

// trim lets go of the oldest datafile when the history has no more room for it beside the next, which was put at a revision. Another relay
// may put that datafile into force again at the same moment.
func (d *Datafiles) trim(ctx context.Context, sdkKey string, past []edition, next edition, revision uint64) {
	if len(past) < fleet.DatafileHistory {
		return
	}
	gone := past[0].Hash
	if gone == next.Hash || slices.ContainsFunc(past[1:], func(p edition) bool { return p.Hash == gone }) {
		return
	}
	if err := d.fleet.Datafiles.DropBlobBefore(ctx, blobName(sdkKey, gone), revision); err != nil {
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
			d.bringBack(ctx, sdkKey)
			synced()
			return
		}
		d.take(ctx, sdkKey, entry, f.Adopt)
	})
}

// take deals with an edition that the servers have in force, or had when they told of it.
func (d *Datafiles) take(ctx context.Context, sdkKey string, entry *fleet.Entry, adopt func(datasource.Edition)) {
	told, err := decode(entry)
	if err != nil {
		d.log.Error("an edition of the fleet cannot be read", "sdkKey", sdkKey, "err", err)
		return
	}
	if told.Version < d.newest(sdkKey).Version {
		d.bringBack(ctx, sdkKey)
		return
	}
	if e, ok := d.fetch(ctx, sdkKey, told); ok {
		d.know(sdkKey, e)
		adopt(e)
	}
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
func (d *Datafiles) fetch(ctx context.Context, sdkKey string, told edition) (e datasource.Edition, ok bool) {
	for failed := false; ctx.Err() == nil; failed = true {
		bytes, err := d.bytes(ctx, sdkKey, told)
		if err == nil {
			return datasource.Edition{Version: told.Version, Bytes: bytes, Modified: told.Modified, Announced: told.Announced,
				Hold: told.Hold, Released: told.Released}, true
		}
		if errors.Is(err, errGone) {
			return e, false
		}
		if !failed {
			d.log.Warn("the fleet's datafile cannot be read", "sdkKey", sdkKey, "err", err)
		}
		fleet.Pause(ctx, again)
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
