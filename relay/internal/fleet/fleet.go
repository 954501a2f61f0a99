package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// patience is how long a request to the servers may take.
	patience = 5 * time.Second
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
	member  string          // this relay's name in leases
	joined  context.Context //nolint:containedctx // of the connections: it ends when the relay leaves
	leave   context.CancelFunc
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

// misfitError is an error that waiting does not mend.
type misfitError struct{ error }

func (m misfitError) Unwrap() error { return m.error }

func misfit(format string, args ...any) error { return misfitError{fmt.Errorf(format, args...)} }

// join makes what the fleet shares, or checks that it is as this relay wants it.
func (f *Fleet) join(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if f.conn.MaxPayload() < leastPayload {
		return misfit("the server's max_payload is %d bytes; relays need %d", f.conn.MaxPayload(), leastPayload)
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

// MaxMessage is how many bytes fit into one message, its headers aside. It is
// never less than what relays need, even if servers have been set to less since:
// they refuse messages for as long, but no event is taken for one that never fits.
func (f *Fleet) MaxMessage() int { return int(max(f.conn.MaxPayload(), leastPayload)) - 1<<10 }

// Close leaves the fleet, and waits for no server.
func (f *Fleet) Close() error {
	f.leave()
	if f.conn != nil {
		f.conn.Close()
	}
	return nil
}
