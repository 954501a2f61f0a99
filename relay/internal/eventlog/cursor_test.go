package eventlog_test

import (
	"fmt"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"sortition/relay/internal/eventlog"
)

// A relay of a thousand projects stops with as many commits, and each transaction waits for the disk.
func TestReadersThatCommitTogetherShareATransaction(t *testing.T) {
	const readers = 100
	log := mustOpen(t, t.TempDir(), eventlog.Options{})
	log.State().MaxBatchSize, log.State().MaxBatchDelay = readers, time.Minute // so that no transaction begins before all are there
	before := lastTransaction(t, log)
	var committing errgroup.Group
	for i := range readers {
		reader, err := log.Reader(fmt.Sprint("reader ", i))
		if err != nil {
			t.Fatal(err)
		}
		committing.Go(func() error {
			return reader.Commit(eventlog.Position(i+1), eventlog.Entry{Key: "a", Value: []byte("b")})
		})
	}
	if err := committing.Wait(); err != nil {
		t.Fatal(err)
	}
	if made := lastTransaction(t, log) - before; made != 1 {
		t.Errorf("%d commits made %d transactions", readers, made)
	}
	for i := range readers {
		reader, err := log.Reader(fmt.Sprint("reader ", i))
		if err != nil || reader.Position() != eventlog.Position(i+1) {
			t.Fatalf("reader %d begins at %v, %v", i, reader.Position(), err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// lastTransaction is the number of the last that changed something.
func lastTransaction(tb testing.TB, log *eventlog.Log) (id int) {
	tb.Helper()
	err := log.State().View(func(tx *bolt.Tx) error {
		id = tx.ID()
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return id
}
