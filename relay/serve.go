package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// serveCommand runs the relay.
type serveCommand struct {
	settings `embed:""`
}

// Run serves until the environment's context ends.
func (c *serveCommand) Run(e environment) (err error) {
	if err := c.complete(e.from); err != nil {
		return err
	}
	// Go ends a process whose log nobody reads any more, and systemd takes that for a good end.
	signal.Ignore(syscall.SIGPIPE)
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	for _, name := range e.unknown {
		log.Warn("this variable is no setting", "name", name)
	}
	certificate, err := newCertificate(&c.settings, log)
	if err != nil {
		return err
	}
	// The ports come first: where one is taken, nothing else is touched.
	ports, err := listen(&c.settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ports.close()) }()
	log.Info("listening", "addr", ports.public.Addr().String())
	log.Info("operator's port", "addr", ports.admin.Addr().String())
	shared, err := joinFleet(e.ctx, &c.settings, lobby{ports, certificate, c.stopping() / 2, log}, log)
	if errors.Is(err, context.Canceled) {
		log.Info("stopped")
		return nil
	}
	if err != nil {
		return err
	}
	if shared != nil {
		defer func() { err = errors.Join(err, shared.Close()) }()
	}
	r, err := newRelay(&c.settings, shared, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	r.certificate = certificate
	fmt.Fprintf(e.stdout, "Attic & Button is open at %s\n", friendly(ports.public.Addr(), certificate != nil))
	return r.run(e.ctx, ports)
}

// ports are the addresses the relay listens on.
type ports struct{ public, admin net.Listener }

func listen(s *settings) (p ports, err error) {
	if p.public, err = net.Listen("tcp", s.Listen); err != nil {
		return p, &settingError{setting: "listen", err: err}
	}
	if p.admin, err = net.Listen("tcp", s.Admin); err != nil {
		return p, errors.Join(&settingError{setting: "admin", err: err}, p.public.Close())
	}
	return p, nil
}

// close closes what a server has not closed already.
func (p ports) close() error {
	var errs []error
	for _, listener := range []net.Listener{p.public, p.admin} {
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// friendly is an address as one opens it in a browser on this machine.
func friendly(addr net.Addr, secure bool) string {
	scheme := "http"
	if secure {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/"
}

// run runs every part until ctx ends or one of them fails. Stopping goes from the outside in: pages are told to come back
// later, no connection is accepted any more, requests finish; then the parts that keep what those requests brought.
func (r *relay) run(ctx context.Context, p ports) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	inside, insideCtx := errgroup.WithContext(context.WithoutCancel(ctx))
	insideCtx, stopInside := context.WithCancel(insideCtx)
	defer stopInside()
	for _, part := range r.inside() {
		inside.Go(func() error {
			defer stop() // a part that ends, ends the relay
			return part(insideCtx)
		})
	}
	if r.fleet != nil {
		defer r.leaveInTime(ctx)()
	}
	outside, ctx := errgroup.WithContext(ctx)
	for _, part := range r.outside() {
		outside.Go(func() error { return part(ctx) })
	}
	outside.Go(func() error { return r.serve(ctx, p.public, r.certificate.secure(publicServer(r.server.Handler()))) })
	outside.Go(func() error { return r.serve(ctx, p.admin, adminServer(r.server.AdminHandler())) })

	err := outside.Wait()
	stopInside()
	err = errors.Join(err, inside.Wait())
	r.log.Info("stopped")
	return err
}

// publicServer bounds how long a client may take. A websocket is free of that once it is upgraded.
func publicServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}

// adminServer has no limit on the answer: a profile takes as long as it is asked to. Neither has it one on what is read, at which
// net/http would end the profile.
func adminServer(handler http.Handler) *http.Server {
	return &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10}
}

// serve answers on a listener until ctx ends, then lets requests finish for half the time that stopping may take: the rest
// is the inside's.
func (r *relay) serve(ctx context.Context, l net.Listener, server *http.Server) error {
	defer context.AfterFunc(ctx, func() { r.log.Info("stopping", "addr", l.Addr().String()) })()
	return serve(ctx, l, server, r.settings.stopping()/2, r.log)
}

// serve answers on a listener until ctx ends, then lets requests finish for as long as patience lasts.
func serve(ctx context.Context, l net.Listener, server *http.Server, patience time.Duration, log *slog.Logger) error {
	var conns busyConns
	server.ConnState = conns.follow
	server.ErrorLog = newComplaints(log)
	served := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			served <- server.ServeTLS(l, "", "")
		} else {
			served <- server.Serve(l)
		}
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer stop()
	// From its first moment Shutdown drops what comes on a new connection, so no more are accepted before.
	closed := l.Close()
	server.SetKeepAlivesEnabled(false)
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		return errors.Join(fmt.Errorf("serve %s: %w", l.Addr(), err), closed)
	}
	conns.settle(ctx)
	if err := server.Shutdown(ctx); err != nil {
		log.Warn("requests were cut off", "addr", l.Addr().String(), "err", err)
		_ = server.Close()
	}
	return closed
}
