package datasource

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
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

func TestASourceThatFailsInOneWayFailsInOneSentence(t *testing.T) {
	over := func(handler http.HandlerFunc) *httpSource {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return newHTTPSource(newClient(maxSilence), server.URL, "")
	}
	overHTTP2 := func(handler http.HandlerFunc) *httpSource {
		address, trust := relaytest.MustServeHTTP2(t, handler)
		client := newClient(maxSilence)
		client.Transport.(*http.Transport).TLSClientConfig = trust
		t.Cleanup(client.CloseIdleConnections)
		return newHTTPSource(client, "https://"+address, "")
	}
	port := 40000
	unnamed := newClient(maxSilence)
	unnamed.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
		port++
		return nil, &net.DNSError{Name: "cdn.example", Server: "10.0.0.1:53", Err: fmt.Sprintf("read udp 10.0.0.2:%d->10.0.0.1:53: i/o timeout", port)}
	}
	for name, test := range map[string]struct {
		source *httpSource
		says   string
	}{
		"a connection that is reset":          {over(reset("")), "connection reset by peer"},
		"a connection that is reset halfway":  {over(reset("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")), "connection reset by peer"},
		"a name server that does not answer":  {newHTTPSource(unnamed, "https://cdn.example/a.json", ""), "lookup cdn.example on 10.0.0.1:53: read udp 10.0.0.1:53: i/o timeout"},
		"an answer that is given up (HTTP/2)": {overHTTP2(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), "INTERNAL_ERROR"},
	} {
		_, first := test.source.fetch(t.Context(), validators{}, false)
		_, second := test.source.fetch(t.Context(), validators{}, false)
		if first == nil || second == nil || first.Error() != second.Error() || !strings.Contains(first.Error(), test.says) {
			t.Errorf("%s: %v, then %v", name, first, second)
		}
	}
}

// reset begins an answer and resets the connection.
func reset(begin string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, begin)
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
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
