package server_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
)

func TestAStreamTellsOfAnotherDatafile(t *testing.T) {
	changes := server.NewChanges()
	r := MustStart(t, func(o *server.Options) { o.Changes = changes })
	newest := strings.Trim(check{"", "GET", "/datafiles/demo.json", "", nil, 200, ""}.run(t, r.url).Header.Get("ETag"), `"`)
	says := `data: {"type":"refetchEvaluation","etag":"` + newest + `"}`

	t.Run("at once to a page that has another", func(t *testing.T) {
		mustListen(t, r.url+"/ofrep/v1/events/demo?have=0", "").until(t, "id: "+newest, says)
	})
	t.Run("at once to a page that comes back with another", func(t *testing.T) {
		mustListen(t, r.url+"/ofrep/v1/events/demo?have="+newest, "0").until(t, "id: "+newest, says)
	})
	t.Run("and ends when the relay stops", func(t *testing.T) {
		page := mustListen(t, r.url+"/ofrep/v1/events/demo?have="+newest, "")
		changes.Tell("demo") // the same datafile: there is nothing to tell
		stop := relaytest.MustRun(t, "the changes", changes.Run)
		stop()
		if rest := page.until(t); rest != "" {
			t.Errorf("a page that has the newest datafile was told %q", rest)
		}
	})
}

// changing are datafiles of which one comes while a page listens.
type changing struct {
	server.Datafiles
	newest atomic.Pointer[datasource.Datafile]
}

func (c *changing) Newest(sdkKey string) (*datasource.Datafile, bool) {
	if d := c.newest.Load(); d != nil {
		return d, true
	}
	return c.Datafiles.Newest(sdkKey)
}

func TestAStreamTellsOfWhatComesWhileItIsOpen(t *testing.T) {
	changes, datafiles := server.NewChanges(), &changing{}
	r := MustStart(t, func(o *server.Options) {
		datafiles.Datafiles = o.Datafiles
		o.Datafiles, o.Changes = datafiles, changes
	})
	newest := strings.Trim(check{"", "GET", "/datafiles/demo.json", "", nil, 200, ""}.run(t, r.url).Header.Get("ETag"), `"`)
	page := mustListen(t, r.url+"/ofrep/v1/events/demo?have="+newest, "")
	for _, hash := range []string{"1111111111111111", "2222222222222222"} {
		datafiles.newest.Store(&datasource.Datafile{Hash: hash})
		changes.Tell("demo")
		if rest := page.until(t, "id: "+hash, `data: {"type":"refetchEvaluation","etag":"`+hash+`"}`); rest != "" {
			t.Errorf("before %s it said %q", hash, rest)
		}
	}
}

func TestWhoMayHoldAStream(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.MaxStreams = 1 })
	for _, c := range []check{
		{"of a project that is not there", "GET", "/ofrep/v1/events/nobody", "", nil, 404, "no project"},
		{"of a private project, since EventSource has no token", "GET", "/ofrep/v1/events/private", "", nil, 401, "token"},
		{"from a page of another origin", "GET", "/ofrep/v1/events/demo", "", header("Origin", "https://evil.example"), 403, "origin"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	mustListen(t, r.url+"/ofrep/v1/events/demo?have=0", "").until(t, "id: ")
	t.Run("only so many", func(t *testing.T) {
		if got := (check{"", "GET", "/ofrep/v1/events/demo", "", nil, 429, "too many"}).run(t, r.url); got.Header.Get("Retry-After") == "" {
			t.Error("without a time to come back")
		}
	})
	t.Run("pages of a private project are sent to none", func(t *testing.T) {
		got := check{"", "POST", "/ofrep/v1/evaluate/flags", `{"context":{"targetingKey":"Matt"}}`, of("private:T"), 200, ""}.run(t, r.url)
		if strings.Contains(got.Body, "eventStreams") {
			t.Error(got.Body)
		}
	})
}

func TestAStreamIsWhereAProxySaysThatTheRelayIs(t *testing.T) {
	r := MustStart(t, nil)
	for _, c := range []struct{ name, prefix, path string }{
		{"at the root", "", "/ofrep/"},
		{"below a path", "/ab", "/ab/ofrep/"},
		{"below a path with a slash at its end", "/ab/c/", "/ab/c/ofrep/"},
		{"below the root itself", "/", "/ofrep/"},
		{"not below what is no path", "ab", "/ofrep/"},
		{"not on another host", "//evil.example", "/ofrep/"},
		{"not on another host by what browsers take for slashes", `/\evil.example`, "/ofrep/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := of("demo")
			asked.Set("X-Forwarded-Prefix", c.prefix)
			check{"", "POST", "/ofrep/v1/evaluate/flags", `{"context":{"targetingKey":"Matt"}}`, asked, 200,
				`"requestUri":"` + c.path + `v1/events/demo?have=`}.run(t, r.url)
		})
	}
}

func TestAConnectionIsFreeForOthersAfterTheHeadOfAStream(t *testing.T) {
	r := MustStart(t, nil)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(relaytest.Patience))
	answers := bufio.NewReader(conn)
	for _, asked := range []struct{ method, path, contentType string }{
		{http.MethodHead, "/ofrep/v1/events/demo", "text/event-stream"},
		{http.MethodGet, "/healthz", "application/json"}, // of somebody else behind the same proxy
	} {
		_, _ = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: relay\r\n\r\n", asked.method, asked.path)
		answer, err := http.ReadResponse(answers, &http.Request{Method: asked.method})
		if err != nil {
			t.Fatalf("%s: %v", asked.path, err)
		}
		if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || got != asked.contentType {
			t.Errorf("%s: %d %s", asked.path, answer.StatusCode, got)
		}
	}
}

// listener reads a stream line by line.
type listener struct{ lines *bufio.Scanner }

// mustListen opens a stream, which ends with the test, and waits for its beginning.
func mustListen(t *testing.T, url, lastEventID string) listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastEventID != "" {
		request.Header.Set("Last-Event-ID", lastEventID)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%d %s", response.StatusCode, got)
	}
	if got := response.Header.Get("X-Accel-Buffering"); got != "no" {
		t.Errorf("nginx would keep the events until there are many: X-Accel-Buffering: %q", got)
	}
	l := listener{bufio.NewScanner(response.Body)}
	l.until(t, ":")
	return l
}

// until reads on until lines that begin so have come, in order; without any, to the end. It returns what else was said.
func (l listener) until(t *testing.T, begins ...string) (rest string) {
	t.Helper()
	wanted := begins
	for l.lines.Scan() {
		line := l.lines.Text()
		switch {
		case len(wanted) > 0 && strings.HasPrefix(line, wanted[0]):
			if wanted = wanted[1:]; len(wanted) == 0 {
				return rest
			}
		case line != "":
			rest += line + "\n"
		}
	}
	if len(wanted) > 0 {
		t.Fatalf("the stream ended before %q; it said %q", wanted[0], rest)
	}
	return rest
}
