package main

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// busyConns are a server's connections that wait for a request for the first time, or for its answer. Some have just been opened for
// a request, which comes within firstRequest; others a browser has opened in advance, and http.Server.Shutdown would wait five
// seconds for each.
type busyConns struct{ states sync.Map }

const firstRequest = 500 * time.Millisecond

// follow is http.Server's ConnState.
func (b *busyConns) follow(conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew, http.StateActive:
		b.states.Store(conn, state)
	default:
		b.states.Delete(conn)
	}
}

// settle waits for the requests of connections that have just been opened, and closes those that none came on.
func (b *busyConns) settle(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, firstRequest)
	defer stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for b.any() && ctx.Err() == nil {
		select {
		case <-look.C:
		case <-ctx.Done():
		}
	}
	for conn, state := range b.states.Range {
		if state == http.StateNew {
			_ = conn.(net.Conn).Close()
		}
	}
}

func (b *busyConns) any() bool {
	for range b.states.Range {
		return true
	}
	return false
}
