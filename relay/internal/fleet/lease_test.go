package fleet

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// lateServers give a lease once, tell of it late, and then say nothing more.
type lateServers struct {
	jetstream.KeyValue
	late  time.Duration
	given time.Time
}

func (l *lateServers) Create(ctx context.Context, _ string, _ []byte, _ ...jetstream.KVCreateOpt) (uint64, error) {
	if !l.given.IsZero() {
		return 0, errors.New("it is taken")
	}
	l.given = time.Now()
	Pause(ctx, l.late)
	return 1, nil
}

func (l *lateServers) Update(ctx context.Context, _ string, _ []byte, _ uint64) (uint64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (l *lateServers) Delete(context.Context, string, ...jetstream.KVDeleteOpt) error { return nil }

func TestALeaseEndsHereBeforeTheServersMayGiveItToAnother(t *testing.T) {
	for _, late := range []time.Duration{0, requestTimeout / 2, requestTimeout - time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			servers := &lateServers{late: late}
			f := &Fleet{options: Options{Logger: slog.New(slog.DiscardHandler)}, leases: &Bucket{kv: servers}}
			ctx, stop := context.WithCancel(t.Context())
			f.Lead(ctx, "results", func(term context.Context) {
				<-term.Done()
				if held := time.Since(servers.given); held >= leaseTTL {
					t.Errorf("told of the lease %v late it took itself for the holder for %v, and the servers for %v", late, held, leaseTTL)
				}
				stop()
			})
		})
	}
}
