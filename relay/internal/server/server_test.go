package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
	"sortition/relay/internal/site"
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
	mu       sync.Mutex
	refusal  error
	repeated []int
	kept     []string
}

func (l *log) Append(_ context.Context, sdkKey string, b *event.Batch, body string) (repeated []int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refusal == nil {
		l.kept = append(l.kept, fmt.Sprintf("%s %s %s", sdkKey, b.Visitors[0].ID, body))
	}
	return l.repeated, l.refusal
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

func (counts) Results(sdkKey string, query url.Values) (answer server.ResultsAnswer, ok bool, err error) {
	if query.Has("sorted") {
		return answer, true, wrongParameter{}
	}
	answer = server.ResultsAnswer{Body: []byte(`{"sdkKey":"` + sdkKey + `","experiments":[]}`), ContentType: "application/json"}
	if query.Get("format") == "csv" {
		answer = server.ResultsAnswer{Body: []byte("experiment\n"), ContentType: "text/csv", FileName: "results.csv"}
	}
	return answer, sdkKey == "demo", nil
}

type wrongParameter struct{}

func (wrongParameter) Error() string     { return "sorted is no parameter" }
func (wrongParameter) FieldName() string { return "sorted" }

// Ready implements server.Results: everything is counted.
func (counts) Ready() <-chan struct{} {
	ready := make(chan struct{})
	close(ready)
	return ready
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
	server     *server.Server
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
	for ctx := relaytest.Context(tb); !settled(store); {
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
	r.url, r.admin, r.server = public.URL, admin.URL, s
	return r
}

// settled tells whether every project has its compressed datafile, or the reason why not.
func settled(store *datasource.Store) bool {
	return !slices.ContainsFunc(store.States(), func(state datasource.State) bool {
		return state.Problem == nil && (state.Datafile == nil || state.Datafile.Gzip == nil)
	})
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
	maps.Copy(request.Header, c.header)
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

func TestEdge(t *testing.T) {
	r := MustStart(t, func(o *server.Options) {
		o.Stream = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("on purpose") })
	})
	for _, c := range []check{
		{"the site", "GET", "/", "", nil, 200, "<!doctype html>"},
		{"the page's settings", "GET", "/config.json", "", nil, 200, `"sdkKey":"demo"`},
		{"nothing", "GET", "/nothing", "", nil, 404, ""},
		{"a method that no page takes", "PUT", "/", "", nil, 405, "this address takes GET, HEAD"},
		{"a page at a path that is not clean", "GET", "//sdk/../", "", nil, 307, `href="/"`},
		{"an address at a path that is not clean", "POST", "//v1/events", "", nil, 307, ""},
		{"a method of no address", "PUT", "/nothing", "", nil, 404, "nothing at this address"},
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

func TestAnAnswerThatAPanicCutsOffDoesNotLookWhole(t *testing.T) {
	r := MustStart(t, func(o *server.Options) {
		o.Stream = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 1<<20)) // more than waits for what follows
			panic("on purpose")
		})
	})
	response, err := http.Get(r.url + "/v1/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); err == nil {
		t.Errorf("the answer of %d bytes ends well", n)
	}
}
