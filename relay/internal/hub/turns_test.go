package hub

import (
	"crypto/tls"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Over TLS no write can be tried without waiting.
func TestASmallFrameWaitsForNoLargeOnesOverTLS(t *testing.T) {
	h := New(Options{SDKKeys: []string{"demo"}})
	for range maxTurns {
		h.turns <- struct{}{} // for a page that takes nothing
	}
	h.Publish(Update{SDKKey: "demo", Revision: "1", Hash: "0000000000000001", Datafile: []byte("{}")})
	server := httptest.NewTLSServer(h)
	defer h.running.Wait()
	defer server.Close()
	defer func() {
		for range maxTurns {
			<-h.turns
		}
	}()
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // a test's own server
	conn, _, err := dialer.Dial("wss"+strings.TrimPrefix(server.URL, "https"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","protocol":1,"sdkKey":"demo","have":null}`)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, frame, err := conn.ReadMessage(); err != nil || !strings.Contains(string(frame), `"type":"datafile"`) {
		t.Errorf("got %.100q, %v", frame, err)
	}
}
