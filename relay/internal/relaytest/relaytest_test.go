package relaytest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const batch = `{"account_id":"1","project_id":"2","visitors":[{"visitor_id":"v","snapshots":[{"events":[{"uuid":"a"},{"uuid":"b"}]}]}]}`

func TestTheEventAPICountsUUIDsAndAnswersAsTold(t *testing.T) {
	api := NewEventAPI(t)
	api.Next(Answer{Status: http.StatusServiceUnavailable, RetryAfter: "3"})

	refused := MustPost(t, api.URL, batch)
	if refused.Status != http.StatusServiceUnavailable || refused.Header.Get("Retry-After") != "3" {
		t.Errorf("first post: %d, Retry-After %q", refused.Status, refused.Header.Get("Retry-After"))
	}
	for range 2 {
		if taken := MustPost(t, api.URL, batch); taken.Status != http.StatusNoContent {
			t.Errorf("later post: %d", taken.Status)
		}
	}
	if counts := api.WaitEvents(t, 2); counts["a"] != 2 || counts["b"] != 2 {
		t.Errorf("counts: %v", counts)
	}
	if requests := api.WaitRequests(t, 3); len(requests) != 3 {
		t.Errorf("%d requests", len(requests))
	}
}

func TestALostAnswerStillCountsItsEvents(t *testing.T) {
	api := NewEventAPI(t)
	api.Always(Answer{Lost: true})
	response, err := http.Post(api.URL, "application/json", strings.NewReader(batch))
	if err == nil {
		response.Body.Close()
		t.Errorf("an answer came: %d", response.StatusCode)
	}
	if counts := api.UUIDs(); counts["a"] == 0 || counts["b"] == 0 {
		t.Errorf("counts: %v", counts)
	}
}

func TestTheCDNKnowsWhoHasTheNewest(t *testing.T) {
	cdn := NewCDN(t)
	url := cdn.Put("/datafiles/k.json", "one")
	first := MustGet(t, url)
	if first.Status != http.StatusOK || first.Body != "one" {
		t.Fatalf("first: %d %q", first.Status, first.Body)
	}
	validators := []http.Header{
		{"If-None-Match": {first.Header.Get("ETag")}},
		{"If-Modified-Since": {first.Header.Get("Last-Modified")}},
	}
	for _, header := range validators {
		if again := MustDo(t, http.MethodGet, url, "", header); again.Status != http.StatusNotModified {
			t.Errorf("%v: %d", header, again.Status)
		}
	}
	cdn.Put("/datafiles/k.json", "two")
	for _, header := range validators {
		if newer := MustDo(t, http.MethodGet, url, "", header); newer.Body != "two" {
			t.Errorf("%v: %d %q", header, newer.Status, newer.Body)
		}
	}
	cdn.Fail(http.StatusBadGateway)
	if down := MustGet(t, url); down.Status != http.StatusBadGateway {
		t.Errorf("told to fail: %d", down.Status)
	}
	cdn.Fail(0)
	if gone := MustGet(t, cdn.URL+"/datafiles/other.json"); gone.Status != http.StatusNotFound {
		t.Errorf("what nobody put there: %d", gone.Status)
	}
	if requests := cdn.WaitRequests(t, 7); len(requests) != 7 {
		t.Errorf("%d requests", len(requests))
	}
}

func TestASubscriberRecordsFramesAndTheClose(t *testing.T) {
	var upgrader websocket.Upgrader
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		_, hello, _ := conn.ReadMessage()
		conn.WriteMessage(websocket.TextMessage, hello)                                                               //nolint:errcheck // the test sees it
		conn.WriteMessage(websocket.BinaryMessage, []byte("{\"type\":\"datafile\",\"revision\":\"7\"}\nbytes\nmore")) //nolint:errcheck // as above
		conn.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(4408, "late"))                         //nolint:errcheck // as above
	}))
	t.Cleanup(server.Close)

	subscriber := MustSubscribe(t, server.URL, Hello{SDKKey: "k"})
	echoed := subscriber.WaitFrame(t, "the echoed hello", func(f Frame) bool { return f.Type == "hello" })
	if want := `{"type":"hello","protocol":1,"sdkKey":"k","have":null,"topics":["datafile"]}`; echoed.Header != want {
		t.Errorf("hello: %s", echoed.Header)
	}
	if pushed := subscriber.WaitFrames(t, 2)[1]; pushed.Revision != "7" || string(pushed.Payload) != "bytes\nmore" {
		t.Errorf("datafile frame: %+v", pushed)
	}
	if code, reason := subscriber.WaitClose(t); code != 4408 || reason != "late" {
		t.Errorf("closed with %d %q", code, reason)
	}
}
