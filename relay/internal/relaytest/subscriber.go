package relaytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sortition/wasm/engine/delta"
)

// Frame is one frame a [Subscriber] was sent, of the stream's protocol 1: a
// text frame is a JSON object; a binary one is a JSON object, a newline and a payload. A delta comes as the datafile it makes, with
// what it was made from in From.
type Frame struct {
	Type         string `json:"type"`
	Revision     string `json:"revision"`
	Hash         string `json:"hash"`
	From         string `json:"from"`
	RetryAfterMs int    `json:"retryAfterMs"`

	Binary  bool   `json:"-"`
	Header  string `json:"-"` // the JSON object as it came
	Payload []byte `json:"-"` // of a binary frame
}

// Hello is what a [Subscriber] sends first. The zero values of Protocol and
// Topics stand for 1 and ["datafile"].
type Hello struct {
	Type     string   `json:"type"`
	Protocol int      `json:"protocol"`
	SDKKey   string   `json:"sdkKey"`
	Have     *string  `json:"have"`
	Topics   []string `json:"topics"`
	Token    string   `json:"token,omitempty"`
}

// Subscriber is a page's end of the stream: it records every frame and how
// the connection ended.
type Subscriber struct {
	conn   *websocket.Conn
	frames journal[Frame]
	closed journal[error]
	done   sync.WaitGroup

	datafile atomic.Value // that it has, a string
}

// MustDial opens the stream at url, http:// or ws://, and sends nothing. The
// connection is closed when the test ends.
func MustDial(tb testing.TB, url string, header http.Header) *Subscriber {
	tb.Helper()
	dialer := websocket.Dialer{HandshakeTimeout: Patience, EnableCompression: true}
	conn, response, err := dialer.Dial("ws"+strings.TrimPrefix(strings.TrimPrefix(url, "http"), "ws"), header)
	if err != nil {
		tb.Fatalf("dial %s: %v (%v)", url, err, response)
	}
	subscriber := &Subscriber{conn: conn}
	subscriber.done.Go(subscriber.read)
	tb.Cleanup(subscriber.Close)
	return subscriber
}

// MustSubscribe opens the stream at url and says hello.
func MustSubscribe(tb testing.TB, url string, hello Hello) *Subscriber {
	tb.Helper()
	subscriber := MustDial(tb, url, nil)
	subscriber.MustHello(tb, hello)
	return subscriber
}

// MustHello sends the hello frame.
func (s *Subscriber) MustHello(tb testing.TB, hello Hello) {
	tb.Helper()
	hello.Type = "hello"
	if hello.Protocol == 0 {
		hello.Protocol = 1
	}
	if hello.Topics == nil {
		hello.Topics = []string{"datafile"}
	}
	text, err := json.Marshal(hello)
	if err != nil {
		tb.Fatalf("encode hello: %v", err)
	}
	s.MustSend(tb, string(text))
}

// Has gives the subscriber a datafile that deltas may start from.
func (s *Subscriber) Has(datafile string) { s.datafile.Store(datafile) }

// MustSend sends a text frame.
func (s *Subscriber) MustSend(tb testing.TB, text string) {
	tb.Helper()
	if err := s.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		tb.Fatalf("send %s: %v", text, err)
	}
}

// MustSendBinary sends a binary frame.
func (s *Subscriber) MustSendBinary(tb testing.TB, payload []byte) {
	tb.Helper()
	if err := s.conn.WriteMessage(websocket.BinaryMessage, payload); err != nil {
		tb.Fatalf("send %d bytes: %v", len(payload), err)
	}
}

func (s *Subscriber) read() {
	for {
		kind, data, err := s.conn.ReadMessage()
		if err != nil {
			s.closed.add(err)
			return
		}
		frame, err := parseFrame(kind == websocket.BinaryMessage, data)
		if err != nil {
			s.closed.add(err)
			return
		}
		if frame.Type == "delta" {
			datafile, _ := s.datafile.Load().(string)
			newer, ok := delta.Apply(datafile, string(frame.Payload))
			if !ok {
				s.closed.add(errors.New("a delta that cannot be applied"))
				return
			}
			frame.Type, frame.Payload = "datafile", newer
		}
		if frame.Type == "datafile" {
			s.datafile.Store(string(frame.Payload))
		}
		s.frames.add(frame)
	}
}

func parseFrame(binary bool, data []byte) (Frame, error) {
	header, payload := data, []byte(nil)
	if binary {
		head, rest, found := bytes.Cut(data, []byte("\n"))
		if !found {
			return Frame{}, errors.New("binary frame without a header line")
		}
		header, payload = head, rest
	}
	frame := Frame{Binary: binary, Header: string(header), Payload: payload}
	if err := json.Unmarshal(header, &frame); err != nil {
		return Frame{}, fmt.Errorf("frame %q: %w", header, err)
	}
	return frame, nil
}

// Frames returns every frame so far, in order.
func (s *Subscriber) Frames() []Frame { return s.frames.all() }

// WaitFrames waits until at least n frames came and returns all of them.
func (s *Subscriber) WaitFrames(tb testing.TB, n int) []Frame {
	tb.Helper()
	return s.frames.wait(tb, fmt.Sprintf("%d frames", n), func(f []Frame) bool { return len(f) >= n })
}

// WaitFrame waits for the first frame, old or new, that match accepts. what
// describes it should the test fail.
func (s *Subscriber) WaitFrame(tb testing.TB, what string, match func(Frame) bool) Frame {
	tb.Helper()
	var found Frame
	s.frames.wait(tb, what, func(frames []Frame) bool {
		for _, frame := range frames {
			if match(frame) {
				found = frame
				return true
			}
		}
		return false
	})
	return found
}

// WaitClose waits until the connection ended and returns the close code and
// reason; 1006 when it ended without them.
func (s *Subscriber) WaitClose(tb testing.TB) (code int, reason string) {
	tb.Helper()
	end := s.closed.wait(tb, "the connection's end", func(e []error) bool { return len(e) > 0 })[0]
	if closed, ok := errors.AsType[*websocket.CloseError](end); ok {
		return closed.Code, closed.Text
	}
	return websocket.CloseAbnormalClosure, end.Error()
}

// Close closes the connection as a page does that is left, and waits for the reader's end.
func (s *Subscriber) Close() {
	message := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
	s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second)) //nolint:errcheck // it may be closed already
	s.conn.Close()                                                                    //nolint:errcheck // as above
	s.done.Wait()
}
