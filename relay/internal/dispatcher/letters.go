package dispatcher

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxLetterBytes bounds the dead letters of all projects.
const maxLetterBytes = 256 << 20

var lettersBucket = []byte("dead_letters")

// ErrNoRoom is what a letter too many gets: none is ever thrown away for it.
var ErrNoRoom = errors.New("there is no room for more dead letters, an operator must send them again or discard them")

// Letter is a request that the event API refused for good, or on which it failed while it took others.
type Letter struct {
	ID      uint64    `json:"id"` // larger for later ones
	Time    time.Time `json:"time"`
	SDKKey  string    `json:"sdkKey"`
	Status  int       `json:"status"`
	Reason  string    `json:"reason"`
	Events  int       `json:"events"`
	Request string    `json:"request"` // the event batch
}

// alone says whether the event API failed on the letter alone: to do so again
// says nothing about others.
func (l Letter) alone() bool { return !outcome{status: l.Status}.never() }

// LetterBox keeps dead letters. It is safe for concurrent use.
type LetterBox interface {
	// Put keeps a letter, under an id of its own that is larger than those before, or returns ErrNoRoom.
	Put(Letter) error
	// Replace puts a letter in place of the one of the same id; one that was removed meanwhile stays away.
	Replace(Letter) error
	// Remove takes a letter away, if it is there.
	Remove(Letter) error
	// Count returns how many letters of a project there are.
	Count(sdkKey string) int
	// From returns the first letter, of one project or with "" of any, whose id is at least id.
	From(id uint64, sdkKey string) (letter Letter, found bool, err error)
}

// letterBox is the one on this relay's disk: each letter lies under its id and its project's SDK key.
type letterBox struct {
	db       *bolt.DB
	maxBytes int

	mu     sync.Mutex
	bytes  int
	counts map[string]int // by SDK key
}

// OpenLetters opens the box in the relay's own database.
func OpenLetters(db *bolt.DB) (LetterBox, error) { return openLetters(db, maxLetterBytes) }

func openLetters(db *bolt.DB, maxBytes int) (*letterBox, error) {
	b := &letterBox{db: db, maxBytes: maxBytes, counts: map[string]int{}}
	err := db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(lettersBucket)
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(key, value []byte) error {
			b.tally(key, len(value), 1)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return b, nil
}

func letterKey(id uint64, sdkKey string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, id), sdkKey...)
}

func (b *letterBox) tally(key []byte, bytes, count int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytes += bytes
	b.counts[string(key[8:])] += count
}

// Count implements LetterBox.
func (b *letterBox) Count(sdkKey string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.counts[sdkKey]
}

func (b *letterBox) fits(bytes int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.bytes+bytes <= b.maxBytes
}

// Put implements LetterBox.
func (b *letterBox) Put(letter Letter) error {
	return b.update(func(bucket *bolt.Bucket) (key, value []byte, err error) {
		if letter.ID, err = bucket.NextSequence(); err != nil {
			return nil, nil, err
		}
		value, err = json.Marshal(letter)
		if err == nil && !b.fits(len(value)) {
			err = ErrNoRoom
		}
		return letterKey(letter.ID, letter.SDKKey), value, err
	})
}

// Replace implements LetterBox.
func (b *letterBox) Replace(letter Letter) error {
	return b.update(func(bucket *bolt.Bucket) (key, value []byte, err error) {
		key = letterKey(letter.ID, letter.SDKKey)
		if bucket.Get(key) == nil {
			return key, nil, nil
		}
		value, err = json.Marshal(letter)
		return key, value, err
	})
}

// Remove implements LetterBox.
func (b *letterBox) Remove(letter Letter) error {
	return b.update(func(*bolt.Bucket) (key, value []byte, err error) {
		return letterKey(letter.ID, letter.SDKKey), nil, nil
	})
}

// update puts one value under its key in a transaction, nil for none, and tallies it once that holds.
func (b *letterBox) update(change func(*bolt.Bucket) (key, value []byte, err error)) error {
	var key []byte
	var grown, count int
	err := b.db.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(lettersBucket)
		if err != nil {
			return err
		}
		var value []byte
		if key, value, err = change(bucket); err != nil {
			return err
		}
		if before := bucket.Get(key); before != nil {
			grown, count = -len(before), -1
		}
		if value == nil {
			return bucket.Delete(key)
		}
		grown, count = grown+len(value), count+1
		return bucket.Put(key, value)
	})
	if err != nil {
		return fmt.Errorf("write dead letter: %w", err)
	}
	b.tally(key, grown, count)
	return nil
}

// allLetters yields the letters of a box, oldest first, of one project or with
// "" of all. Each is read for itself, so that a slow reader holds up nobody.
func allLetters(b LetterBox, sdkKey string) iter.Seq2[Letter, error] {
	return func(yield func(Letter, error) bool) {
		for id := uint64(1); ; id++ {
			letter, found, err := b.From(id, sdkKey)
			if !found && err == nil {
				return
			}
			if !yield(letter, err) || err != nil {
				return
			}
			id = letter.ID
		}
	}
}

// chosenLetters yields the letter of an id, if it is there and of the project; with zero it is allLetters.
func chosenLetters(b LetterBox, sdkKey string, id uint64) iter.Seq2[Letter, error] {
	if id == 0 {
		return allLetters(b, sdkKey)
	}
	return func(yield func(Letter, error) bool) {
		letter, found, err := b.From(id, sdkKey)
		if err != nil || found && letter.ID == id {
			yield(letter, err)
		}
	}
}

// From implements LetterBox.
func (b *letterBox) From(id uint64, sdkKey string) (letter Letter, found bool, err error) {
	err = b.db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(lettersBucket)
		if bucket == nil {
			return nil
		}
		cursor := bucket.Cursor()
		key, value := cursor.Seek(letterKey(id, ""))
		for key != nil && sdkKey != "" && string(key[8:]) != sdkKey {
			key, value = cursor.Next()
		}
		if found = key != nil; !found {
			return nil
		}
		return json.Unmarshal(value, &letter)
	})
	if err != nil {
		return letter, false, fmt.Errorf("read dead letter: %w", err)
	}
	return letter, found, nil
}
