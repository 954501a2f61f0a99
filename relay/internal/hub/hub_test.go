package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"sortition/relay/internal/hub"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hashOne = "0000000000000001"
	hashTwo = "0000000000000002"
)

func revision(n int, hash string) hub.Update {
	return hub.Update{SDKKey: "demo", Revision: fmt.Sprint(n), Hash: hash, Datafile: fmt.Appendf(nil, `{"revision":"%d"}`, n)}
}

// MustServe runs a hub behind a server and returns it with its websocket address.
func MustServe(tb testing.TB, o hub.Options) (*hub.Hub, string) {
	tb.Helper()
	o.SDKKeys = []string{"demo", "other"}
	o.Logger = slog.New(slog.DiscardHandler)
	h := hub.New(o)
	server := httptest.NewServer(h)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	tb.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			tb.Errorf("Run: %v", err)
		}
		server.Close()
	})
	return h, "ws" + strings.TrimPrefix(server.URL, "http")
}

func MustDial(tb testing.TB, url string) *websocket.Conn {
	tb.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	tb.Cleanup(func() { _ = conn.Close() })
	return conn
}

func MustSay(tb testing.TB, conn *websocket.Conn, frame string) {
	tb.Helper()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		tb.Fatal(err)
	}
}

// MustHear returns the next frame as `text ...` or `binary ...`.
func MustHear(tb testing.TB, conn *websocket.Conn) string {
	tb.Helper()
	kind, data, err := conn.ReadMessage()
	if err != nil {
		tb.Fatal(err)
	}
	return map[int]string{websocket.TextMessage: "text ", websocket.BinaryMessage: "binary "}[kind] + string(data)
}

func hello(have string) string {
	return `{"type":"hello","protocol":1,"sdkKey":"demo","have":` + have + `,"topics":["datafile"]}`
}

func whole(n int, hash string) string {
	return fmt.Sprintf("binary {\"type\":\"datafile\",\"revision\":\"%d\",\"hash\":\"%s\"}\n{\"revision\":\"%d\"}", n, hash, n)
}

func current(n int, hash string) string {
	return fmt.Sprintf(`text {"type":"current","revision":"%d","hash":"%s"}`, n, hash)
}

func TestConversation(t *testing.T) {
	type turn struct{ say, hear string }
	tests := []struct {
		name  string
		turns []turn
	}{
		{"a page with nothing gets the whole datafile", []turn{{hello("null"), whole(1, hashOne)}}},
		{"a page with another datafile gets the whole one", []turn{{hello(`"` + hashTwo + `"`), whole(1, hashOne)}}},
		{"a page with the newest is told so", []turn{{hello(`"` + hashOne + `"`), current(1, hashOne)}}},
		{"a hello without topics asks for the datafile", []turn{
			{`{"type":"hello","protocol":1,"sdkKey":"demo"}`, whole(1, hashOne)}}},
		{"a check is answered", []turn{
			{hello("null"), whole(1, hashOne)},
			{`{"type":"check","have":"` + hashOne + `"}`, current(1, hashOne)},
			{`{"type":"check","have":"` + hashTwo + `"}`, whole(1, hashOne)}}},
		{"a resync sends all of it, whatever the page has", []turn{
			{hello(`"` + hashOne + `"`), current(1, hashOne)},
			{`{"type":"resync"}`, whole(1, hashOne)}}},
		{"members it does not know are left alone", []turn{
			{`{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"colour":"blue"}`, whole(1, hashOne)}}},
	}
	h, url := MustServe(t, hub.Options{})
	h.Publish(revision(1, hashOne))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn := MustDial(t, url)
			for _, turn := range test.turns {
				MustSay(t, conn, turn.say)
				if got := MustHear(t, conn); got != turn.hear {
					t.Fatalf("to %s\n got %q\nwant %q", turn.say, got, turn.hear)
				}
			}
		})
	}
}

func TestPublish(t *testing.T) {
	t.Run("reaches every page of the project and nobody else", func(t *testing.T) {
		h, url := MustServe(t, hub.Options{})
		h.Publish(revision(1, hashOne))
		var pages []*websocket.Conn
		for range 20 {
			conn := MustDial(t, url)
			MustSay(t, conn, hello("null"))
			MustHear(t, conn)
			pages = append(pages, conn)
		}
		other := MustDial(t, url)
		MustSay(t, other, `{"type":"hello","protocol":1,"sdkKey":"other","have":null}`)

		h.Publish(revision(2, hashTwo))
		for _, conn := range pages {
			if got := MustHear(t, conn); got != whole(2, hashTwo) {
				t.Fatalf("got %q", got)
			}
		}
		h.Publish(hub.Update{SDKKey: "other", Revision: "7", Hash: hashOne, Datafile: []byte("{}")})
		if got := MustHear(t, other); !strings.Contains(got, `"revision":"7"`) {
			t.Fatalf("got %q, so it followed another project", got)
		}
	})
	t.Run("a page that came before the first datafile gets it when it is there", func(t *testing.T) {
		h, url := MustServe(t, hub.Options{})
		conn := MustDial(t, url)
		MustSay(t, conn, hello("null"))
		h.Publish(revision(1, hashOne))
		if got := MustHear(t, conn); got != whole(1, hashOne) {
			t.Fatalf("got %q", got)
		}
	})
	t.Run("frames are deflated for pages that can inflate", func(t *testing.T) {
		h, url := MustServe(t, hub.Options{})
		big := bytes.Repeat([]byte("the same again and again "), 10_000)
		h.Publish(hub.Update{SDKKey: "demo", Revision: "1", Hash: hashOne, Datafile: big})
		var wire atomic.Int64
		dialer := websocket.Dialer{EnableCompression: true, NetDial: func(network, addr string) (net.Conn, error) {
			conn, err := net.Dial(network, addr)
			return countingConn{conn, &wire}, err
		}}
		conn, _, err := dialer.Dial(url, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		MustSay(t, conn, hello("null"))
		if got := MustHear(t, conn); !strings.HasSuffix(got, string(big)) {
			t.Fatalf("got %d bytes", len(got))
		}
		if wire.Load() > int64(len(big)/10) {
			t.Fatalf("%d bytes on the wire for a frame of %d", wire.Load(), len(big))
		}
	})
}

type countingConn struct {
	net.Conn
	read *atomic.Int64
}

func (c countingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.read.Add(int64(n))
	return n, err
}

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
		{"silence", text(), hub.CloseNoHello},
	}
	admit := func(sdkKey, _, token string) bool { return sdkKey == "demo" || token == "right" }
	_, url := MustServe(t, hub.Options{HelloTimeout: 300 * time.Millisecond, Admit: admit})
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

// MustBeClosed reads until the close frame.
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

func TestADeflatedBombIsNotInflated(t *testing.T) {
	_, url := MustServe(t, hub.Options{})
	dialer := websocket.Dialer{EnableCompression: true}
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
	if h.Connections() != 1 {
		t.Fatalf("%d connections", h.Connections())
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

// A page that reads nothing must cost others nothing: they get every datafile while it is stuck, and it is closed.
func TestASlowPageHurtsNobody(t *testing.T) {
	h, url := MustServe(t, hub.Options{WriteTimeout: 300 * time.Millisecond})
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MB: more than the kernel buffers on the way
	update := hub.Update{SDKKey: "demo", Revision: "1", Hash: hashOne, Datafile: large}

	stuck := MustDial(t, url)
	_ = stuck.NetConn().(*net.TCPConn).SetReadBuffer(4096)
	MustSay(t, stuck, hello("null"))
	quick := MustDial(t, url)
	MustSay(t, quick, hello("null"))
	h.Publish(update)
	MustHear(t, quick)
	for n := 2; n < 5; n++ {
		h.Publish(revision(n, hashTwo))
		if got := MustHear(t, quick); got != whole(n, hashTwo) {
			t.Fatalf("got %.80q", got)
		}
	}
	connected(t, h, 1)
}

// connected waits until the hub holds so many pages: nobody tells when one has left.
func connected(tb testing.TB, h *hub.Hub, pages int) {
	tb.Helper()
	deadline := time.After(15 * time.Second)
	for h.Connections() != pages {
		select {
		case <-deadline:
			tb.Fatalf("%d pages are held, not %d", h.Connections(), pages)
		case <-time.After(time.Millisecond):
		}
	}
}

func TestASilentPeerIsGivenUp(t *testing.T) {
	h, url := MustServe(t, hub.Options{PingInterval: 40 * time.Millisecond})
	h.Publish(revision(1, hashOne))
	alive := MustDial(t, url)
	MustSay(t, alive, hello("null"))
	MustHear(t, alive)
	pinged := make(chan struct{}, 64)
	answer := alive.PingHandler()
	alive.SetPingHandler(func(payload string) error {
		select {
		case pinged <- struct{}{}:
		default:
		}
		return answer(payload)
	})
	go func() { _, _, _ = alive.ReadMessage() }()

	mute := MustDial(t, url) // never reads, so it answers no ping
	MustSay(t, mute, hello("null"))
	connected(t, h, 2)
	connected(t, h, 1)
	<-pinged
	h.Publish(revision(2, hashTwo))
	if h.Connections() != 1 {
		t.Fatal("the page that answers was given up as well")
	}
}

func TestPongsAreNoHello(t *testing.T) {
	_, url := MustServe(t, hub.Options{HelloTimeout: 300 * time.Millisecond, PingInterval: 64 * time.Millisecond})
	if got := MustBeClosed(t, MustDial(t, url)); got.Code != int(hub.CloseNoHello) {
		t.Fatalf("closed with %d", got.Code)
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

func TestProblem(t *testing.T) {
	h, url := MustServe(t, hub.Options{})
	h.Publish(revision(1, hashOne))
	early := MustDial(t, url)
	MustSay(t, early, hello("null"))
	MustHear(t, early)

	h.Report("demo", "revision 2 is no good")
	const told = `text {"type":"problem","error":"revision 2 is no good"}`
	if got := MustHear(t, early); got != told {
		t.Fatalf("a page that was there hears %q", got)
	}
	late := MustDial(t, url)
	MustSay(t, late, hello("null"))
	MustHear(t, late)
	if got := MustHear(t, late); got != told {
		t.Fatalf("a page that comes later hears %q", got)
	}
	h.Report("demo", "")
	for _, conn := range []*websocket.Conn{early, late} {
		if got := MustHear(t, conn); got != `text {"type":"problem","error":null}` {
			t.Fatalf("at the end it hears %q", got)
		}
	}
}

func TestResults(t *testing.T) {
	var count atomic.Int64
	give := func(sdkKey string) ([]byte, bool) {
		return fmt.Appendf(nil, `{"sdkKey":%q,"count":%d}`, sdkKey, count.Load()), sdkKey == "demo"
	}
	h, url := MustServe(t, hub.Options{Results: give, ResultsInterval: 20 * time.Millisecond})
	conn := MustDial(t, url)
	MustSay(t, conn, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"]}`)
	if got := MustHear(t, conn); got != `text {"type":"results","sdkKey":"demo","count":0}` {
		t.Fatalf("on arrival: %q", got)
	}
	const changes = 1000
	for range changes {
		count.Add(1)
		h.ResultsChanged("demo")
	}
	frames := 0
	for last := -1; last != changes; frames++ {
		var frame struct{ Count int }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(MustHear(t, conn), "text ")), &frame); err != nil {
			t.Fatal(err)
		}
		if frame.Count < last {
			t.Fatalf("%d came after %d", frame.Count, last)
		}
		last = frame.Count
	}
	if frames > changes/10 {
		t.Fatalf("%d frames for %d changes", frames, changes)
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
