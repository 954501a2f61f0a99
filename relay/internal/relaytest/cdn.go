package relaytest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// CDN stands in for the place datafiles come from: it serves what it is given,
// with ETag and Last-Modified, and answers 304 to whoever has it.
type CDN struct {
	// URL is the address of the CDN, without a slash at its end.
	URL string

	requests journal[CDNRequest]

	mu     sync.Mutex
	files  map[string]cdnFile
	status int
}

// CDNRequest is one request a [CDN] got.
type CDNRequest struct {
	Path   string
	Header http.Header
	Status int // of the answer
}

type cdnFile struct {
	body     []byte
	etag     string
	modified time.Time
}

// NewCDN starts a CDN without any file; it is closed when the test ends.
func NewCDN(tb testing.TB) *CDN {
	tb.Helper()
	cdn := &CDN{files: map[string]cdnFile{}}
	server := httptest.NewServer(cdn)
	tb.Cleanup(server.Close)
	tb.Cleanup(server.CloseClientConnections)
	cdn.URL = server.URL
	return cdn
}

// Put makes body the content of the path, such as "/datafiles/key.json", and
// returns its URL. Each Put counts as modified a second after the one before:
// HTTP dates know nothing finer.
func (c *CDN) Put(path, body string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	modified := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if old, ok := c.files[path]; ok {
		modified = old.modified.Add(time.Second)
	}
	sum := sha256.Sum256([]byte(body))
	c.files[path] = cdnFile{body: []byte(body), etag: `"` + hex.EncodeToString(sum[:8]) + `"`, modified: modified}
	return c.URL + path
}

// Fail makes every later request answer the status without a body; zero ends it.
func (c *CDN) Fail(status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status = status
}

// ServeHTTP implements [http.Handler].
func (c *CDN) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, status := c.find(r)
	if status == http.StatusOK || status == http.StatusNotModified {
		w.Header().Set("ETag", file.etag)
		w.Header().Set("Last-Modified", file.modified.Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	if status == http.StatusOK {
		w.Write(file.body) //nolint:errcheck // the client may be gone, which is no news here
	}
	c.requests.add(CDNRequest{Path: r.URL.Path, Header: r.Header.Clone(), Status: status})
}

func (c *CDN) find(r *http.Request) (cdnFile, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	file, ok := c.files[r.URL.Path]
	switch {
	case c.status != 0:
		return cdnFile{}, c.status
	case !ok:
		return cdnFile{}, http.StatusNotFound
	case file.known(r.Header):
		return file, http.StatusNotModified
	}
	return file, http.StatusOK
}

// known says whether the request's validators match, If-None-Match before
// If-Modified-Since (RFC 9110, section 13.2.2).
func (f cdnFile) known(header http.Header) bool {
	if match := header.Get("If-None-Match"); match != "" {
		return match == f.etag || match == "*"
	}
	since, err := http.ParseTime(header.Get("If-Modified-Since"))
	return err == nil && !f.modified.After(since)
}

// Requests returns every request so far, in order.
func (c *CDN) Requests() []CDNRequest { return c.requests.all() }

// WaitRequests waits until at least n requests were answered and returns all of them.
func (c *CDN) WaitRequests(tb testing.TB, n int) []CDNRequest {
	tb.Helper()
	return c.requests.wait(tb, fmt.Sprintf("%d requests to the CDN", n), func(r []CDNRequest) bool { return len(r) >= n })
}
