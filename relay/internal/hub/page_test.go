package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sortition/relay/internal/hub"
	"sortition/relay/internal/relaytest"
)

func TestCloseCodes(t *testing.T) {
	binary := func(conn *websocket.Conn) { _ = conn.WriteMessage(websocket.BinaryMessage, []byte(hello("null"))) }
	text := func(frames ...string) func(*websocket.Conn) {
		return func(conn *websocket.Conn) {
			for _, f := range frames {
				_ = conn.WriteMessage(websocket.TextMessage, []byte(f))
			}
		}
	}
	tests := []struct {
		name string
		say  func(*websocket.Conn)
		code hub.CloseCode
	}{
		{"not JSON", text("hallo"), hub.CloseBadFrame},
		{"not an object", text(`[]`), hub.CloseBadFrame},
		{"no type", text(`{}`), hub.CloseBadFrame},
		{"a binary frame", binary, hub.CloseBadFrame},
		{"something before the hello", text(`{"type":"resync"}`), hub.CloseBadFrame},
		{"another version of the protocol", text(`{"type":"hello","protocol":2,"sdkKey":"demo"}`), hub.CloseBadFrame},
		{"a hello without a key", text(`{"type":"hello","protocol":1}`), hub.CloseBadFrame},
		{"a hash that is none", text(hello(`"1"`)), hub.CloseBadFrame},
		{"a topic that is none", text(`{"type":"hello","protocol":1,"sdkKey":"demo","topics":["news"]}`), hub.CloseBadFrame},
		{"a second hello", text(hello("null"), hello("null")), hub.CloseBadFrame},
		{"a type of the relay's", text(hello("null"), `{"type":"drain"}`), hub.CloseBadFrame},
		{"an unknown key", text(`{"type":"hello","protocol":1,"sdkKey":"nobody"}`), hub.CloseUnknownKey},
		{"a token that does not open it", text(`{"type":"hello","protocol":1,"sdkKey":"other","token":"wrong"}`), hub.CloseUnknownKey},
		{"a frame of more than 64 KB", text(`{"type":"hello","x":"` + strings.Repeat("x", hub.PageFrameBytes) + `"}`), hub.CloseTooBig},
	}
	admit := func(sdkKey, _, token string) bool { return sdkKey == "demo" || token == "right" }
	_, url := MustServe(t, hub.Options{Admit: admit})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := MustDial(t, url)
			test.say(conn)
			if got := MustBeClosed(t, conn); got.Code != int(test.code) {
				t.Fatalf("closed with %d %q, want %d", got.Code, got.Text, test.code)
			}
		})
	}
}

func MustBeClosed(tb testing.TB, conn *websocket.Conn) *websocket.CloseError {
	tb.Helper()
	for {
		_, _, err := conn.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed
		}
		if err != nil {
			tb.Fatalf("the connection ended without a close frame: %v", err)
		}
	}
}

func TestAPageThatNeverStopsAskingIsClosed(t *testing.T) {
	h, url := MustServe(t, hub.Options{})
	h.Publish(revision(1, hashOne))
	conn := MustDial(t, url)
	MustSay(t, conn, hello("null"))
	for conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"resync"}`)) == nil {
		if _, _, err := conn.ReadMessage(); err != nil {
			var closed *websocket.CloseError
			if !errors.As(err, &closed) || closed.Code != int(hub.CloseBadFrame) {
				t.Fatalf("it ended with %v", err)
			}
			return
		}
	}
	t.Fatal("the connection ended without a close frame")
}

func TestAPageMayAskForEverWithPingsBetween(t *testing.T) {
	h, url := MustServe(t, hub.Options{PingInterval: 250 * time.Millisecond})
	h.Publish(revision(1, hashOne))
	conn := MustDial(t, url)
	pinged := make(chan struct{}, 1)
	conn.SetPingHandler(func(payload string) error {
		select {
		case pinged <- struct{}{}:
		default:
		}
		return conn.WriteControl(websocket.PongMessage, []byte(payload), time.Now().Add(time.Second))
	})
	heard := make(chan error)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for {
			_, _, err := conn.ReadMessage()
			select {
			case heard <- err:
			case <-stop:
				return
			}
		}
	}()
	MustSay(t, conn, hello("null"))
	for asked := range 1200 {
		if err := <-heard; err != nil {
			t.Fatalf("after %d checks: %v", asked, err)
		}
		if asked == 600 {
			select {
			case <-pinged: // some time before
			default:
			}
			<-pinged
		}
		MustSay(t, conn, `{"type":"check","have":"`+hashOne+`"}`)
	}
}

func TestAPageThatNeverStopsPingingIsClosed(t *testing.T) {
	for name, kind := range map[string]int{"pings": websocket.PingMessage, "pongs": websocket.PongMessage} {
		t.Run(name, func(t *testing.T) {
			_, url := MustServe(t, hub.Options{PingInterval: time.Hour})
			conn := MustDial(t, url)
			MustSay(t, conn, hello("null"))
			for range 1001 {
				if err := conn.WriteControl(kind, nil, time.Time{}); err != nil {
					t.Fatal(err)
				}
			}
			if closed := MustBeClosed(t, conn); closed.Code != int(hub.CloseBadFrame) || closed.Text != "too many frames" {
				t.Errorf("it ended with %v", closed)
			}
		})
	}
}

func TestADeflatedBombIsNotInflated(t *testing.T) {
	const patient = time.Hour // since to deflate it takes its time
	_, url := MustServe(t, hub.Options{HelloTimeout: patient})
	dialer := websocket.Dialer{EnableCompression: true, WriteBufferSize: 64 << 10} // it goes in one piece: a second one might find the line closed
	conn, _, err := dialer.Dial(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	MustSay(t, conn, `{"type":"hello","x":"`+strings.Repeat("x", 8<<20)+`"}`) // 8 KB on the wire
	if got := MustBeClosed(t, conn); got.Code != int(hub.CloseTooBig) {
		t.Fatalf("closed with %d", got.Code)
	}
}

func TestTooManyConnections(t *testing.T) {
	h, url := MustServe(t, hub.Options{MaxConnections: 1, RetryAfter: 1500 * time.Millisecond})
	h.Publish(revision(1, hashOne))
	first := MustDial(t, url)
	MustSay(t, first, hello("null"))
	MustHear(t, first)

	got := MustBeClosed(t, MustDial(t, url))
	if got.Code != int(hub.CloseTooMany) || got.Text != `{"retryAfterMs":1500}` {
		t.Fatalf("closed with %d %q", got.Code, got.Text)
	}
	if h.Numbers().Connections != 1 {
		t.Fatalf("%d connections", h.Numbers().Connections)
	}
}

func TestHandshakesOverTheRateAreRefused(t *testing.T) {
	const rate = 2
	h, url := MustServe(t, hub.Options{HandshakeRate: rate})
	began, taken := time.Now(), 0
	conn, response, err := websocket.DefaultDialer.Dial(url, nil)
	for ; err == nil; taken++ {
		_ = conn.Close()
		conn, response, err = websocket.DefaultDialer.Dial(url, nil)
	}
	if most := rate + int(rate*time.Since(began).Seconds()); taken < rate || taken > most {
		t.Errorf("%d were taken, want at most %d", taken, most)
	}
	if response == nil || response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") != "2" {
		t.Errorf("the next was answered %v, %v", response, err)
	}
	if refused := h.Numbers().Refused["handshake-rate"]; refused != 1 {
		t.Errorf("%d were counted", refused)
	}
}

func TestWhatIsNoHandshakeIsRefusedAsThatAndLeavesTheRateToPages(t *testing.T) {
	h, url := MustServe(t, hub.Options{HandshakeRate: 1})
	for range 3 {
		if got := relaytest.MustGet(t, "http"+strings.TrimPrefix(url, "ws")); got.Status != http.StatusBadRequest {
			t.Fatalf("answered %d: %s", got.Status, got.Body)
		}
	}
	MustDial(t, url)
	if refused := h.Numbers().Refused["handshake-rate"]; refused != 0 {
		t.Errorf("%d were counted", refused)
	}
}

func TestABreachOfTheWebsocketProtocolIsTold(t *testing.T) {
	_, url := MustServe(t, hub.Options{})
	conn := MustDial(t, url)
	if _, err := conn.NetConn().Write([]byte{0x8f, 0x80, 0, 0, 0, 0}); err != nil { // an opcode that is none
		t.Fatal(err)
	}
	if got := MustBeClosed(t, conn); got.Code != websocket.CloseProtocolError {
		t.Fatalf("closed with %d %q", got.Code, got.Text)
	}
}

func TestDrain(t *testing.T) {
	h := hub.New(hub.Options{SDKKeys: []string{"demo"}, RetryAfter: 3 * time.Second})
	server := httptest.NewServer(h)
	defer server.Close()
	h.Publish(revision(1, hashOne))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()

	url := "ws" + strings.TrimPrefix(server.URL, "http")
	conn := MustDial(t, url)
	MustSay(t, conn, hello("null"))
	MustHear(t, conn)
	silent := MustDial(t, url) // has said nothing yet, and never will

	stop()
	if got := MustHear(t, conn); got != `text {"type":"drain","retryAfterMs":3000}` {
		t.Fatalf("got %q", got)
	}
	if got := MustBeClosed(t, conn); got.Code != int(hub.CloseDraining) || got.Text != `{"retryAfterMs":3000}` {
		t.Fatalf("closed with %d %q", got.Code, got.Text)
	}
	if got := MustBeClosed(t, silent); got.Code != int(hub.CloseDraining) {
		t.Fatalf("closed with %d", got.Code)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := MustBeClosed(t, MustDial(t, url)); got.Code != int(hub.CloseDraining) {
		t.Fatalf("a page that came late was closed with %d", got.Code)
	}
}

func TestASlowPageHurtsNobody(t *testing.T) {
	const meanwhile = time.Hour // nobody is given up
	h, url := MustServe(t, hub.Options{WriteTimeout: meanwhile})
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MB: more than the kernel buffers on the way
	update := hub.Update{SDKKey: "demo", Revision: "1", Hash: hashOne, Datafile: large}

	stuck := MustDial(t, url)
	_ = stuck.NetConn().(*net.TCPConn).SetReadBuffer(4096)
	MustSay(t, stuck, hello("null"))
	quick := MustDial(t, url)
	MustSay(t, quick, hello("null"))
	h.Publish(update)
	MustHear(t, quick) // the word before it
	MustHear(t, quick)
	for n := 2; n < 5; n++ {
		hash := fmt.Sprintf("%016x", n)
		h.Publish(revision(n, hash))
		if got := MustHear(t, quick); got != whole(n, hash) {
			t.Fatalf("got %.80q", got)
		}
	}
	if held := h.Numbers().Connections; held != 2 {
		t.Errorf("%d pages are held, of which one was slow all the time", held)
	}
}

func connected(tb testing.TB, h *hub.Hub, pages int) {
	tb.Helper()
	deadline := time.After(15 * time.Second)
	for h.Numbers().Connections != pages {
		select {
		case <-deadline:
			tb.Fatalf("%d pages are held, not %d", h.Numbers().Connections, pages)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestNeitherSilenceNorPongsAreAHello(t *testing.T) {
	for name, between := range map[string]time.Duration{"silence": time.Hour, "pongs": 64 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			_, url := MustServe(t, hub.Options{HelloTimeout: 300 * time.Millisecond, PingInterval: between})
			if got := MustBeClosed(t, MustDial(t, url)); got.Code != int(hub.CloseNoHello) {
				t.Fatalf("closed with %d", got.Code)
			}
		})
	}
}

func TestPingOfAPageIsAnswered(t *testing.T) {
	_, url := MustServe(t, hub.Options{})
	conn := MustDial(t, url)
	pong := make(chan string, 1)
	conn.SetPongHandler(func(payload string) error { pong <- payload; return nil })
	if err := conn.WriteControl(websocket.PingMessage, []byte("there?"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	go func() { _, _, _ = conn.ReadMessage() }()
	if got := <-pong; got != "there?" {
		t.Fatalf("got %q", got)
	}
}

func TestACleanCloseIsEchoed(t *testing.T) {
	_, url := MustServe(t, hub.Options{})
	conn := MustDial(t, url)
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	if err := conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if got := MustBeClosed(t, conn); got.Code != websocket.CloseNormalClosure {
		t.Fatalf("closed with %d", got.Code)
	}
}

func TestPlainHTTPIsRefusedReadably(t *testing.T) {
	_, url := MustServe(t, hub.Options{})
	resp, err := http.Get("http" + strings.TrimPrefix(url, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusBadRequest || !json.Valid(body) {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
}
