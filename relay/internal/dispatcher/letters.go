package dispatcher

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// maxLetterBytes bounds the dead letters of all projects; for a new one the
// oldest go.
const maxLetterBytes = 256 << 20

var lettersBucket = []byte("dead_letters")

// Letter is a request that the event API will never take.
type Letter struct {
	Time    time.Time `json:"time"`
	SDKKey  string    `json:"sdkKey"`
	Status  int       `json:"status"`
	Reason  string    `json:"reason"`
	Request string    `json:"request"` // the event batch
}

// Letters returns the dead letters in the database, oldest first.
func Letters(db *bolt.DB) ([]Letter, error) {
	var letters []Letter
	err := db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(lettersBucket)
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(_, value []byte) error {
			var letter Letter
			if err := json.Unmarshal(value, &letter); err != nil {
				return err
			}
			letters = append(letters, letter)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return letters, nil
}

// letterBox keeps dead letters under ever larger numbers. It is safe for
// concurrent use, as the database is.
type letterBox struct {
	db       *bolt.DB
	maxBytes int
}

// put keeps a letter and returns how many older ones had to go for it.
func (b *letterBox) put(letter Letter) (dropped int, err error) {
	value, err := json.Marshal(letter)
	if err != nil {
		return 0, fmt.Errorf("write dead letter: %w", err)
	}
	err = b.db.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucketIfNotExists(lettersBucket)
		if err != nil {
			return err
		}
		if dropped, err = makeRoom(bucket, b.maxBytes-len(value)); err != nil {
			return err
		}
		number, err := bucket.NextSequence()
		if err != nil {
			return err
		}
		return bucket.Put(binary.BigEndian.AppendUint64(nil, number), value)
	})
	if err != nil {
		return 0, fmt.Errorf("write dead letter: %w", err)
	}
	return dropped, nil
}

// makeRoom deletes the oldest letters so that those that stay take no more
// than room.
func makeRoom(bucket *bolt.Bucket, room int) (dropped int, err error) {
	cursor := bucket.Cursor()
	var old [][]byte
	for key, value := cursor.Last(); key != nil; key, value = cursor.Prev() {
		if room -= len(value); room < 0 {
			old = append(old, key)
		}
	}
	for _, key := range old {
		if err := bucket.Delete(key); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}
