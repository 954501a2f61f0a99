package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"sortition/relay/internal/server"
)

// lobby answers on the relay's ports while it waits for what it cannot do without, and leaves them open for the relay.
type lobby struct {
	ports       ports
	certificate *certificate // nil without TLS
	patience    time.Duration
	log         *slog.Logger
}

// during answers that the relay is not ready, and the sentence why, until wait has returned.
func (l lobby) during(ctx context.Context, sentence string, wait func(ctx context.Context) error) error {
	var servers errgroup.Group
	serving, stop := context.WithCancel(ctx)
	answer := func(port net.Listener, server *http.Server) {
		servers.Go(func() error {
			lent := lentListener{port.(*net.TCPListener)}
			return errors.Join(serve(serving, lent, server, l.patience, l.log), lent.takeBack())
		})
	}
	waiting := server.Waiting(sentence)
	answer(l.ports.public, l.certificate.secure(publicServer(waiting)))
	answer(l.ports.admin, adminServer(waiting))
	err := wait(ctx)
	stop()
	return errors.Join(err, servers.Wait())
}

// lentListener stays open when it is closed: connections wait for whoever accepts next.
type lentListener struct{ *net.TCPListener }

// Accept implements net.Listener.
func (l lentListener) Accept() (net.Conn, error) {
	conn, err := l.TCPListener.Accept()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, net.ErrClosed
	}
	return conn, err
}

// Close implements net.Listener: it only ends the Accept that waits.
func (l lentListener) Close() error { return l.SetDeadline(time.Unix(1, 0)) }

func (l lentListener) takeBack() error { return l.SetDeadline(time.Time{}) }
