package relaytest

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Context returns a context that ends with the test or after Patience,
// whichever is first.
func Context(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), Patience)
	tb.Cleanup(cancel)
	return ctx
}

// MustRun calls run in a goroutine until the test ends, or until the returned
// function is called, and fails the test if it returns an error or does not
// return.
func MustRun(tb testing.TB, name string, run func(context.Context) error) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := run(ctx); err != nil {
			tb.Errorf("%s ended with: %v", name, err)
		}
	}()
	stop = func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(Patience):
			tb.Errorf("%s does not stop", name)
		}
	}
	tb.Cleanup(stop)
	return stop
}

// MustWrite writes the file, and the folders it lies in.
func MustWrite(tb testing.TB, path, content string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// MustRead returns the file's content.
func MustRead(tb testing.TB, path string) string {
	tb.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(content)
}

// Response is an HTTP answer with its body read.
type Response struct {
	Status int
	Header http.Header
	Body   string
}

// MustDo sends the request and reads the answer. An empty body sends none.
// Redirects are not followed, nothing is decompressed and no connection is kept.
func MustDo(tb testing.TB, method, url, body string, header http.Header) Response {
	tb.Helper()
	request, err := http.NewRequestWithContext(Context(tb), method, url, bytes.NewBufferString(body))
	if err != nil {
		tb.Fatal(err)
	}
	maps.Copy(request.Header, header)
	transport := &http.Transport{DisableCompression: true, DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, url, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, url, err)
	}
	return Response{Status: response.StatusCode, Header: response.Header, Body: string(content)}
}

// MustGet is [MustDo] for a plain GET.
func MustGet(tb testing.TB, url string) Response {
	tb.Helper()
	return MustDo(tb, http.MethodGet, url, "", nil)
}

// MustPost is [MustDo] for a POST of JSON.
func MustPost(tb testing.TB, url, body string) Response {
	tb.Helper()
	return MustDo(tb, http.MethodPost, url, body, http.Header{"Content-Type": {"application/json"}})
}
