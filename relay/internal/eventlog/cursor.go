package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	bolt "go.etcd.io/bbolt"
)

// What readers leave in the database: their cursors by name, and in a bucket
// of each one's own the entries of its state. A cursor is stored as a position,
// a value of the state as it is; both with their CRC-32C behind them.
var (
	cursorsBucket = []byte("cursors")
	statesBucket  = []byte("states")
)

// ErrStateDamaged says that a checksum in a state does not hold, or that something of it is missing.
var ErrStateDamaged = errors.New("the reader's state is damaged")

// saveCursor moves a reader's cursor and changes its state, in one transaction, which several readers share that come within
// commitDelay: a thousand projects have as many, and each transaction waits for the disk twice.
func saveCursor(db *bolt.DB, name string, at Position, changes []Entry) error {
	return db.Batch(func(tx *bolt.Tx) error {
		cursors, err := tx.CreateBucketIfNotExists(cursorsBucket)
		if err != nil {
			return err
		}
		if err := cursors.Put([]byte(name), sealed(binary.LittleEndian.AppendUint64(nil, uint64(at)))); err != nil {
			return err
		}
		return changeState(tx, name, changes)
	})
}

func changeState(tx *bolt.Tx, name string, changes []Entry) error {
	if len(changes) == 0 {
		return nil
	}
	states, err := tx.CreateBucketIfNotExists(statesBucket)
	if err != nil {
		return err
	}
	state, err := states.CreateBucketIfNotExists([]byte(name))
	if err != nil {
		return err
	}
	for _, change := range changes {
		key := []byte(change.Key)
		if change.Value == nil {
			err = state.Delete(key)
		} else {
			err = state.Put(key, sealed(change.Value))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// loadCursor returns zero for a cursor that was never saved, or if the cursor or
// its state is damaged. Then it drops both: the one is nothing without the other.
func loadCursor(db *bolt.DB, name string) (at Position, err error) {
	stateless := true
	err = db.View(func(tx *bolt.Tx) error {
		if cursors := tx.Bucket(cursorsBucket); cursors != nil {
			at = parseCursor(cursors.Get([]byte(name)))
		}
		return visitState(tx, name, func(string, []byte) error {
			stateless = false
			return nil
		})
	})
	damaged := errors.Is(err, ErrStateDamaged)
	if damaged || err == nil && at == 0 && !stateless {
		return 0, forget(db, name)
	}
	return at, err
}

// forget removes a reader's cursor and state.
func forget(db *bolt.DB, name string) error {
	return db.Update(func(tx *bolt.Tx) error {
		if cursors := tx.Bucket(cursorsBucket); cursors != nil {
			if err := cursors.Delete([]byte(name)); err != nil {
				return err
			}
		}
		return tx.Bucket(statesBucket).DeleteBucket([]byte(name))
	})
}

// loadState calls visit with the entries of a reader's state in the order of
// their keys.
func loadState(db *bolt.DB, name string, visit func(key string, value []byte) error) error {
	return db.View(func(tx *bolt.Tx) error { return visitState(tx, name, visit) })
}

func visitState(tx *bolt.Tx, name string, visit func(key string, value []byte) error) error {
	states := tx.Bucket(statesBucket)
	if states == nil {
		return nil
	}
	state := states.Bucket([]byte(name))
	if state == nil {
		return nil
	}
	return state.ForEach(func(key, stored []byte) error {
		value, ok := unsealed(stored)
		if !ok {
			return fmt.Errorf("%s of %s: %w", key, name, ErrStateDamaged)
		}
		return visit(string(key), value)
	})
}

// sealed returns the value with its checksum behind it.
func sealed(value []byte) []byte {
	stored := append(make([]byte, 0, len(value)+4), value...)
	return binary.LittleEndian.AppendUint32(stored, crc32.Checksum(value, castagnoli))
}

// unsealed returns the value that sealed was given, if the checksum holds.
func unsealed(stored []byte) (value []byte, ok bool) {
	if len(stored) < 4 {
		return nil, false
	}
	value, sum := stored[:len(stored)-4], stored[len(stored)-4:]
	return value, binary.LittleEndian.Uint32(sum) == crc32.Checksum(value, castagnoli)
}

func parseCursor(stored []byte) Position {
	value, ok := unsealed(stored)
	if !ok || len(value) != 8 {
		return 0
	}
	return Position(binary.LittleEndian.Uint64(value))
}

// furthestCursor returns the largest of all cursors.
func furthestCursor(db *bolt.DB) (furthest Position, err error) {
	err = db.View(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(cursorsBucket)
		if bucket == nil {
			return nil
		}
		return bucket.ForEach(func(_, value []byte) error {
			furthest = max(furthest, parseCursor(value))
			return nil
		})
	})
	return furthest, err
}
