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

// Box implements [dispatcher.LetterBox].
type Box struct {
	bucket *fleet.Bucket

	mu     sync.Mutex
	counts map[string]int // by SDK key, as they were known last
}

// New makes the fleet's box.
func New(bucket *fleet.Bucket) *Box { return &Box{bucket: bucket, counts: map[string]int{}} }

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

func (b *Box) find(ctx context.Context, letter dispatcher.Letter) (k kept, err error) {
	entry, err := b.bucket.Get(ctx, letterKey(letter.ID, letter.SDKKey))
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(entry.Value(), &k)
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
	if err := b.bucket.Drop(ctx, letterKey(letter.ID, letter.SDKKey)); err != nil {
		return err
	}
	return b.bucket.DropBlob(ctx, k.Blob)
}

// Count implements [dispatcher.LetterBox]. While NATS is away it is what was known last.
func (b *Box) Count(sdkKey string) int {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	keys, err := b.bucket.Keys(ctx, allLetters)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		clear(b.counts)
		for _, key := range keys {
			if _, of, ok := parseKey(key); ok {
				b.counts[of]++
			}
		}
	}
	return b.counts[sdkKey]
}

// From implements [dispatcher.LetterBox].
func (b *Box) From(id uint64, sdkKey string) (letter dispatcher.Letter, found bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	keys, err := b.bucket.Keys(ctx, allLetters)
	slices.Sort(keys)
	if err != nil {
		return letter, false, fmt.Errorf("read dead letters: %w", err)
	}
	for _, key := range keys {
		number, of, ok := parseKey(key)
		if !ok || number < id || sdkKey != "" && sdkKey != of {
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
