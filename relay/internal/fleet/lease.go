package fleet

import (
	"context"
	"encoding/base64"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// leaseTTL is how long a lease lasts that nobody renews, and so about how
	// long it takes until another relay does the work of one that died.
	leaseTTL   = 3 * time.Second
	leaseRenew = leaseTTL / 4
	leaseRetry = leaseTTL / 6
)

// Lead calls lead whenever this relay gets the lease of the name, with a context
// that ends when the lease is lost, and gives the lease back when lead returns.
// It goes on until ctx ends.
func (f *Fleet) Lead(ctx context.Context, name string, lead func(ctx context.Context)) {
	key := leaseKey(name)
	for ctx.Err() == nil {
		asked := time.Now()
		revision, err := f.leases.Update(ctx, key, []byte(f.member), 0)
		if err == nil {
			f.options.Logger.Info("this relay has the lease", "lease", name)
			f.hold(ctx, key, revision, asked, lead)
			f.options.Logger.Info("this relay gave up the lease", "lease", name)
		}
		Pause(ctx, leaseRetry/2+rand.N(leaseRetry)) // at the end of a term others come first
	}
}

// hold calls lead and meanwhile renews the lease, which was asked for at a time.
func (f *Fleet) hold(ctx context.Context, key string, revision uint64, asked time.Time, lead func(ctx context.Context)) {
	term, end := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		revision = f.renew(term, key, revision, asked)
		end()
	})
	lead(term)
	end()
	renewing.Wait()
	released, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseRenew)
	defer cancel()
	_ = f.leases.kv.Delete(released, key, jetstream.LastRevision(revision)) // else it ends by itself
}

// renew keeps the lease until ctx ends or it is lost, and returns its last revision. It is sure to last from when it was asked for: that
// the servers gave it is told later, by up to requestTimeout.
func (f *Fleet) renew(ctx context.Context, key string, revision uint64, sure time.Time) uint64 {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return revision
		case <-tick.C:
		}
		asked := time.Now()
		// Before the servers may give it to another it must have ended here.
		timed, cancel := context.WithDeadline(ctx, sure.Add(leaseTTL-leaseRenew))
		renewed, err := f.leases.Update(timed, key, []byte(f.member), revision)
		cancel()
		switch {
		case err == nil:
			revision, sure = renewed, asked
		case Conflict(err) || time.Since(sure) >= leaseTTL-leaseRenew:
			return revision
		}
	}
}

// leaseKey makes a key of any name.
func leaseKey(name string) string { return base64.RawURLEncoding.EncodeToString([]byte(name)) }

// Pause waits, or until ctx ends.
func Pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
