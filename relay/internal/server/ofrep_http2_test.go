package server_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/server"
)

// HTTP/2 resets a stream at the moment at which its time to write is over, whether anything is being written or not.
func TestAStreamThatHasNothingToTellGoesOnOverHTTP2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := server.New(server.Options{Datafiles: noDatafile{}, Access: server.Access{Tokens: map[string]string{"demo": ""}}})
		client := pipedHTTP2(t, s.Handler())
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/ofrep/v1/events/demo", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.ProtoMajor != 2 {
			t.Fatalf("it is answered by %s", response.Proto)
		}
		listener{bufio.NewScanner(response.Body)}.until(t, ":", ":", ":", ":", ":", ":") // two minutes of beats
	})
}

// noDatafile is where no project has one.
type noDatafile struct{ server.Datafiles }

func (noDatafile) Newest(string) (*datasource.Datafile, bool) { return nil, false }

// pipedHTTP2 serves a handler without the kernel's sockets, which no virtual clock waits for.
func pipedHTTP2(t *testing.T, handler http.Handler) *http.Client {
	t.Helper()
	closed := make(chan struct{})
	pipes := pipes{make(chan net.Conn), closed, sync.OnceFunc(func() { close(closed) })}
	served := httptest.NewUnstartedServer(handler)
	_ = served.Listener.Close()
	served.Listener, served.EnableHTTP2 = pipes, true
	served.StartTLS()
	t.Cleanup(served.Close)
	client := served.Client()
	client.Transport.(*http.Transport).DialTLSContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		pipes.conns <- theirs
		conn := tls.Client(ours, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}}) //nolint:gosec // the test's own
		return conn, conn.HandshakeContext(ctx)
	}
	return client
}

// pipes is a listener of connections within the program.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

// Accept implements net.Listener.
func (p pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p pipes) Close() error {
	p.close()
	return nil
}

// Addr implements net.Listener.
func (pipes) Addr() net.Addr { return &net.UnixAddr{} }
