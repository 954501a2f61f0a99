package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
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

// A page gives up a line that says nothing for five seconds, and a browser shows no frame before its end.
func TestAPageThatAskedHearsAWordBeforeALargeDatafile(t *testing.T) {
	const (
		well   = `text {"type":"problem","error":null}`
		ill    = `text {"type":"problem","error":"revision 3 is no good"}`
		large  = `binary {"type":"datafile","revision":"2"`
		resync = `{"type":"resync"}`
		check  = `{"type":"check","have":null}`
	)
	tests := []struct {
		name    string
		trouble string
		say     []string
		hear    []string
	}{
		{"to a hello", "", []string{hello("null")}, []string{well, large}},
		{"to a check", "", []string{hello(`"` + hashTwo + `"`), check}, []string{current(2, hashTwo), well, large}},
		{"to a resync", "", []string{hello(`"` + hashTwo + `"`), resync}, []string{current(2, hashTwo), well, large}},
		{"of what is wrong, and again after it", "revision 3 is no good", []string{hello("null")}, []string{ill, large, ill}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h, url := MustServe(t, hub.Options{})
			h.Publish(hub.Update{SDKKey: "demo", Revision: "2", Hash: hashTwo, Datafile: make([]byte, 1<<20)})
			h.Report("demo", test.trouble)
			conn := MustDial(t, url)
			for _, frame := range test.say {
				MustSay(t, conn, frame)
			}
			for _, want := range test.hear {
				if got := MustHear(t, conn); !strings.HasPrefix(got, want) {
					t.Fatalf("got %.80q, want %q", got, want)
				}
			}
		})
	}
	t.Run("and none before one that is pushed later", func(t *testing.T) {
		h, url := MustServe(t, hub.Options{})
		h.Publish(revision(1, hashOne))
		conn := MustDial(t, url)
		MustSay(t, conn, hello("null"))
		MustHear(t, conn)
		h.Publish(hub.Update{SDKKey: "demo", Revision: "2", Hash: hashTwo, Datafile: make([]byte, 1<<20)})
		if got := MustHear(t, conn); !strings.HasPrefix(got, large) {
			t.Fatalf("got %.80q", got)
		}
	})
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
		MustHear(t, conn) // the word before it
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

// MustBeClosed reads until the close frame.
// A page that reads nothing must cost others nothing: they get every datafile while it is stuck, and it is closed.
// connected waits until the hub holds so many pages: nobody tells when one has left.
// Whatever happens at once, a page's revisions never go back, and the last it hears of is the newest.
func TestPagesNeverGoBack(t *testing.T) {
	const pages, revisions = 20, 200
	h, url := MustServe(t, hub.Options{})
	var listening, publishing sync.WaitGroup
	for n := range pages {
		listening.Go(func() {
			conn, _, err := websocket.DefaultDialer.Dial(url, nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_ = conn.WriteMessage(websocket.TextMessage, []byte(hello("null")))
			for last := 0; last < revisions; {
				_, frame, err := conn.ReadMessage()
				var got struct {
					Type     string
					Revision int `json:"revision,string"`
				}
				line, _, _ := bytes.Cut(frame, []byte("\n"))
				if err = errors.Join(err, json.Unmarshal(line, &got)); err != nil || got.Type == "datafile" && got.Revision < last {
					t.Errorf("page %d: after revision %d came %.80q, %v", n, last, frame, err)
					return
				}
				if got.Type != "datafile" {
					continue
				}
				last = got.Revision
				_ = conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"check","have":null}`))
			}
		})
	}
	publishing.Go(func() {
		for n := 1; n <= revisions; n++ {
			h.Publish(revision(n, fmt.Sprintf("%016x", n)))
			h.Report("demo", fmt.Sprint("nothing newer than ", n))
			h.Report("demo", "")
			h.ResultsChanged("demo")
		}
	})
	publishing.Wait()
	listening.Wait()
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
	give := func(sdkKey string) (hub.Results, bool) {
		return hub.Results{Revision: fmt.Sprint(count.Load())}, sdkKey == "demo"
	}
	h, url := MustServe(t, hub.Options{Results: give, ResultsInterval: 20 * time.Millisecond})
	conn := MustDial(t, url)
	MustSay(t, conn, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"]}`)
	if got := MustHear(t, conn); got != `text {"type":"results","sdkKey":"demo","revision":"0","experiments":[]}` {
		t.Fatalf("on arrival: %q", got)
	}
	const changes = 1000
	for range changes {
		count.Add(1)
		h.ResultsChanged("demo")
	}
	frames := 0
	for last := -1; last != changes; frames++ {
		var frame struct {
			Revision int `json:",string"`
		}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(MustHear(t, conn), "text ")), &frame); err != nil {
			t.Fatal(err)
		}
		if frame.Revision < last {
			t.Fatalf("%d came after %d", frame.Revision, last)
		}
		last = frame.Revision
	}
	if frames > changes/10 {
		t.Fatalf("%d frames for %d changes", frames, changes)
	}
}

func TestAPageHearsOfItsOwnTopicsOnly(t *testing.T) {
	var count atomic.Int64
	give := func(string) (hub.Results, bool) { return hub.Results{Revision: fmt.Sprint(count.Load())}, true }
	h, url := MustServe(t, hub.Options{Results: give, ResultsInterval: time.Millisecond})
	h.Publish(revision(1, hashOne))
	results, datafile := MustDial(t, url), MustDial(t, url)
	MustSay(t, datafile, hello("null"))
	if got := MustHear(t, datafile); got != whole(1, hashOne) {
		t.Errorf("the datafile's page hears %q", got)
	}
	MustSay(t, results, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"]}`)
	const told = `text {"type":"results","sdkKey":"demo","revision":"%d","experiments":[]}`
	if got := MustHear(t, results); got != fmt.Sprintf(told, 0) {
		t.Errorf("the results' page hears %q on arrival", got)
	}
	h.Publish(revision(2, hashTwo))
	count.Add(1)
	h.ResultsChanged("demo")
	if got := MustHear(t, results); got != fmt.Sprintf(told, 1) {
		t.Errorf("the results' page hears %q of a change", got)
	}
	MustHear(t, datafile)
	for range 2 { // what was in its mailbox before is written before the second answer
		MustSay(t, datafile, `{"type":"check","have":"`+hashTwo+`"}`)
		if got := MustHear(t, datafile); got != current(2, hashTwo) {
			t.Errorf("the datafile's page hears %q", got)
		}
	}
}

// What opened the results may open nothing else.
func TestAPageOfTheResultsAloneIsNeverSentTheDatafile(t *testing.T) {
	results := func(_, topic, _ string) bool { return topic == hub.TopicResults }
	h, url := MustServe(t, hub.Options{Admit: results})
	h.Publish(revision(1, hashOne))
	h.Publish(revision(2, hashTwo))
	conn := MustDial(t, url)
	MustSay(t, conn, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"]}`)
	for _, question := range []string{
		`{"type":"check","have":null}`, `{"type":"check","have":"` + hashOne + `"}`, `{"type":"check","have":"` + hashTwo + `"}`, `{"type":"resync"}`,
	} {
		MustSay(t, conn, question)
		if got := MustHear(t, conn); got != current(2, hashTwo) {
			t.Errorf("%s was answered %s", question, got)
		}
	}
}
