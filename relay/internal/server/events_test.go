package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
)

func TestEventsOfAProjectNobodyKnows(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.Datafiles = complete{o.Datafiles} })
	unknown := strings.Replace(batch, "1234", "4321", 1)
	check{"", "POST", "/v1/events", unknown, nil, 400, `"field":"project_id"`}.run(t, r.url)
}

// complete is a store whose projects all have a datafile.
type complete struct{ server.Datafiles }

func (c complete) States() []datasource.State {
	return slices.DeleteFunc(c.Datafiles.States(), func(s datasource.State) bool { return s.Datafile == nil })
}

func TestEvents(t *testing.T) {
	r := MustStart(t, nil)
	asJSON := header("Content-Type", "application/json")
	replace := func(old, with string) string { return strings.Replace(batch, old, with, 1) }
	checks := []check{
		{"a batch", "POST", "/v1/events", batch, asJSON, 204, ""},
		{"as text, as a page that is being left sends it", "POST", "/v1/events?sdkKey=demo", batch, header("Content-Type", "text/plain;charset=UTF-8"), 204, ""},
		{"without a type", "POST", "/v1/events?sdkKey=sandbox", batch, nil, 204, ""},
		{"of a form", "POST", "/v1/events", batch, header("Content-Type", "application/x-www-form-urlencoded"), 415, "application/json"},
		{"deflated", "POST", "/v1/events", batch, header("Content-Encoding", "gzip"), 415, "encoding"},
		{"of an unknown key", "POST", "/v1/events?sdkKey=nobody", batch, asJSON, 404, "sdkKey"},
		{"of an empty key", "POST", "/v1/events?sdkKey=", batch, asJSON, 404, "sdkKey"},
		{"of a project without a datafile", "POST", "/v1/events?sdkKey=empty", batch, asJSON, 503, "no datafile yet"},
		{"not JSON", "POST", "/v1/events", "hello", asJSON, 400, "JSON"},
		{"without a uuid", "POST", "/v1/events", replace(`"uuid":"u-1",`, ""), asJSON, 400, `"field":"visitors[0].snapshots[0].events[0].uuid"`},
		{"of a project that may be the one without a datafile", "POST", "/v1/events", replace("1234", "4321"), asJSON, 503, "not every project has a datafile yet"},
		{"of another project than the key's", "POST", "/v1/events?sdkKey=private", batch, asJSON, 400, `"field":"project_id"`},
		{"of an account nobody knows", "POST", "/v1/events", replace(`"account_id":"1"`, `"account_id":"2"`), asJSON, 400, `"field":"account_id"`},
		{"too large", "POST", "/v1/events", replace("Matt", strings.Repeat("x", 1<<20)), asJSON, 413, "1048576"},
		{"from a page of another origin", "POST", "/v1/events", batch, header("Origin", "https://evil.example"), 403, "origin"},
		{"by GET", "GET", "/v1/events", "", nil, 405, "this address takes POST"},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	want := []string{" Matt " + batch, "demo Matt " + batch, "sandbox Matt " + batch}
	if got := strings.Join(r.log.kept, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("kept:\n%s", got)
	}
	t.Run("what cannot be kept is refused with a time to come back", func(t *testing.T) {
		r.log.refuse(&server.Refusal{Reason: "the event log is full", RetryAfter: 30 * time.Second})
		got := check{"", "POST", "/v1/events", batch, asJSON, 503, "full"}.run(t, r.url)
		if got.Header.Get("Retry-After") != "30" {
			t.Errorf("Retry-After: %s", got.Header.Get("Retry-After"))
		}
	})
	t.Run("of many that come to a full log one a second is told", func(t *testing.T) {
		began := time.Now()
		before := strings.Count(r.logged.text(), "status=503")
		for range 50 {
			check{"", "POST", "/v1/events", batch, asJSON, 503, "full"}.run(t, r.url)
		}
		most := 1 + int(time.Since(began)/time.Second)
		if told := strings.Count(r.logged.text(), "status=503") - before; told > most {
			t.Errorf("%d lines, want at most %d", told, most)
		}
	})
	t.Run("what will never fit is refused for good", func(t *testing.T) {
		r.log.refuse(&server.Refusal{Reason: "an event is too large"})
		got := check{"", "POST", "/v1/events", batch, asJSON, 413, "too large"}.run(t, r.url)
		if again, ok := got.Header["Retry-After"]; ok {
			t.Errorf("Retry-After: %s", again)
		}
	})
	t.Run("a failure of the relay is not told in its own words", func(t *testing.T) {
		r.log.refuse(errors.New("write /secret/path: input/output error"))
		if got := (check{"", "POST", "/v1/events", batch, asJSON, 503, "kept"}).run(t, r.url); strings.Contains(got.Body, "secret") {
			t.Error(got.Body)
		}
	})
	t.Run("what was there before is told by its place", func(t *testing.T) {
		r.log.refuse(nil)
		r.log.repeated = []int{0, 12}
		got := check{"", "POST", "/v1/events", batch, header("Origin", r.url), 204, ""}.run(t, r.url)
		if got.Header.Get("X-Duplicates") != "0,12" || !strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), "X-Duplicates") {
			t.Errorf("header: %v", got.Header)
		}
	})
	t.Run("no visitor gets into the log", func(t *testing.T) {
		if text := r.logged.text(); strings.Contains(text, "Matt") {
			t.Error(text)
		}
	})
}

func TestABodyThatBreaksOffIsToBeSentAgain(t *testing.T) {
	r := MustStart(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: relay\r\nContent-Length: %d\r\n\r\n%s", len(batch), batch[:10])
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("answered %d, which tells that the batch itself is bad", answer.StatusCode)
	}
}

func TestPostsOverAClientsRateAreTurnedAway(t *testing.T) {
	r := MustStart(t, func(o *server.Options) {
		o.EventsRatePerIP = 1
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	check{"", "POST", "/v1/events", batch, header("X-Forwarded-For", "192.0.2.1"), 204, ""}.run(t, r.url)
	got := check{"", "POST", "/v1/events", batch, header("X-Forwarded-For", "192.0.2.1"), 429, "too many"}.run(t, r.url)
	if got.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %s", got.Header.Get("Retry-After"))
	}
	check{"", "POST", "/v1/events", batch, header("X-Forwarded-For", "192.0.2.2"), 204, ""}.run(t, r.url)
}

func TestTheEventsLimitIsThePagesToo(t *testing.T) {
	js := relaytest.MustRead(t, "../../../public/sdk/relay/protocol.js")
	r := MustStart(t, nil)
	const limit = 1048576
	if !strings.Contains(js, fmt.Sprintf("export const EVENTS_BYTES = %d;", limit)) {
		t.Fatal("protocol.js has another EVENTS_BYTES")
	}
	exactly := strings.Replace(batch, "Matt", strings.Repeat("x", limit-len(batch)+len("Matt")), 1)
	check{"", "POST", "/v1/events", exactly, nil, 204, ""}.run(t, r.url)
}
