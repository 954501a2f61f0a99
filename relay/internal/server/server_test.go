package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"
	"go.uber.org/goleak"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
	"sortition/relay/internal/site"
	"sortition/relay/internal/webhook"
	"sortition/wasm/engine/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	datafile = `{"version":"4","revision":"7","accountId":"1","projectId":"1234","attributes":[],"audiences":[],"groups":[],` +
		`"events":[{"id":"5","key":"bought","experimentIds":[]}],"experiments":[],"featureFlags":[],"rollouts":[]}`
	batch = `{"account_id":"1","project_id":"1234","revision":"7","client_name":"c","client_version":"1","visitors":[` +
		`{"visitor_id":"Matt","attributes":[],"snapshots":[{"events":[{"entity_id":"5","key":"bought","uuid":"u-1","timestamp":1}]}]}]}`
)

// log is an event log that keeps batches in memory, or refuses them.
type log struct {
	mu      sync.Mutex
	refusal error
	kept    []string
}

func (l *log) Append(_ context.Context, sdkKey string, b *event.Batch, body string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refusal == nil {
		l.kept = append(l.kept, fmt.Sprintf("%s %s %s", sdkKey, b.Visitors[0].ID, body))
	}
	return l.refusal
}

func (l *log) Ready() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.refusal
}

func (l *log) refuse(reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refusal = reason
}

// counts are the results of the demo alone.
type counts struct{}

func (counts) Results(sdkKey string) ([]byte, bool) {
	return []byte(`{"sdkKey":"` + sdkKey + `","experiments":[]}`), sdkKey == "demo"
}

// refetches remembers what a webhook set off.
type refetches struct {
	*datasource.Store
	asked chan string
}

func (r refetches) Refetch(sdkKey, revision string) { r.asked <- sdkKey + " " + revision }

// relay is a server with real datafiles: demo and sandbox (the same), private (with a token), empty (its source is missing).
type relay struct {
	url, admin string
	log        *log
	asked      chan string
	logged     *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.String()
}

func MustStart(tb testing.TB, change func(*server.Options)) relay {
	tb.Helper()
	dir := tb.TempDir()
	path := filepath.Join(dir, "demo.json")
	relaytest.MustWrite(tb, path, datafile)
	private := filepath.Join(dir, "private.json")
	relaytest.MustWrite(tb, private, strings.Replace(datafile, "1234", "99", 1))
	store, err := datasource.Open(datasource.Options{Dir: dir, Logger: slog.New(slog.DiscardHandler), Projects: []datasource.Project{
		{SDKKey: "demo", Source: path}, {SDKKey: "sandbox", Source: path},
		{SDKKey: "private", Source: private, AccessToken: "T"}, {SDKKey: "empty", Source: filepath.Join(dir, "missing.json")},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	relaytest.MustRun(tb, "the store", store.Run)
	for ctx := relaytest.Context(tb); len(store.All()) < 3 || store.All()[2].Gzip == nil; {
		select {
		case <-ctx.Done():
			tb.Fatal("the datafiles did not come")
		case <-time.After(time.Millisecond):
		}
	}
	r := relay{log: &log{}, asked: make(chan string, 10), logged: &lockedBuffer{}}
	o := server.Options{
		Datafiles: refetches{store, r.asked},
		Events:    r.log,
		Results:   counts{},
		Stream:    http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "streaming") }),
		Site:      site.New(fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "sdk/index.js": {Data: []byte("export {}")}}, true),
		Access: server.Access{
			Tokens:      map[string]string{"demo": "", "sandbox": "", "private": "T", "empty": ""},
			OpenResults: []string{"demo", "sandbox"},
		},
		Config: json.RawMessage(`{"relayUrl":"","sdkKey":"demo"}`),
		Logger: slog.New(slog.NewTextHandler(r.logged, nil)),
	}
	if change != nil {
		change(&o)
	}
	s := server.New(o)
	public, admin := httptest.NewServer(s.Handler()), httptest.NewServer(s.AdminHandler())
	tb.Cleanup(public.Close)
	tb.Cleanup(admin.Close)
	r.url, r.admin = public.URL, admin.URL
	return r
}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// check is one request and what must come of it.
type check struct {
	name         string
	method, path string
	body         string
	header       http.Header
	status       int
	says         string // part of the body
}

func (c check) run(t *testing.T, base string) relaytest.Response {
	t.Helper()
	got := mustAsk(t, c, base)
	if got.Status != c.status || !strings.Contains(got.Body, c.says) {
		t.Errorf("%s %s: %d %.300s; want %d with %q", c.method, c.path, got.Status, got.Body, c.status, c.says)
	}
	if got.Status >= 400 {
		var problem struct{ Error string }
		if err := json.Unmarshal([]byte(got.Body), &problem); err != nil || problem.Error == "" {
			t.Errorf("the error is not JSON with a sentence: %s", got.Body)
		}
	}
	return got
}

// mustAsk is relaytest.MustDo, with a Host of the test's choice.
func mustAsk(t *testing.T, c check, base string) relaytest.Response {
	t.Helper()
	host := c.header.Get("Host")
	if host == "" {
		return relaytest.MustDo(t, c.method, base+c.path, c.body, c.header)
	}
	request, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	request.Host, request.Close = host, true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return relaytest.Response{Status: response.StatusCode, Header: response.Header, Body: string(body)}
}

func TestDatafiles(t *testing.T) {
	r := MustStart(t, nil)
	checks := []check{
		{"by key", "GET", "/datafiles/demo.json", "", nil, 200, datafile},
		{"by projectId the first configured answers", "GET", "/json/1234.json", "", nil, 200, datafile},
		{"HEAD", "HEAD", "/datafiles/demo.json", "", nil, 200, ""},
		{"an unknown key", "GET", "/datafiles/nobody.json", "", nil, 404, "sdkKey"},
		{"without .json", "GET", "/datafiles/demo", "", nil, 404, ""},
		{"an unknown projectId", "GET", "/json/1.json", "", nil, 404, "projectId"},
		{"a project whose source is down", "GET", "/datafiles/empty.json", "", nil, 503, "no datafile yet"},
		{"a private one without its token", "GET", "/datafiles/private.json", "", nil, 401, "token"},
		{"a private one with another token", "GET", "/json/99.json", "", header("Authorization", "Bearer x"), 401, "token"},
		{"a private one with its token", "GET", "/datafiles/private.json", "", header("Authorization", "Bearer T"), 200, `"99"`},
		{"another method", "DELETE", "/datafiles/demo.json", "", nil, 405, "GET"},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
}

func TestEncodings(t *testing.T) {
	r := MustStart(t, nil)
	decode := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
	}
	tests := []struct{ accept, coding, suffix string }{
		{"identity", "", `"`}, {"gzip", "gzip", `-gz"`}, {"gzip, deflate, br", "br", `-br"`}, {"br;q=0, *", "gzip", `-gz"`},
		{"GZIP;q=0.5", "gzip", `-gz"`}, {"br; q=0, gzip; q=0", "", `"`}, {"br;q=none", "", `"`},
	}
	for _, test := range tests {
		t.Run("for "+test.accept, func(t *testing.T) {
			got := relaytest.MustDo(t, "GET", r.url+"/datafiles/demo.json", "", header("Accept-Encoding", test.accept))
			if got.Header.Get("Content-Encoding") != test.coding || !strings.HasSuffix(got.Header.Get("ETag"), test.suffix) {
				t.Fatalf("%v", got.Header)
			}
			plain, err := decode[test.coding](strings.NewReader(got.Body))
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(plain); string(text) != datafile {
				t.Fatalf("it holds %q, %v", text, err)
			}
			if vary := strings.Join(got.Header.Values("Vary"), ","); !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("Vary: %s", vary)
			}
		})
	}
}

func TestRevalidation(t *testing.T) {
	r := MustStart(t, nil)
	const path = "/datafiles/demo.json"
	for _, coding := range []string{"identity", "gzip", "br"} {
		t.Run(coding, func(t *testing.T) {
			first := relaytest.MustDo(t, "GET", r.url+path, "", header("Accept-Encoding", coding))
			etag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
			checks := []check{
				{"its ETag", "GET", path, "", header("Accept-Encoding", coding, "If-None-Match", etag), 304, ""},
				{"another ETag", "GET", path, "", header("Accept-Encoding", coding, "If-None-Match", `"x"`), 200, ""},
				{"its date, as the official SDKs send it", "GET", path, "", header("Accept-Encoding", coding, "If-Modified-Since", modified), 304, ""},
				{"an earlier date", "GET", path, "", header("Accept-Encoding", coding, "If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"), 200, ""},
				{"another ETag counts before its date", "GET", path, "", header("Accept-Encoding", coding, "If-None-Match", `"x"`, "If-Modified-Since", modified), 200, ""},
			}
			for _, c := range checks {
				t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
			}
		})
	}
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
		{"of a project nobody knows", "POST", "/v1/events", replace("1234", "4321"), asJSON, 400, `"field":"project_id"`},
		{"of another project than the key's", "POST", "/v1/events?sdkKey=private", batch, asJSON, 400, `"field":"project_id"`},
		{"of an account nobody knows", "POST", "/v1/events", replace(`"account_id":"1"`, `"account_id":"2"`), asJSON, 400, `"field":"account_id"`},
		{"too large", "POST", "/v1/events", replace("Matt", strings.Repeat("x", 1<<20)), asJSON, 413, "1048576"},
		{"from a page of another origin", "POST", "/v1/events", batch, header("Origin", "https://evil.example"), 403, "origin"},
		{"by GET", "GET", "/v1/events", "", nil, 404, ""},
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
	t.Run("a failure of the relay is not told in its own words", func(t *testing.T) {
		r.log.refuse(errors.New("write /secret/path: input/output error"))
		if got := (check{"", "POST", "/v1/events", batch, asJSON, 503, "kept"}).run(t, r.url); strings.Contains(got.Body, "secret") {
			t.Error(got.Body)
		}
	})
	t.Run("no visitor gets into the log", func(t *testing.T) {
		if text := r.logged.text(); strings.Contains(text, "Matt") {
			t.Error(text)
		}
	})
}

func TestWebhook(t *testing.T) {
	const body = `{"timestamp":1463602412,"project_id":1234,"data":{"revision":15},"event":"project.datafile_updated"}`
	t.Run("without secrets", func(t *testing.T) {
		r := MustStart(t, nil)
		checks := []check{
			{"of a project", "POST", "/webhook", body, nil, 200, `{"success":true}`},
			{"at the other address", "POST", "/webhooks/optimizely", body, nil, 200, `{"success":true}`},
			{"of an unknown project", "POST", "/webhook", strings.Replace(body, "1234", "1", 1), nil, 404, `"field":"project_id"`},
			{"of another event", "POST", "/webhook", strings.Replace(body, "updated", "deleted", 1), nil, 400, "project.datafile_deleted"},
			{"not JSON", "POST", "/webhook", "hello", nil, 400, "JSON"},
			{"too large", "POST", "/webhook", body + strings.Repeat(" ", 64<<10), nil, 413, ""},
		}
		for _, c := range checks {
			t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
		}
		for _, want := range []string{"demo 15", "sandbox 15", "demo 15", "sandbox 15"} {
			if got := <-r.asked; got != want {
				t.Errorf("refetched %s, want %s", got, want)
			}
		}
		if len(r.asked) > 0 {
			t.Errorf("and refetched %s", <-r.asked)
		}
	})
	t.Run("with secrets", func(t *testing.T) {
		r := MustStart(t, func(o *server.Options) { o.WebhookSecrets = []string{"old", "new"} })
		signed := func(secret string) http.Header {
			return header(webhook.SignatureHeader, webhook.Sign(secret, []byte(body)))
		}
		checks := []check{
			{"without a signature", "POST", "/webhook", body, nil, 401, "X-Hub-Signature"},
			{"with another secret's", "POST", "/webhook", body, signed("guess"), 401, "X-Hub-Signature"},
			{"of another body", "POST", "/webhook", body + " ", signed("new"), 401, "X-Hub-Signature"},
			{"nothing is parsed before", "POST", "/webhook", "{", nil, 401, "X-Hub-Signature"},
			{"with the new secret's", "POST", "/webhook", body, signed("new"), 200, "success"},
			{"with the old secret's", "POST", "/webhook", body, signed("old"), 200, "success"},
		}
		for _, c := range checks {
			t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
		}
		if len(r.asked) != 4 {
			t.Errorf("%d refetches", len(r.asked))
		}
	})
}

func TestResults(t *testing.T) {
	closed := MustStart(t, nil)
	r := MustStart(t, func(o *server.Options) { o.Access.ResultsToken = "R" })
	checks := []check{
		{"of the demo", "GET", "/v1/results/demo", "", nil, 200, `"sdkKey":"demo"`},
		{"of an unknown project", "GET", "/v1/results/nobody", "", nil, 404, "sdkKey"},
		{"of another without the token", "GET", "/v1/results/private", "", nil, 401, "token"},
		{"of another with its datafile's token", "GET", "/v1/results/private", "", header("Authorization", "Bearer T"), 401, "token"},
		{"of another with the token, without a datafile", "GET", "/v1/results/private", "", header("Authorization", "bearer R"), 503, ""},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	t.Run("without a token in the settings no token opens", func(t *testing.T) {
		check{"", "GET", "/v1/results/private", "", header("Authorization", "Bearer "), 401, "token"}.run(t, closed.url)
	})
	t.Run("are revalidated", func(t *testing.T) {
		etag := relaytest.MustGet(t, r.url+"/v1/results/demo").Header.Get("ETag")
		check{"", "GET", "/v1/results/demo", "", header("If-None-Match", etag), 304, ""}.run(t, r.url)
	})
}

func TestReadiness(t *testing.T) {
	r := MustStart(t, nil)
	check{"", "GET", "/healthz", "", nil, 200, "alive"}.run(t, r.url)
	t.Run("a project in trouble degrades it", func(t *testing.T) {
		for ctx := relaytest.Context(t); ; {
			got := relaytest.MustGet(t, r.url+"/readyz")
			var ready struct {
				Status   string
				Degraded []struct{ SDKKey, Error string }
			}
			if err := json.Unmarshal([]byte(got.Body), &ready); err != nil || got.Status != 200 || ready.Status != "degraded" ||
				len(ready.Degraded) != 1 || ready.Degraded[0].SDKKey != "empty" {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			if strings.Contains(ready.Degraded[0].Error, "source") {
				return
			}
			if ctx.Err() != nil {
				t.Fatalf("it never says why: %s", got.Body)
			}
		}
	})
	t.Run("a log that takes nothing ends it", func(t *testing.T) {
		r.log.refuse(errors.New("the event log is full"))
		check{"", "GET", "/readyz", "", nil, 503, "the event log is full"}.run(t, r.url)
	})
}

func TestOrigins(t *testing.T) {
	const shop = "https://shop.example"
	r := MustStart(t, func(o *server.Options) { o.AllowedOrigins = []string{shop} })
	own := "http://" + strings.TrimPrefix(r.url, "http://")
	for _, c := range []check{
		{"the relay's own pages may stream", "GET", "/v1/stream", "", header("Origin", own), 200, "streaming"},
		{"an allowed origin may stream", "GET", "/v1/stream", "", header("Origin", shop), 200, "streaming"},
		{"what is no page may stream", "GET", "/v1/stream", "", nil, 200, "streaming"},
		{"a foreign origin may not", "GET", "/v1/stream", "", header("Origin", "https://evil.example"), 403, "origin"},
		{"nor one that hides", "GET", "/v1/stream", "", header("Origin", "null"), 403, "origin"},
		{"nor one on another port", "GET", "/v1/stream", "", header("Origin", "http://127.0.0.1:1"), 403, "origin"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	preflight := func(origin string) relaytest.Response {
		return relaytest.MustDo(t, http.MethodOptions, r.url+"/v1/events", "", header("Origin", origin, "Access-Control-Request-Method", "POST"))
	}
	t.Run("an allowed origin's preflight is remembered for long", func(t *testing.T) {
		got := preflight(shop)
		if got.Status != 204 || got.Header.Get("Access-Control-Allow-Origin") != shop || got.Header.Get("Access-Control-Max-Age") != "86400" {
			t.Errorf("%d %v", got.Status, got.Header)
		}
	})
	t.Run("a foreign origin's is not answered", func(t *testing.T) {
		if got := preflight("https://evil.example"); got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%v", got.Header)
		}
	})
	t.Run("an allowed origin may read datafiles and their ETag", func(t *testing.T) {
		got := relaytest.MustDo(t, "GET", r.url+"/datafiles/demo.json", "", header("Origin", shop))
		if got.Header.Get("Access-Control-Allow-Origin") != shop || !strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("%v", got.Header)
		}
	})
	t.Run("everyone may import the SDK", func(t *testing.T) {
		got := relaytest.MustDo(t, "GET", r.url+"/sdk/index.js", "", header("Origin", "https://any.example"))
		if got.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%v", got.Header)
		}
	})
	t.Run("a star allows everyone", func(t *testing.T) {
		open := MustStart(t, func(o *server.Options) { o.AllowedOrigins = []string{"*"} })
		check{"", "GET", "/v1/stream", "", header("Origin", "https://any.example"), 200, ""}.run(t, open.url)
	})
}

func TestEdge(t *testing.T) {
	r := MustStart(t, func(o *server.Options) {
		o.Stream = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	})
	for _, c := range []check{
		{"the site", "GET", "/", "", nil, 200, "<!doctype html>"},
		{"the page's settings", "GET", "/config.json", "", nil, 200, `"sdkKey":"demo"`},
		{"nothing", "GET", "/nothing", "", nil, 404, ""},
		{"a method of no address", "PUT", "/", "", nil, 405, "GET"},
		{"a handler that panics", "GET", "/v1/stream", "", nil, 500, "log"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.run(t, r.url)
			if got.Header.Get("X-Content-Type-Options") != "nosniff" && c.status != 500 || got.Header.Get("X-Request-Id") == "" {
				t.Errorf("%v", got.Header)
			}
		})
	}
	if text := r.logged.text(); !strings.Contains(text, "on purpose") || !strings.Contains(text, "path=/nothing") {
		t.Errorf("the log is %s", text)
	}
}

func TestOperatorsPort(t *testing.T) {
	open := MustStart(t, nil)
	locked := MustStart(t, func(o *server.Options) { o.AdminToken = "A" })
	named := MustStart(t, func(o *server.Options) { o.AdminHost = "relay.internal" })
	for _, c := range []struct {
		check
		base string
	}{
		{check{"projects", "GET", "/v1/projects", "", nil, 200, `"revision":"7"`}, open.admin},
		{check{"profiles", "GET", "/debug/pprof/cmdline", "", nil, 200, ""}, open.admin},
		{check{"nothing else", "GET", "/", "", nil, 404, ""}, open.admin},
		{check{"not for pages", "GET", "/v1/projects", "", header("Origin", open.admin), 403, "pages"}, open.admin},
		{check{"not under a page's name", "GET", "/v1/projects", "", header("Host", "evil.example"), 403, "address"}, open.admin},
		{check{"under the name it listens on", "GET", "/v1/projects", "", header("Host", "relay.internal:8081"), 200, ""}, named.admin},
		{check{"not without the token", "GET", "/v1/projects", "", nil, 401, "token"}, locked.admin},
		{check{"with the token", "GET", "/v1/projects", "", header("Authorization", "Bearer A"), 200, "demo"}, locked.admin},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, c.base) })
	}
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
