// Package balancer is a small load balancer: what stands before a fleet of relays in tests and in make cluster.
package balancer

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

const (
	lookEvery   = 250 * time.Millisecond
	lookTimeout = time.Second
)

// Balancer gives requests, websockets among them, to one relay after the other of those that say they are ready.
type Balancer struct {
	backends []*backend
	next     atomic.Uint64
}

type backend struct {
	url   string
	proxy *httputil.ReverseProxy
	ready atomic.Bool
}

// New makes a balancer of relays' addresses, http:// and without a slash at the end. None is ready before Run.
func New(urls ...string) (*Balancer, error) {
	b := &Balancer{}
	for _, text := range urls {
		target, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		one := &backend{url: text, proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = r.In.Host // the relay compares it with the page's origin
		}}}
		one.proxy.ErrorLog = log.New(io.Discard, "", 0) // whoever asked hears of it, and the next look tells
		b.backends = append(b.backends, one)
	}
	return b, nil
}

// Run looks which relays are ready until ctx ends.
func (b *Balancer) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		var looking sync.WaitGroup
		for _, one := range b.backends {
			looking.Go(func() { one.look(ctx) })
		}
		looking.Wait()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (b *backend) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.url+"/readyz", nil)
	if err != nil {
		return
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.ready.Store(false)
		return
	}
	b.ready.Store(response.StatusCode == http.StatusOK)
	_ = response.Body.Close()
}

// ServeHTTP implements [http.Handler]. Where none is ready it answers 503.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for range b.backends {
		one := b.backends[b.next.Add(1)%uint64(len(b.backends))]
		if one.ready.Load() {
			one.proxy.ServeHTTP(w, r)
			return
		}
	}
	w.Header().Set("Retry-After", "1")
	http.Error(w, "no relay is ready", http.StatusServiceUnavailable)
}
