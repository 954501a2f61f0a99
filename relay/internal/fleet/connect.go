package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

const (
	connectTimeout = 5 * time.Second
	// silence is how often a server is asked whether it is still there; after two without an answer it is not.
	silence = 2 * time.Second
	// joinPause is the first Pause between two attempts to join; each is twice as long as the one before, up to maxJoinPause.
	joinPause    = 250 * time.Millisecond
	maxJoinPause = 2 * time.Second
	// tellEvery is how often the log says of what stays amiss that it does.
	tellEvery = time.Minute
)

// Connect joins a fleet, or founds it. It waits for servers that are not there
// yet, or of no use yet, until ctx ends. An error says what of the settings or
// of the servers does not fit, and nothing was changed then.
func Connect(ctx context.Context, o Options) (*Fleet, error) {
	f := newFleet(o)
	if err := f.joinPatiently(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func newFleet(o Options) *Fleet {
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	f := &Fleet{options: o, member: nuid.Next()}
	f.joined, f.leave = context.WithCancel(context.Background())
	return f
}

// joinPatiently joins as soon as the servers can take it: they may start after
// this relay, and those of a cluster have to elect a leader first.
func (f *Fleet) joinPatiently(ctx context.Context) error {
	began := time.Now()
	var told time.Time
	for wait := joinPause; ; wait = min(2*wait, maxJoinPause) {
		err := f.tryToJoin(ctx)
		if err == nil && !told.IsZero() {
			f.options.Logger.Info("the NATS servers are there", "after", time.Since(began).Round(time.Millisecond))
		}
		if _, misfit := errors.AsType[misfitError](err); err == nil || misfit {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(told) > tellEvery {
			told = time.Now()
			f.options.Logger.Warn("waiting for the NATS servers", "err", err)
		}
		Pause(ctx, wait)
	}
}

// tryToJoin connects, unless that was done before, and joins.
func (f *Fleet) tryToJoin(ctx context.Context) error {
	if f.conn == nil || f.conn.IsClosed() {
		if err := f.connect(ctx); err != nil {
			return err
		}
	}
	if err := f.join(ctx); err != nil {
		return fmt.Errorf("join the fleet %s at %s: %w", f.options.ID, withoutPassword(f.options.URL), err)
	}
	return nil
}

func (f *Fleet) connect(ctx context.Context) (err error) {
	if f.conn, err = f.dial(ctx); err != nil {
		return fmt.Errorf("connect to NATS at %s: %w", withoutPassword(f.options.URL), explain(err))
	}
	f.js, err = jetstream.New(f.conn, jetstream.WithDefaultTimeout(patience), jetstream.WithPublishAsyncTimeout(patience))
	return err
}

// dial is nats.Connect, which knows of no context: whoever comes after ctx has ended is sent away.
func (f *Fleet) dial(ctx context.Context) (*nats.Conn, error) {
	type attempt struct {
		conn *nats.Conn
		err  error
	}
	result := make(chan attempt)
	go func() {
		conn, err := nats.Connect(f.options.URL, f.connectOptions()...)
		select {
		case result <- attempt{conn, err}:
		case <-ctx.Done():
			if err == nil {
				conn.Close()
			}
		}
	}()
	select {
	case d := <-result:
		return d.conn, d.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *Fleet) connectOptions() []nats.Option {
	log := f.options.Logger
	options := []nats.Option{
		nats.Name("relay of " + f.options.ID),
		nats.Timeout(connectTimeout),
		nats.SetCustomDialer(dialer{f.joined}),
		nats.PingInterval(silence),
		nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectBufSize(-1),   // what cannot be sent now is refused now
		nats.IgnoreAuthErrorAbort(), // credentials that were taken once may be again
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS is away; pages are served, events are refused", "err", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("NATS is back", "server", c.ConnectedServerName()) }),
		nats.ErrorHandler(tellErrors(log)),
	}
	if f.options.Credentials != "" {
		options = append(options, nats.UserCredentials(f.options.Credentials))
	}
	return options
}

// tellErrors tells of what the servers find wrong, but not of the same again and
// again: they refuse credentials several times a second.
func tellErrors(log *slog.Logger) nats.ErrHandler {
	var told string
	var at time.Time
	return func(_ *nats.Conn, _ *nats.Subscription, err error) { // one call after the other
		if text := err.Error(); text != told || time.Since(at) > tellEvery {
			told, at = text, time.Now()
			log.Warn("NATS", "err", err)
		}
	}
}

// explain says what an operator may do about an error of connecting. It is a
// misfitError unless the servers may be there later.
func explain(err error) error {
	for _, refused := range []error{nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked, nats.ErrAccountAuthExpired} {
		if errors.Is(err, refused) {
			return misfit("the credentials are refused: %w", err)
		}
	}
	switch {
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("nobody answers there: %w", err)
	case passes(err):
		return err
	}
	return misfitError{err}
}

// errAuthTimeout is what a server says that got the credentials too late, or was too busy to look at them.
var errAuthTimeout = errors.New("nats: authentication timeout")

// passes tells whether an error of connecting may pass by itself: servers that
// start, stop or are overloaded, a name that is not known yet, a network that is broken.
func passes(err error) bool {
	for _, passing := range []error{io.EOF, io.ErrUnexpectedEOF, nats.ErrTimeout, nats.ErrConnectionClosed, nats.ErrMaxConnectionsExceeded,
		nats.ErrMaxAccountConnectionsExceeded, errAuthTimeout, context.Canceled} {
		if errors.Is(err, passing) {
			return true
		}
	}
	failed, ok := errors.AsType[*net.OpError](err)
	return ok && failed.Op != "remote error" // which is how TLS tells that the server refuses
}

// withoutPassword is the address as it may be logged.
func withoutPassword(urls string) string {
	parts := strings.Split(urls, ",")
	for i, part := range parts {
		scheme, rest, _ := strings.Cut(part, "://")
		if at := strings.LastIndex(rest, "@"); at >= 0 {
			parts[i] = scheme + "://" + rest[at+1:]
		}
	}
	return strings.Join(parts, ",")
}
