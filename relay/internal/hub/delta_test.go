package hub_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/gorilla/websocket"

	"sortition/relay/internal/hub"
	"sortition/wasm/engine/delta"
)

// large is a datafile of 200 KB that nothing compresses, with a revision in it.
func large(revision int) hub.Update {
	random := rand.New(rand.NewPCG(1, 2))
	var text bytes.Buffer
	fmt.Fprintf(&text, `{"revision":"%d","ids":[`, revision)
	for text.Len() < 200_000 {
		fmt.Fprintf(&text, "%d,", random.Uint64())
	}
	return hub.Update{SDKKey: "demo", Revision: fmt.Sprint(revision), Hash: hashOf(text.Bytes()), Datafile: text.Bytes()}
}

func hashOf(text []byte) string { return fmt.Sprintf("%016x", xxhash.Sum64(text)) }

// follower keeps a datafile as a page does.
type follower struct {
	conn     *websocket.Conn
	datafile []byte
}

// MustFollow hears one frame and returns its type and size.
func (f *follower) MustFollow(tb testing.TB) (kind string, size int) {
	tb.Helper()
	_, frame, err := f.conn.ReadMessage()
	if err != nil {
		tb.Fatal(err)
	}
	line, payload, _ := bytes.Cut(frame, []byte("\n"))
	var header struct{ Type, Hash, From string }
	if err := json.Unmarshal(line, &header); err != nil {
		tb.Fatalf("%q: %v", line, err)
	}
	switch header.Type {
	case "problem": // the word before a large one
		return f.MustFollow(tb)
	case "datafile":
		f.datafile = payload
	case "delta":
		if header.From != hashOf(f.datafile) {
			tb.Fatalf("a delta from %s for a page that has %s", header.From, hashOf(f.datafile))
		}
		newer, ok := delta.Apply(string(f.datafile), string(payload))
		if !ok {
			tb.Fatalf("a delta that cannot be applied: %q", payload)
		}
		f.datafile = newer
	}
	if got := hashOf(f.datafile); got != header.Hash {
		tb.Fatalf("after %s the page has %s", line, got)
	}
	return header.Type, len(frame)
}

func TestAPageThatHasADatafileGetsTheDifference(t *testing.T) {
	h, url := MustServe(t, hub.Options{})
	h.Publish(large(1))
	page := follower{conn: MustDial(t, url)}
	MustSay(t, page.conn, hello("null"))
	page.MustFollow(t)

	h.Publish(large(2))
	if kind, size := page.MustFollow(t); kind != "delta" || size > 200 {
		t.Fatalf("a push is a %s of %d bytes", kind, size)
	}
	t.Run("after it was away, too", func(t *testing.T) {
		h.Publish(large(3))
		back := follower{conn: MustDial(t, url), datafile: large(1).Datafile}
		MustSay(t, back.conn, hello(`"`+large(1).Hash+`"`))
		if kind, size := back.MustFollow(t); kind != "delta" || size > 200 {
			t.Fatalf("it gets a %s of %d bytes", kind, size)
		}
	})
	t.Run("to a check", func(t *testing.T) {
		page.MustFollow(t) // revision 3
		page.datafile = large(2).Datafile
		MustSay(t, page.conn, `{"type":"check","have":"`+large(2).Hash+`"}`)
		if kind, _ := page.MustFollow(t); kind != "delta" {
			t.Fatalf("it gets a %s", kind)
		}
	})
	t.Run("but the whole when it asks for that", func(t *testing.T) {
		MustSay(t, page.conn, `{"type":"resync"}`)
		if kind, _ := page.MustFollow(t); kind != "datafile" {
			t.Fatalf("it gets a %s", kind)
		}
	})
	t.Run("and back to a datafile that was there before", func(t *testing.T) {
		h.Publish(large(1))
		if kind, _ := page.MustFollow(t); kind != "delta" {
			t.Fatalf("it gets a %s", kind)
		}
	})
}

func TestWhatIsNotKnownOrNotAlikeComesWhole(t *testing.T) {
	h, url := MustServe(t, hub.Options{})
	h.Publish(large(1))
	page := follower{conn: MustDial(t, url)}
	MustSay(t, page.conn, hello("null"))
	page.MustFollow(t)
	h.Publish(revision(2, hashOf([]byte(`{"revision":"2"}`))))
	if kind, _ := page.MustFollow(t); kind != "datafile" {
		t.Fatalf("something else altogether comes as a %s", kind)
	}
	for n := range 20 {
		h.Publish(large(100 + n))
		page.MustFollow(t)
	}
	back := follower{conn: MustDial(t, url), datafile: large(1).Datafile}
	MustSay(t, back.conn, hello(`"`+large(1).Hash+`"`))
	if kind, _ := back.MustFollow(t); kind != "datafile" {
		t.Fatalf("to what the hub has long forgotten comes a %s", kind)
	}
}

// A page that is stuck while datafiles come gets the newest only, as a difference from the last it took.
func TestASlowPageSkipsRevisions(t *testing.T) {
	h, url := MustServe(t, hub.Options{WriteTimeout: 20 * time.Second})
	first := hub.Update{SDKKey: "demo", Revision: "0", Datafile: []byte(strings.Repeat("0123456789abcdef", 1<<16))}
	first.Hash = hashOf(first.Datafile)
	page := follower{conn: MustDial(t, url)}
	_ = page.conn.NetConn().(*net.TCPConn).SetReadBuffer(64 << 10)
	MustSay(t, page.conn, hello("null"))
	h.Publish(first) // 1 MB, more than the kernel takes for such a page
	const revisions = 12
	for n := 1; n <= revisions; n++ {
		next := first
		next.Revision = fmt.Sprint(n)
		next.Datafile = append([]byte(next.Revision), first.Datafile...)
		next.Hash = hashOf(next.Datafile)
		h.Publish(next)
	}
	frames := 0
	for want := fmt.Sprint(revisions); !bytes.HasPrefix(page.datafile, []byte(want)); frames++ {
		page.MustFollow(t)
	}
	if frames > 2 {
		t.Fatalf("%d frames for a page that missed %d revisions", frames, revisions)
	}
}

func TestPushesAreTimedToTheirLastWrite(t *testing.T) {
	observed := make(chan time.Duration, 4)
	h, url := MustServe(t, hub.Options{WriteTimeout: 300 * time.Millisecond, ObservePush: func(d time.Duration) { observed <- d }})
	stuck := MustDial(t, url) // reads nothing
	_ = stuck.NetConn().(*net.TCPConn).SetReadBuffer(64 << 10)
	MustSay(t, stuck, hello("null"))
	quick := MustDial(t, url)
	MustSay(t, quick, hello("null"))
	h.Publish(revision(1, hashOne)) // nobody announced it
	MustHear(t, quick)
	huge := hub.Update{SDKKey: "demo", Revision: "2", Hash: hashTwo, Datafile: make([]byte, 2<<20), Announced: time.Now()}
	for i := range huge.Datafile {
		huge.Datafile[i] = byte(i * i >> 7)
	}
	h.Publish(huge)
	MustHear(t, quick)
	if took := <-observed; took < 300*time.Millisecond {
		t.Fatalf("the push ended after %v, before the slow page was given up", took)
	}
	connected(t, h, 1)
	numbers := h.Numbers()
	if numbers.Slow != 1 || numbers.Pushes != 2 || numbers.Frames["datafile"] < 3 || numbers.Bytes["datafile"] < 2<<20 {
		t.Fatalf("it counted %+v", numbers)
	}
}
