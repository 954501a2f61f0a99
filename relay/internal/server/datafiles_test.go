package server_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/relaytest"
)

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
		{"by its hash", "GET", "/datafiles/demo/" + hashOf(datafile) + ".json", "", nil, 200, datafile},
		{"by a hash that is not kept", "GET", "/datafiles/demo/0123456789abcdef.json", "", nil, 404, "history"},
		{"by a revision in place of a hash", "GET", "/datafiles/demo/7.json", "", nil, 404, "history"},
		{"by the hash for an unknown key", "GET", "/datafiles/nobody/0123456789abcdef.json", "", nil, 404, "sdkKey"},
		{"another method", "DELETE", "/datafiles/demo.json", "", nil, 405, "GET"},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
}

func hashOf(text string) string { return fmt.Sprintf("%016x", xxhash.Sum64String(text)) }

func TestADatafileByItsHashMayBeKeptForEver(t *testing.T) {
	r := MustStart(t, nil)
	for path, want := range map[string]string{
		"/datafiles/demo/" + hashOf(datafile) + ".json": "public, max-age=31536000, immutable",
		"/datafiles/demo/0123456789abcdef.json":         "no-store",
		"/datafiles/private/0123456789abcdef.json":      "private, no-cache",
	} {
		if got := relaytest.MustGet(t, r.url+path).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
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

func TestAnAnswerThatIsNotWantedAsItIsIsWholeInEveryEncoding(t *testing.T) {
	r := MustStart(t, nil)
	for _, path := range []string{"/datafiles/demo.json", "/v1/results/demo"} {
		for _, coding := range []string{"identity", "gzip"} {
			for name, value := range map[string]string{"If-Match": `"x"`, "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"} {
				if path == "/v1/results/demo" && name == "If-Unmodified-Since" {
					continue // they have no date
				}
				got := relaytest.MustDo(t, "GET", r.url+path, "", header("Accept-Encoding", coding, name, value))
				if got.Status != 412 || got.Body != "" {
					t.Errorf("%s in %s, %s: %d %q", path, coding, name, got.Status, got.Body)
				}
			}
		}
		if got := relaytest.MustDo(t, "GET", r.url+path, "", header("Accept-Encoding", "gzip", "If-Match", "*")); got.Status != 200 || got.Body == "" {
			t.Errorf("%s as it is: %d %q", path, got.Status, got.Body)
		}
	}
}
