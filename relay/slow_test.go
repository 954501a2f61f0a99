package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestAClientThatDawdlesIsCutOff(t *testing.T) {
	const post = "POST /v1/events HTTP/1.1\r\nHost: relay\r\nContent-Length: 1000\r\n\r\n{"
	for _, test := range []struct {
		name, sent string
		after      time.Duration
	}{
		{"in the middle of its header", post[:20], 10 * time.Second},
		{"in the middle of its body", post, 30 * time.Second},
		{"between two requests", "GET / HTTP/1.1\r\nHost: relay\r\n\r\n", 2 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := publicServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
				ours, theirs := net.Pipe()
				go server.Serve(&oneConn{conn: theirs, closed: make(chan struct{})}) //nolint:errcheck // it ends when it is closed
				defer server.Close()
				began := time.Now()
				go io.WriteString(ours, test.sent) //nolint:errcheck // it may be cut off in between
				_, _ = io.Copy(io.Discard, bufio.NewReader(ours))
				if took := time.Since(began); took < test.after || took > test.after+time.Second {
					t.Errorf("cut off after %v, not %v", took, test.after)
				}
			})
		})
	}
}

// oneConn is a listener of one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
}

// Accept implements net.Listener.
func (l *oneConn) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

// Close implements net.Listener.
func (l *oneConn) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

// Addr implements net.Listener.
func (*oneConn) Addr() net.Addr { return &net.UnixAddr{} }
