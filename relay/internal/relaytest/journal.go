package relaytest

import (
	"sync"
	"testing"
	"time"
)

// Patience is how long a Wait method waits before it fails the test. It is far
// above what any of them needs, so that a slow machine fails no test.
const Patience = 20 * time.Second

// journal is an append-only list that can be waited on.
type journal[T any] struct {
	mu      sync.Mutex
	entries []T
	changed chan struct{} // closed at the next add; nil while nobody waits
}

func (j *journal[T]) add(entry T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// all returns the entries so far.
func (j *journal[T]) all() []T {
	entries, _ := j.watch()
	return entries
}

// watch returns the entries so far and a channel closed when there are more.
// The entries are shared, which is safe as none ever changes.
func (j *journal[T]) watch() ([]T, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.entries[:len(j.entries):len(j.entries)], j.changed
}

// wait returns the entries as soon as enough says so. what completes the
// sentence "waited in vain for ..." when it never does.
func (j *journal[T]) wait(tb testing.TB, what string, enough func([]T) bool) []T {
	tb.Helper()
	timeout := time.NewTimer(Patience)
	defer timeout.Stop()
	for {
		entries, changed := j.watch()
		if enough(entries) {
			return entries
		}
		select {
		case <-changed:
		case <-timeout.C:
			tb.Fatalf("waited in vain for %s; there are %d", what, len(entries))
		}
	}
}
