package server

import (
	"context"
	"sync"
	"sync/atomic"
)

// Changes tells the streams of pages that a project has another datafile. What it was is theirs to look up, so nothing waits for a
// page that is slow.
type Changes struct {
	open    atomic.Int64 // streams
	stopped chan struct{}

	mu   sync.Mutex
	next map[string]chan struct{} // by sdkKey, closed by the next change
}

// NewChanges makes one that no stream listens to yet.
func NewChanges() *Changes {
	return &Changes{stopped: make(chan struct{}), next: map[string]chan struct{}{}}
}

// Tell tells of another datafile of a project.
func (c *Changes) Tell(sdkKey string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if next, ok := c.next[sdkKey]; ok {
		close(next)
		delete(c.next, sdkKey)
	}
}

// Run ends every stream when ctx ends, and at once those that come later: a server waits for them when it stops.
func (c *Changes) Run(ctx context.Context) error {
	<-ctx.Done()
	close(c.stopped)
	return nil
}

// Streams returns how many are open.
func (c *Changes) Streams() int64 { return c.open.Load() }

// of returns what is closed by the project's next change.
func (c *Changes) of(sdkKey string) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	next, ok := c.next[sdkKey]
	if !ok {
		next = make(chan struct{})
		c.next[sdkKey] = next
	}
	return next
}
