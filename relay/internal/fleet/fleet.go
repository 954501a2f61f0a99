package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

const (
	connectTimeout = 5 * time.Second
	// patience is how long a request to the servers may take.
	patience = 5 * time.Second
	// joinTimeout is how long servers that have just started may take to be of use.
	joinTimeout = 30 * time.Second
	joinPause   = 250 * time.Millisecond
	// silence is how often a server is asked whether it is still there; after two without an answer it is not.
	silence = 2 * time.Second
	// maxClockSkew is how far this machine's clock may be from the servers'.
	maxClockSkew = time.Minute
	// leastPayload is what NATS must take in one message; it does unless it was told not to.
	leastPayload = 1 << 20
)

// Options of a [Fleet]. URL and ID have no default.
type Options struct {
	URL         string // nats://[user:password@]host:port, tls:// as well; several with commas between them
	Credentials string // the path of a .creds file; "" for none
	ID          string // of the fleet: letters, digits and -
	Replicas    int    // how many servers keep everything; 0 means three of a cluster, or the only one
	MaxBytes    int64  // bounds the stream of events
	// Projects are those of this relay, each with where its datafile comes from.
	Projects []string
	// Logger is told when the servers go away and come back; nil discards it.
	Logger *slog.Logger
}

// Fleet is a relay's connection to the others.
type Fleet struct {
	options Options
	member  string // this relay's name in leases
	conn    *nats.Conn
	js      jetstream.JetStream

	// Events is the stream of event batches, State the bucket of its readers,
	// Letters that of the dead letters.
	Events         jetstream.Stream
	State, Letters *Bucket

	// Datafiles has what is in force of each project, Results its newest results by its SDK key.
	Datafiles, Results *Bucket

	leases *Bucket
}

// Connect joins a fleet, or founds it. An error says what of the settings or of
// the servers does not fit, and nothing was changed then.
func Connect(ctx context.Context, o Options) (*Fleet, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	f := &Fleet{options: o, member: nuid.Next()}
	var err error
	if f.conn, err = nats.Connect(o.URL, f.connectOptions()...); err != nil {
		return nil, fmt.Errorf("connect to NATS at %s: %w", withoutPassword(o.URL), explain(err))
	}
	if err := f.joinPatiently(ctx); err != nil {
		f.conn.Close()
		return nil, fmt.Errorf("join the fleet %s: %w", o.ID, err)
	}
	return f, nil
}

// joinPatiently joins as soon as the servers can take it: of a cluster that has
// just started they have to elect a leader first.
func (f *Fleet) joinPatiently(ctx context.Context) error {
	until := time.Now().Add(joinTimeout)
	for told := false; ; told = true {
		err := f.join(ctx)
		if _, misfit := errors.AsType[misfitError](err); err == nil || misfit || time.Now().After(until) || ctx.Err() != nil {
			return err
		}
		if !told {
			f.options.Logger.Info("waiting for the NATS servers", "err", err)
		}
		pause(ctx, joinPause)
	}
}

// misfitError is an error that waiting does not mend.
type misfitError struct{ error }

func misfit(format string, args ...any) error { return misfitError{fmt.Errorf(format, args...)} }

func (f *Fleet) connectOptions() []nats.Option {
	log := f.options.Logger
	options := []nats.Option{
		nats.Name("relay of " + f.options.ID),
		nats.Timeout(connectTimeout),
		nats.PingInterval(silence),
		nats.MaxPingsOutstanding(2),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectBufSize(-1), // what cannot be sent now is refused now
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS is away; pages are served, events are refused", "err", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("NATS is back", "server", c.ConnectedServerName()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS", "err", err) }),
	}
	if f.options.Credentials != "" {
		options = append(options, nats.UserCredentials(f.options.Credentials))
	}
	return options
}

// explain says what an operator may do about it.
func explain(err error) error {
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return fmt.Errorf("the credentials are refused: %w", err)
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("nobody answers there: %w", err)
	}
	return err
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

// join makes what the fleet shares, or checks that it is as this relay wants it.
func (f *Fleet) join(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if f.conn.MaxPayload() < leastPayload {
		return misfit("the server's max_payload is %d bytes; relays need %d", f.conn.MaxPayload(), leastPayload)
	}
	if f.js, err = jetstream.New(f.conn, jetstream.WithDefaultTimeout(patience), jetstream.WithPublishAsyncTimeout(patience)); err != nil {
		return err
	}
	if _, err := f.js.AccountInfo(ctx); err != nil {
		if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
			return misfit("the servers offer no JetStream to this account: %w", err)
		}
		return err
	}
	if err := f.openEvents(ctx); err != nil {
		return err
	}
	if err := f.checkClock(ctx); err != nil {
		return err
	}
	if err := f.openBuckets(ctx); err != nil {
		return err
	}
	return f.checkProjects(ctx)
}

// replicas is how many servers keep everything.
func (f *Fleet) replicas() int {
	switch {
	case f.options.Replicas > 0:
		return f.options.Replicas
	case f.conn.ConnectedClusterName() != "":
		return 3
	}
	return 1
}

// Name is what the fleet calls something of the name.
func (f *Fleet) Name(of string) string { return f.options.ID + "-" + of }

// Subject is where relays of the fleet tell each other of something.
func (f *Fleet) Subject(of string) string { return f.options.ID + "." + of }

// JetStream is the servers' engine.
func (f *Fleet) JetStream() jetstream.JetStream { return f.js }

// Connected tells whether a server is there.
func (f *Fleet) Connected() bool { return f.conn.IsConnected() }

// MaxMessage is how many bytes fit into one message, its headers aside. Servers
// that take less since they were joined refuse messages, so that nobody takes
// an event for one that will never fit.
func (f *Fleet) MaxMessage() int { return int(max(f.conn.MaxPayload(), leastPayload)) - 1<<10 }

// Close leaves the fleet.
func (f *Fleet) Close() error {
	f.conn.Close()
	return nil
}
