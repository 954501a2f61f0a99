package datasource

import (
	"io"
	"net/http"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

func TestAConnectionThatWentSilentTakesNoFurtherRequest(t *testing.T) {
	address, trust := relaytest.MustServeHTTP2(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	tunnel := relaytest.MustTunnel(t, address)
	client := newClient(250 * time.Millisecond)
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig, transport.ResponseHeaderTimeout = trust, 5*time.Second
	defer transport.CloseIdleConnections()
	source := newHTTPSource(client, "https://"+tunnel.Address()+"/demo.json", "")
	if _, err := source.fetch(t.Context(), validators{}, false); err != nil {
		t.Fatal(err)
	}
	tunnel.Silence()
	_, _ = source.fetch(t.Context(), validators{}, false) // may have to learn it
	if _, err := source.fetch(t.Context(), validators{}, false); err != nil {
		t.Errorf("the second request came to nothing: %v", err)
	}
}

func TestARedirectLeavesHTTPSNeverAndGoesOnForLittle(t *testing.T) {
	for _, test := range []struct {
		from, to string
		hops     int
		allowed  bool
	}{
		{"https://cdn.example/", "https://other.example/", 1, true},
		{"https://cdn.example/", "http://cdn.example/", 1, false},
		{"http://cdn.example/", "https://cdn.example/", 1, true},
		{"http://cdn.example/", "http://cdn.example/a", 5, true}, // the fifth redirect, after the first request and four more
		{"http://cdn.example/", "http://cdn.example/a", 6, false},
	} {
		first, next := mustRequest(t, test.from), mustRequest(t, test.to)
		via := []*http.Request{first}
		for len(via) < test.hops {
			via = append(via, first)
		}
		if err := checkRedirect(next, via); (err == nil) != test.allowed {
			t.Errorf("from %s to %s, after %d requests: %v", test.from, test.to, test.hops, err)
		}
	}
}

func mustRequest(tb testing.TB, url string) *http.Request {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return request
}
