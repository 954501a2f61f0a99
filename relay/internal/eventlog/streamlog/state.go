package streamlog

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/nats-io/nuid"
	"golang.org/x/sync/errgroup"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/fleet"
)

const (
	// listBytes is how long a cursor's key may be with the list of its state's
	// entries in it: a message must hold it.
	listBytes = 512 << 10
	// together is how many blobs are written or dropped at a time: alone each
	// would wait for the servers' disks.
	together = 16
)

// savedPart is where content lies that is too large for a key: a blob of the bucket.
type savedPart struct {
	Name  string `json:"name"`
	Parts int    `json:"parts"`
}

// blobs are the names under which a cursor keeps things.
func (s *savedCursor) blobs() map[string]bool {
	names := make(map[string]bool, len(s.Entries)+1)
	for _, part := range s.Entries {
		names[part.Name] = true
	}
	if s.List.Name != "" {
		names[s.List.Name] = true
	}
	return names
}

// blobPrefix is what the names of a cursor's blobs begin with.
func (c *cursor) blobPrefix() string { return "state." + inKey(c.name) + "." }

// put keeps content under a name of its own.
func (c *cursor) put(ctx context.Context, content []byte) (savedPart, error) {
	part := savedPart{Name: c.blobPrefix() + nuid.Next()}
	var err error
	part.Parts, err = c.log.fleet.State.PutBlob(ctx, part.Name, content)
	return part, err
}

// encode returns the value of the key.
func (s savedCursor) encode() ([]byte, error) {
	if s.List.Name != "" {
		s.Entries = nil
	}
	return json.Marshal(s)
}

// putList puts the list of the entries elsewhere if it is long.
func (c *cursor) putList(ctx context.Context, next *savedCursor) error {
	list, err := json.Marshal(next.Entries)
	if err != nil || len(list) <= listBytes {
		return err
	}
	next.List, err = c.put(ctx, list)
	return err
}

// loadList reads the entries that the key only leads to. Where they have gone the
// state is damaged, and can still be dropped.
func (c *cursor) loadList(ctx context.Context) error {
	list := c.saved.List
	if list.Name == "" {
		return nil
	}
	text, err := c.log.fleet.State.Blob(ctx, list.Name, list.Parts)
	if c.damaged = fleet.Missing(err); c.damaged {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &c.saved.Entries)
}

// change makes next what the state becomes by changes, and writes what is new.
func (c *cursor) change(ctx context.Context, next *savedCursor, changes []eventlog.Entry) error {
	if c.damaged {
		return eventlog.ErrStateDamaged
	}
	next.Entries = map[string]savedPart{}
	maps.Copy(next.Entries, c.saved.Entries)
	var mu sync.Mutex // of next
	writing, writeCtx := errgroup.WithContext(ctx)
	writing.SetLimit(together)
	for _, change := range changes {
		writing.Go(func() error {
			var part savedPart
			var err error
			if change.Value != nil {
				part, err = c.put(writeCtx, change.Value)
			}
			mu.Lock()
			defer mu.Unlock()
			if next.Entries[change.Key] = part; change.Value == nil {
				delete(next.Entries, change.Key)
			}
			return err
		})
	}
	if err := writing.Wait(); err != nil {
		return err
	}
	return c.putList(ctx, next)
}

// drop removes the blobs of a cursor that another does not have. What it does
// not get to, the next claim sweeps away.
func (c *cursor) drop(ctx context.Context, of, but savedCursor) {
	kept := but.blobs()
	c.dropBlobs(ctx, slices.DeleteFunc(slices.Collect(maps.Keys(of.blobs())), func(name string) bool { return kept[name] }))
}

func (c *cursor) dropBlobs(ctx context.Context, names []string) {
	dropping, ctx := errgroup.WithContext(ctx)
	dropping.SetLimit(together)
	for _, name := range names {
		dropping.Go(func() error { return c.log.fleet.State.DropBlob(ctx, name) })
	}
	_ = dropping.Wait() // as above
}

// sweep removes the blobs that relays left which ended in the middle of a
// commit. Only who has claimed a cursor writes blobs of it: so while the claim
// stands, all that its key does not name are of readers that cannot commit any more.
func (c *cursor) sweep() {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	keys, err := c.log.fleet.State.Keys(ctx, c.blobPrefix()+">")
	there, loadErr := c.current(ctx)
	if err != nil || loadErr != nil || there.revision != c.revision {
		return // the next claim will
	}
	kept := c.saved.blobs()
	left := map[string]bool{}
	for _, key := range keys {
		if name := key[:strings.LastIndexByte(key, '.')]; !kept[name] { // without the number of the part
			left[name] = true
		}
	}
	c.dropBlobs(ctx, slices.Collect(maps.Keys(left)))
}

// visit calls visit with every entry of the state, in the order of the keys.
func (c *cursor) visit(visit func(key string, value []byte) error) error {
	if c.damaged {
		return eventlog.ErrStateDamaged
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, key := range slices.Sorted(maps.Keys(c.saved.Entries)) {
		part := c.saved.Entries[key]
		value, err := c.log.fleet.State.Blob(ctx, part.Name, part.Parts)
		if fleet.Missing(err) {
			err = eventlog.ErrStateDamaged
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}
