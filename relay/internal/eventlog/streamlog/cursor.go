package streamlog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nuid"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/fleet"
)

// timeout bounds a request to the servers, patience what takes several.
const (
	timeout  = 5 * time.Second
	patience = time.Minute
)

// errTaken is what a commit gets after another reader of the name was opened.
var errTaken = errors.New("another relay reads under this name now")

// cursor is how far a reader has read, and the state that goes with it.
type cursor struct {
	bucket   *fleet.Bucket
	name     string
	revision uint64 // of the key
	saved    savedCursor
}

// savedCursor is the value of the cursor's key.
type savedCursor struct {
	Position eventlog.Position    `json:"position"`
	Entries  map[string]savedPart `json:"entries,omitempty"` // the state, by key
	Commit   string               `json:"commit"`            // another for each write
}

// savedPart is where the value of an entry lies: a blob of the bucket.
type savedPart struct {
	Name  string `json:"name"`
	Parts int    `json:"parts"`
}

// inKey makes a part of a key of any text.
func inKey(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func cursorKey(name string) string { return "cursor." + inKey(name) }

// claim returns the cursor as it was committed last, and sees to it that nobody
// who opened it before can commit any more.
func claim(bucket *fleet.Bucket, name string) (*cursor, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c := &cursor{bucket: bucket, name: name}
	for {
		if err := c.load(ctx); err != nil {
			return nil, err
		}
		err := c.write(ctx, c.saved)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, errTaken) {
			return nil, err
		}
	}
}

// load reads the key.
func (c *cursor) load(ctx context.Context) error {
	c.revision, c.saved = 0, savedCursor{}
	entry, err := c.bucket.Get(ctx, cursorKey(c.name))
	if fleet.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	c.revision = entry.Revision()
	return json.Unmarshal(entry.Value(), &c.saved)
}

// write replaces the key, if it is as it was found.
func (c *cursor) write(ctx context.Context, next savedCursor) error {
	next.Commit = nuid.Next()
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	revision, err := c.bucket.Update(ctx, cursorKey(c.name), text, c.revision)
	switch {
	case fleet.Conflict(err):
		return errTaken
	case err != nil:
		return c.recall(next, err)
	}
	c.revision, c.saved = revision, next
	return nil
}

// recall finds out whether a write got through whose answer did not.
func (c *cursor) recall(next savedCursor, cause error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	there := &cursor{bucket: c.bucket, name: c.name}
	switch err := there.load(ctx); {
	case err != nil:
		return errors.Join(cause, err)
	case there.saved.Commit == next.Commit:
		c.revision, c.saved = there.revision, there.saved
		return nil
	case there.revision == c.revision:
		return cause
	}
	return errTaken
}

// commit moves the cursor and changes the state in one step.
func (c *cursor) commit(at eventlog.Position, changes []eventlog.Entry) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	next := savedCursor{Position: at}
	if at > 0 {
		var err error
		if next.Entries, err = c.change(ctx, changes); err != nil {
			return err
		}
	}
	before := c.saved.Entries
	if err := c.write(ctx, next); err != nil {
		c.drop(ctx, next.Entries, before)
		return err
	}
	c.drop(ctx, before, next.Entries)
	return nil
}

// change writes what is new of the state and returns where everything lies.
func (c *cursor) change(ctx context.Context, changes []eventlog.Entry) (map[string]savedPart, error) {
	entries := maps.Clone(c.saved.Entries)
	if entries == nil {
		entries = map[string]savedPart{}
	}
	for _, change := range changes {
		if change.Value == nil {
			delete(entries, change.Key)
			continue
		}
		name := "state." + inKey(c.name) + "." + nuid.Next()
		parts, err := c.bucket.PutBlob(ctx, name, change.Value)
		if err != nil {
			c.drop(ctx, entries, c.saved.Entries)
			return nil, err
		}
		entries[change.Key] = savedPart{name, parts}
	}
	return entries, nil
}

// drop removes the values that are among some entries and not among others.
// What it does not get to is lost room, no more.
func (c *cursor) drop(ctx context.Context, entries, but map[string]savedPart) {
	for key, part := range entries {
		if but[key] != part {
			_ = c.bucket.DropBlob(ctx, part.Name)
		}
	}
}

// visit calls visit with every entry of the state, in the order of the keys.
func (c *cursor) visit(visit func(key string, value []byte) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, key := range slices.Sorted(maps.Keys(c.saved.Entries)) {
		part := c.saved.Entries[key]
		value, err := c.bucket.Blob(ctx, part.Name, part.Parts)
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
