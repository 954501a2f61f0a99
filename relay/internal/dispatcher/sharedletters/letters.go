// Package sharedletters keeps the dead letters of a fleet, for every relay of it to list, send again and discard.
//
// Each is a key letter.NUMBER.PROJECT of the bucket ID-letters, whose value
// tells where the blob of its text lies: a letter may be larger than a message.
package sharedletters

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nuid"

	"sortition/relay/internal/dispatcher"
	"sortition/relay/internal/fleet"
)

// timeout bounds what the servers are asked for one letter.
const timeout = 10 * time.Second

// idKey is written for each letter; the revision it gets is the letter's id.
const idKey = "id"

// listFor is how long a list of the letters will do: a walk through them asks for each by its own, and whoever counts for every project.
const listFor = time.Second

// bucket is what a box needs of a [fleet.Bucket].
type bucket interface {
	Newest(ctx context.Context, key string) (*fleet.Entry, error)
	Put(ctx context.Context, key string, value []byte) (revision uint64, err error)
	Keys(ctx context.Context, match string) (keys []string, err error)
	Drop(ctx context.Context, key string) error
	PutBlob(ctx context.Context, name string, content []byte) (parts int, err error)
	Blob(ctx context.Context, name string, parts int) (content []byte, err error)
	DropBlob(ctx context.Context, name string) error
}

// Box implements [dispatcher.LetterBox].
type Box struct {
	bucket bucket

	mu      sync.Mutex // held while the servers are asked for a list, as whoever else wants it needs that one
	keys    []string   // of the letters, in order, as they were known last
	listErr error      // why that is no newer
	listed  time.Time  // when the servers were asked; zero where they must be
}

// New makes the fleet's box.
func New(bucket bucket) *Box { return &Box{bucket: bucket} }

// kept is the value of a letter's key.
type kept struct {
	Blob  string `json:"blob"`
	Parts int    `json:"parts"`
}

// allLetters matches the keys of letterKey.
const allLetters = "letter.>"

func letterKey(id uint64, sdkKey string) string {
	return fmt.Sprintf("letter.%016x.%s", id, base64.RawURLEncoding.EncodeToString([]byte(sdkKey)))
}

// parseKey reads what letterKey made.
func parseKey(key string) (id uint64, sdkKey string, ok bool) {
	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return 0, "", false
	}
	id, err := strconv.ParseUint(parts[1], 16, 64)
	name, nameErr := base64.RawURLEncoding.DecodeString(parts[2])
	return id, string(name), err == nil && nameErr == nil
}

// Put implements [dispatcher.LetterBox].
func (b *Box) Put(letter dispatcher.Letter) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var err error
	if letter.ID, err = b.bucket.Put(ctx, idKey, nil); err != nil {
		return b.explain(err)
	}
	return b.write(ctx, letter)
}

// Replace implements [dispatcher.LetterBox].
func (b *Box) Replace(letter dispatcher.Letter) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	before, err := b.find(ctx, letter)
	if fleet.Missing(err) {
		return nil
	}
	if err != nil {
		return b.explain(err)
	}
	if err := b.write(ctx, letter); err != nil {
		return err
	}
	return b.bucket.DropBlob(ctx, before.Blob)
}

// write keeps the text, and then the key that tells of it.
func (b *Box) write(ctx context.Context, letter dispatcher.Letter) error {
	text, err := json.Marshal(letter)
	if err != nil {
		return err
	}
	k := kept{Blob: "text." + nuid.Next()}
	if k.Parts, err = b.bucket.PutBlob(ctx, k.Blob, text); err != nil {
		return errors.Join(b.explain(err), b.bucket.DropBlob(ctx, k.Blob))
	}
	value, err := json.Marshal(k)
	if err != nil {
		return err
	}
	_, err = b.bucket.Put(ctx, letterKey(letter.ID, letter.SDKKey), value)
	b.relist()
	if fleet.Full(err) { // else the key may be there all the same
		return errors.Join(b.explain(err), b.bucket.DropBlob(ctx, k.Blob))
	}
	return b.explain(err)
}

// explain tells a full bucket from other errors.
func (b *Box) explain(err error) error {
	if fleet.Full(err) {
		return dispatcher.ErrNoRoom
	}
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	return nil
}

// find returns what the servers' leader has of a letter. Another server may not have it yet, or have it as it was before it was replaced: who
// went by that would leave the letter, or its text.
func (b *Box) find(ctx context.Context, letter dispatcher.Letter) (k kept, err error) {
	entry, err := b.bucket.Newest(ctx, letterKey(letter.ID, letter.SDKKey))
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(entry.Value, &k)
}

// Remove implements [dispatcher.LetterBox].
func (b *Box) Remove(letter dispatcher.Letter) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	k, err := b.find(ctx, letter)
	if fleet.Missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove dead letter: %w", err)
	}
	key := letterKey(letter.ID, letter.SDKKey)
	if err := b.bucket.Drop(ctx, key); err != nil {
		return err
	}
	b.unlist(key)
	return b.bucket.DropBlob(ctx, k.Blob)
}

// list returns the keys of the letters, in order, of a moment ago at most. Beside an error it is what was known last.
func (b *Box) list(ctx context.Context) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.listed) < listFor {
		return b.keys, b.listErr
	}
	keys, err := b.bucket.Keys(ctx, allLetters)
	if err == nil {
		slices.Sort(keys)
		b.keys = keys
	}
	b.listErr, b.listed = err, time.Now()
	return b.keys, err
}

// unlist takes a letter off the list. Whoever walks along that keeps it as it was.
func (b *Box) unlist(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if i, there := slices.BinarySearch(b.keys, key); there {
		b.keys = slices.Concat(b.keys[:i], b.keys[i+1:])
	}
}

// relist has the servers asked for the next list.
func (b *Box) relist() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listed = time.Time{}
}

// Count implements [dispatcher.LetterBox]. While NATS is away it is what was known last.
func (b *Box) Count(sdkKey string) (count int) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	keys, _ := b.list(ctx)
	for _, key := range keys {
		if _, of, ok := parseKey(key); ok && of == sdkKey {
			count++
		}
	}
	return count
}

// From implements [dispatcher.LetterBox].
func (b *Box) From(id uint64, sdkKey string) (letter dispatcher.Letter, found bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if letter, found, err = b.listedFrom(ctx, id, sdkKey); found || err != nil {
		return letter, found, err
	}
	b.relist() // others may have put more
	return b.listedFrom(ctx, id, sdkKey)
}

// listedFrom is From as far as the list goes.
func (b *Box) listedFrom(ctx context.Context, id uint64, sdkKey string) (letter dispatcher.Letter, found bool, err error) {
	keys, err := b.list(ctx)
	if err != nil {
		return letter, false, fmt.Errorf("read dead letters: %w", err)
	}
	first, _ := slices.BinarySearch(keys, letterKey(id, ""))
	for _, key := range keys[first:] {
		number, of, ok := parseKey(key)
		if !ok || sdkKey != "" && sdkKey != of {
			continue
		}
		letter, err := b.read(ctx, dispatcher.Letter{ID: number, SDKKey: of})
		if fleet.Missing(err) {
			continue // another relay removed it meanwhile
		}
		return letter, err == nil, err
	}
	return letter, false, nil
}

func (b *Box) read(ctx context.Context, of dispatcher.Letter) (letter dispatcher.Letter, err error) {
	k, err := b.find(ctx, of)
	if err != nil {
		return letter, err
	}
	text, err := b.bucket.Blob(ctx, k.Blob, k.Parts)
	if err != nil {
		return letter, err
	}
	return letter, json.Unmarshal(text, &letter)
}
