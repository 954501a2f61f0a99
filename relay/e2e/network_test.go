package e2e

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
)

// network lies between a page and a relay, and can be as poor as networks are. A page that comes through it has it for its
// origin.
type network struct {
	URL    string
	listen *listener

	mu      sync.Mutex
	treat   func(w http.ResponseWriter, r *http.Request, pass http.Handler)
	answers []answered
}

// answered is what went back for one request.
type answered struct {
	path   string
	status int
}

func mustNetwork(t *testing.T, relay *process.Relay) *network {
	t.Helper()
	target, err := url.Parse(relay.URL)
	must(t, err)
	n := &network{}
	n.restore()
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host },
		ModifyResponse: func(r *http.Response) error {
			n.mu.Lock()
			defer n.mu.Unlock()
			n.answers = append(n.answers, answered{r.Request.URL.Path, r.StatusCode})
			return nil
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		treat := n.treat
		n.mu.Unlock()
		treat(w, r, pass)
	}))
	n.listen = &listener{Listener: server.Listener}
	server.Listener = n.listen
	server.Start()
	n.URL = server.URL
	t.Cleanup(func() { n.listen.closeAll(); server.Close() })
	return n
}

// hashed is where a published site's files lie, which changes with them.
var hashed = regexp.MustCompile(`^/assets-[0-9a-f]+`)

// when treats requests for a path that begins with prefix in a way of its own; all others pass. A file of the site goes by the
// path it has in public.
func (n *network) when(prefix string, treat func(w http.ResponseWriter, r *http.Request, pass http.Handler)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.treat
	n.treat = func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		if strings.HasPrefix(hashed.ReplaceAllString(r.URL.Path, ""), prefix) {
			treat(w, r, pass)
			return
		}
		before(w, r, pass)
	}
}

// hold keeps whoever asks for a path that begins with prefix waiting until the channel is closed, and then treats the request so.
func (n *network) hold(prefix string, treat func(http.ResponseWriter, *http.Request, http.Handler)) chan struct{} {
	released := make(chan struct{})
	n.when(prefix, func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		select {
		case <-released:
			treat(w, r, pass)
		case <-r.Context().Done():
		}
	})
	return released
}

// passed is what a network does that is well.
func passed(w http.ResponseWriter, r *http.Request, pass http.Handler) { pass.ServeHTTP(w, r) }

// cut ends all lines, and every request to the relay's own endpoints; the site itself is still there.
func (n *network) cut() {
	abort := func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
	n.when("/v1/", abort)
	n.when("/datafiles/", abort)
	n.listen.closeAll()
}

// restore lets everything pass again.
func (n *network) restore() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.treat = func(w http.ResponseWriter, r *http.Request, pass http.Handler) { pass.ServeHTTP(w, r) }
}

// silence swallows what is sent to the page on lines that stand, as a router does that has forgotten them.
func (n *network) silence() { n.listen.each(func(c *line) { c.silent.Store(true) }) }

// times counts the answers with this status to requests for paths with this prefix.
func (n *network) times(prefix string, status int) (times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range n.answers {
		if strings.HasPrefix(a.path, prefix) && a.status == status {
			times++
		}
	}
	return times
}

// replaced answers with a text of the test's own.
func replaced(status int, contentType, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // a page that has gone by then is no failure
	}
}

// withHeader lets pass, with another value of a header.
func withHeader(name, value string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		pass.ServeHTTP(&headerWriter{w, name, value}, r)
	}
}

type headerWriter struct {
	http.ResponseWriter
	name, value string
}

func (w *headerWriter) WriteHeader(status int) {
	w.Header().Set(w.name, w.value)
	w.ResponseWriter.WriteHeader(status)
}

// listener remembers its connections.
type listener struct {
	net.Listener
	mu    sync.Mutex
	lines []*line
}

type line struct {
	net.Conn
	silent atomic.Bool
}

func (c *line) Write(b []byte) (int, error) {
	if c.silent.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (l *listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &line{Conn: conn}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, c)
	return c, nil
}

func (l *listener) each(do func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.lines {
		do(c)
	}
}

func (l *listener) closeAll() { l.each(func(c *line) { _ = c.Close() }) }

// mustOpenInTrouble opens a page that will have something to complain of on its console; script runs before its own.
func mustOpenInTrouble(t *testing.T, b *browser.Browser, url, script string) *page {
	t.Helper()
	p, err := b.OpenWith(url, script)
	must(t, err)
	return &page{Page: p, t: t}
}

// neverLong has a page that waits by chance before it tries again wait for a tenth of the longest time, which is 3 s: not longer than a
// test does.
const neverLong = `Math.random = () => 0.1;`

// chip waits until the connection chip says this.
func (p *page) chip(words string) {
	p.t.Helper()
	p.until(`document.querySelector('.connection-words').textContent === ` + quote(words))
}

// notice waits until the page's alert says this.
func (p *page) notice(words string) {
	p.t.Helper()
	p.until(`[...document.querySelectorAll('[role=alert]')].some((e) => e.textContent.includes(` + quote(words) + `))`)
}
