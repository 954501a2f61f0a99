package eventlog

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	lockTimeout = time.Second
	commitDelay = 2 * time.Millisecond
)

// errInUse is what a second relay on the same folder gets.
var errInUse = errors.New("another relay is using it")

// openState opens the database at path, or makes it. One that is damaged is
// moved aside and reported: to lose the cursors means to deliver again, which
// at-least-once allows; not to start means to lose events.
func openState(path string) (db *bolt.DB, damaged error, err error) {
	db, err = openBolt(path)
	if err == nil || errors.Is(err, errInUse) || !isDamage(err) {
		return db, nil, err
	}
	damaged = err
	if err := os.Rename(path, path+".damaged"); err != nil {
		return nil, nil, fmt.Errorf("%w; and moving it aside failed: %w", damaged, err)
	}
	db, err = openBolt(path)
	return db, damaged, err
}

// isDamage tells whether it is the database that an error is about. What the system lacks for it, such as memory, a descriptor or a
// volume, may be there at the next start, and so must the database.
func isDamage(err error) bool {
	errno, ofSystem := errors.AsType[syscall.Errno](err)
	return !ofSystem || errno == syscall.EIO // a disk that cannot read it any more
}

// lostState says whether there are events, but nothing of what was made of them: a database emptied or taken away.
func (l *Log) lostState(path string) (lost, err error) {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	numbers, listed := listSegments(l.dir)
	if err == nil && info.Size() > 0 || len(numbers) == 0 {
		return nil, listed
	}
	return fmt.Errorf("%s is empty, or not there", path), nil
}

func openBolt(path string) (db *bolt.DB, err error) {
	// bbolt has no checksums on its pages and panics, or touches memory that
	// is not there, when they are damaged.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			db, err = nil, fmt.Errorf("%s is damaged: %v", path, cause)
		}
	}()
	db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("%s: %w", path, errInUse)
	}
	if err != nil {
		return nil, inFile(path, err)
	}
	db.MaxBatchDelay = commitDelay
	if err := db.View(touchAll); err != nil {
		return nil, errors.Join(fmt.Errorf("%s is damaged: %w", path, err), db.Close())
	}
	return db, nil
}

// touchAll reads every page in use once, to meet damage now and not later.
func touchAll(tx *bolt.Tx) error {
	var walk func(bucket *bolt.Bucket) error
	walk = func(bucket *bolt.Bucket) error {
		return bucket.ForEach(func(key, value []byte) error {
			if value != nil {
				return nil
			}
			return walk(bucket.Bucket(key)) // a nested one
		})
	}
	return tx.ForEach(func(_ []byte, bucket *bolt.Bucket) error { return walk(bucket) })
}
