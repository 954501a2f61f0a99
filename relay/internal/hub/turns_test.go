package hub

import (
	"bufio"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// mustServeWithoutTurns runs a hub whose turns all belong to pages that take nothing, with a megabyte as its datafile.
func mustServeWithoutTurns(t *testing.T, serve func(*Hub) *httptest.Server, o Options) (dial func() *websocket.Conn) {
	t.Helper()
	o.SDKKeys = []string{"demo"}
	h := New(o)
	for range maxTurns {
		h.turns <- struct{}{}
	}
	h.Publish(Update{SDKKey: "demo", Revision: "1", Hash: "0000000000000001", Datafile: make([]byte, 1<<20)})
	server := serve(h)
	t.Cleanup(func() {
		server.Close()
		h.running.Wait()
	})
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // a test's own server
	return func() *websocket.Conn {
		conn, _, err := dialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		return conn
	}
}

func mustGreet(t *testing.T, conn *websocket.Conn) {
	t.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","protocol":1,"sdkKey":"demo","have":null}`)); err != nil {
		t.Fatal(err)
	}
}

// mustHearAWord reads what comes before a large datafile.
func mustHearAWord(t *testing.T, conn *websocket.Conn) {
	t.Helper()
	if kind, word, err := conn.ReadMessage(); kind != websocket.TextMessage {
		t.Fatalf("first comes %.80q, %v", word, err)
	}
}

func plainly(h *Hub) *httptest.Server { return httptest.NewServer(h) }
func byTLS(h *Hub) *httptest.Server   { return httptest.NewTLSServer(h) }

func TestPagesThatTakeNothingStopNoOther(t *testing.T) {
	for name, serve := range map[string]func(*Hub) *httptest.Server{"plain": plainly, "TLS": byTLS} {
		t.Run(name, func(t *testing.T) {
			dial := mustServeWithoutTurns(t, serve, Options{})
			conn := dial()
			mustGreet(t, conn)
			mustHearAWord(t, conn)
			if _, frame, err := conn.ReadMessage(); err != nil || len(frame) < 1<<20 {
				t.Errorf("got %d bytes, %v", len(frame), err)
			}
		})
	}
}

func TestTheKernelHoldsLittleForAPageWithoutATurn(t *testing.T) {
	log, logger := io.Pipe()
	defer log.Close()
	dial := mustServeWithoutTurns(t, plainly, Options{WriteTimeout: 100 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(logger, nil))})
	conn := dial()
	if err := conn.NetConn().(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	mustGreet(t, conn)
	if line, err := bufio.NewReader(log).ReadString('\n'); err != nil || !strings.Contains(line, "slow") {
		t.Fatalf("the log says %q, %v", line, err)
	}
	if held, err := io.Copy(io.Discard, conn.NetConn()); held > 100<<10 {
		t.Errorf("%d bytes were on their way, %v", held, err)
	}
}

func TestAPageIsNotSilentWhileItsPingsWaitBehindALargeFrame(t *testing.T) {
	h := New(Options{SDKKeys: []string{"demo"}})
	h.Publish(Update{SDKKey: "demo", Revision: "1", Hash: "0000000000000001", Datafile: make([]byte, 8<<20)}) // more than the kernel holds
	server := plainly(h)
	t.Cleanup(func() {
		server.Close()
		h.running.Wait()
	})
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.NetConn().(*net.TCPConn).SetReadBuffer(64 << 10); err != nil {
		t.Fatal(err)
	}
	mustGreet(t, conn)
	mustHearAWord(t, conn)
	_, frame, err := conn.NextReader() // it is on its way
	if err != nil {
		t.Fatal(err)
	}
	for range maxSilent + 2 {
		h.ping(h.wheel.all())
	}
	if _, err := io.Copy(io.Discard, frame); err != nil {
		t.Fatal(err)
	}
	h.Publish(Update{SDKKey: "demo", Revision: "2", Hash: "0000000000000002", Datafile: []byte("{}")})
	if _, _, err := conn.ReadMessage(); err != nil {
		t.Error(err)
	}
}

func TestASilentPeerIsGivenUpAndNoOther(t *testing.T) {
	h := New(Options{SDKKeys: []string{"demo"}})
	h.Publish(Update{SDKKey: "demo", Revision: "1", Hash: "0000000000000001", Datafile: []byte("{}")})
	server := plainly(h)
	t.Cleanup(func() {
		server.Close()
		h.running.Wait()
	})
	heard := make(chan error, 1)
	for _, answers := range []bool{true, false} {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http"), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		mustGreet(t, conn)
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatal(err)
		}
		if answers { // which it does as it reads
			go func() { _, _, err := conn.ReadMessage(); heard <- err }()
		}
	}
	mustBecome := func(silent ...int32) {
		t.Helper()
		var got []int32
		for deadline := time.After(20 * time.Second); !slices.Equal(got, silent); {
			select {
			case <-deadline:
				t.Fatalf("the pages left %v pings unanswered, want %v", got, silent)
			case <-time.After(time.Millisecond):
			}
			got = nil
			for _, p := range h.wheel.all() {
				got = append(got, p.silent.Load())
			}
			slices.Sort(got)
		}
	}
	for sent := range int32(maxSilent) {
		h.ping(h.wheel.all())
		mustBecome(0, sent+1)
	}
	h.ping(h.wheel.all())
	mustBecome(0)
	h.Publish(Update{SDKKey: "demo", Revision: "2", Hash: "0000000000000002", Datafile: []byte("{}")})
	if err := <-heard; err != nil {
		t.Errorf("the page that answers was given up as well: %v", err)
	}
}

func TestAStopWaitsForNoPageThatWasTurnedAway(t *testing.T) {
	h := New(Options{SDKKeys: []string{"demo"}, WriteTimeout: time.Hour})
	h.draining = true
	page, relay := net.Pipe() // as of TLS, no write to it can be tried: it is a goroutine's
	t.Cleanup(func() { _ = page.Close() })
	listener := &oneConn{conn: relay}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	<-served
	if _, _, err := websocket.NewClient(page, &url.URL{Scheme: "ws", Host: "relay"}, nil, 256, 256); err != nil { //nolint:staticcheck // it dials no address
		t.Fatal(err)
	}
	var first [1]byte
	if _, err := page.Read(first[:]); err != nil { // and no more of its close frame
		t.Fatal(err)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		h.drain()
	}()
	select {
	case <-drained:
	case <-time.After(10 * time.Second):
		t.Error("it waits for a page that takes nothing")
	}
	_ = page.Close()
	<-drained
}

// oneConn is a listener of one connection.
type oneConn struct{ conn net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	conn := l.conn
	if l.conn = nil; conn == nil {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
