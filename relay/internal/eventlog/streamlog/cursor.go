package streamlog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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

// errTaken is what a commit gets after another reader of the name was opened,
// errSetBack where the servers have an earlier one than the reader made.
var (
	errTaken   = fmt.Errorf("%w: another relay reads under this name now", eventlog.ErrReaderVoid)
	errSetBack = fmt.Errorf("%w: what was committed last has been lost", eventlog.ErrReaderVoid)
)

// cursor is how far a reader has read, and the state that goes with it.
type cursor struct {
	log      *Log
	name     string
	reader   string // a name of its own for whoever opened it
	revision uint64 // of the key
	saved    savedCursor
	damaged  bool // the list that the key leads to has gone
}

// savedCursor is the value of the cursor's key.
type savedCursor struct {
	Stream   time.Time            `json:"stream,omitzero"` // when that was made which Position is of
	Position eventlog.Position    `json:"position"`
	Seen     mark                 `json:"seen,omitzero"`     // a message of that stream, none before Position
	Entries  map[string]savedPart `json:"entries,omitempty"` // the state, by key
	List     savedPart            `json:"list,omitzero"`     // of Entries, where those are too long for the key
	Commit   string               `json:"commit"`            // whose, and another for each write
}

// inKey makes a part of a key of any text.
func inKey(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func cursorKey(name string) string { return "cursor." + inKey(name) }

// claim returns the cursor as it was committed last, and sees to it that nobody
// who opened it before can commit any more.
func claim(l *Log, name string) (*cursor, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := l.verify(ctx); err != nil {
		return nil, err
	}
	c := &cursor{log: l, name: name, reader: nuid.Next()}
	for {
		err := c.load(ctx)
		if err == nil {
			err = c.settle(ctx)
		}
		if err == nil {
			err = c.loadList(ctx)
		}
		if err != nil {
			return nil, err
		}
		if err = c.write(ctx, c.saved); err == nil {
			c.sweep()
			return c, nil
		}
		if !errors.Is(err, eventlog.ErrReaderVoid) {
			return nil, err
		}
	}
}

// load reads the key, but not the list that it may lead to. Of a stream that was
// made anew nothing is read yet: it begins at 1 again.
func (c *cursor) load(ctx context.Context) error {
	c.revision, c.saved, c.damaged = 0, savedCursor{}, false
	newest, err := c.log.fleet.State.Newest(ctx, cursorKey(c.name))
	if fleet.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	c.revision = newest.Revision
	if err := json.Unmarshal(newest.Value, &c.saved); err != nil {
		return err
	}
	if !c.saved.Stream.IsZero() && !c.saved.Stream.Equal(c.log.created) {
		c.saved.Position, c.saved.Seen = 0, mark{}
	}
	return nil
}

// settle goes back to what there is still of what was seen, if the servers have
// lost the rest: what comes behind it has not been read.
func (c *cursor) settle(ctx context.Context) error {
	events := c.log.fleet.Events
	stands, err := c.saved.Seen.stands(ctx, events)
	for missed := 1; errors.Is(err, errBehind) && missed < maxMissed; missed++ {
		fleet.Pause(ctx, lookEvery)
		stands, err = c.saved.Seen.stands(ctx, events)
	}
	if stands || err != nil && !errors.Is(err, errBehind) {
		return err
	}
	left, err := c.saved.Seen.left(ctx, events)
	if err != nil {
		return err
	}
	c.log.options.Logger.Error("the NATS servers have lost the newest events; a reader goes on behind those that are left",
		"reader", c.name, "seen", c.saved.Seen.Sequence, "left", left.Sequence)
	c.saved.Position, c.saved.Seen = min(c.saved.Position, behindMessage(left.Sequence)), left
	return nil
}

// current returns the cursor as it is now, whoever wrote it.
func (c *cursor) current(ctx context.Context) (*cursor, error) {
	there := &cursor{log: c.log, name: c.name}
	return there, there.load(ctx)
}

// write replaces the key, if it is as it was found. What next alone needs goes
// only where that is certain not to be in force: others may have it from there.
func (c *cursor) write(ctx context.Context, next savedCursor) error {
	next.Stream, next.Commit = c.log.created, c.reader+"."+nuid.Next()
	text, err := next.encode()
	if err != nil {
		return err
	}
	revision, err := c.log.fleet.State.Update(ctx, cursorKey(c.name), text, c.revision)
	switch {
	case fleet.Conflict(err):
		if err := c.overtake(ctx); err != nil {
			c.drop(ctx, next, c.saved)
			return err
		}
		return c.write(ctx, next)
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
	there, err := c.current(ctx)
	switch {
	case err != nil:
		return errors.Join(cause, err)
	case there.saved.Commit == next.Commit:
		c.revision, c.saved = there.revision, next
		return nil
	case there.revision == c.revision:
		return cause
	}
	return errTaken
}

// overtake lets the next write replace what came before it, if that is an
// earlier one of the same reader of which nobody told that it got through.
func (c *cursor) overtake(ctx context.Context) error {
	there, err := c.current(ctx)
	switch {
	case err == nil && there.revision < c.revision:
		return errSetBack
	case err != nil || there.revision == c.revision || !strings.HasPrefix(there.saved.Commit, c.reader+"."):
		return errTaken
	}
	c.revision = there.revision
	return nil
}

// commit moves the cursor and changes the state in one step.
func (c *cursor) commit(at eventlog.Position, changes []eventlog.Entry) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	next := savedCursor{Position: at, Seen: c.log.latest(c.saved.Seen)}
	if at > 0 {
		if err := c.change(ctx, &next, changes); err != nil {
			c.drop(ctx, next, c.saved)
			return err
		}
	}
	before := c.saved
	if err := c.write(ctx, next); err != nil {
		return err
	}
	c.drop(ctx, before, c.saved)
	c.damaged = false
	return nil
}
