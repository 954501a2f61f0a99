package server_test

import (
	"compress/gzip"
	"io"
	"net/url"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
)

func TestResults(t *testing.T) {
	closed := MustStart(t, nil)
	r := MustStart(t, func(o *server.Options) { o.Access.ResultsToken = "R" })
	checks := []check{
		{"of the demo", "GET", "/v1/results/demo", "", nil, 200, `"sdkKey":"demo"`},
		{"of an unknown project", "GET", "/v1/results/nobody", "", nil, 404, "sdkKey"},
		{"of another without the token", "GET", "/v1/results/private", "", nil, 401, "token"},
		{"of another with its datafile's token", "GET", "/v1/results/private", "", header("Authorization", "Bearer T"), 401, "token"},
		{"asked for in a way there is not", "GET", "/v1/results/demo?sorted=1", "", nil, 400, `"field":"sorted"`},
		{"as a table", "GET", "/v1/results/demo?format=csv", "", nil, 200, "experiment"},
		{"of another with the token, without a datafile", "GET", "/v1/results/private", "", header("Authorization", "bearer R"), 503, "no datafile yet"},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	t.Run("without a token in the settings no token opens", func(t *testing.T) {
		check{"", "GET", "/v1/results/private", "", header("Authorization", "Bearer "), 401, "token"}.run(t, closed.url)
	})
	t.Run("as a table are a download", func(t *testing.T) {
		got := relaytest.MustGet(t, r.url+"/v1/results/demo?format=csv").Header
		if got.Get("Content-Type") != "text/csv" || got.Get("Content-Disposition") != `attachment; filename=results.csv` {
			t.Errorf("%v", got)
		}
	})
	t.Run("are revalidated, and zipped for who can unzip", func(t *testing.T) {
		const path = "/v1/results/demo"
		plain := relaytest.MustDo(t, "GET", r.url+path, "", header("Accept-Encoding", "identity"))
		zipped := relaytest.MustDo(t, "GET", r.url+path, "", header("Accept-Encoding", "gzip, br", "Range", "bytes=0-1"))
		reader, err := gzip.NewReader(strings.NewReader(zipped.Body))
		if err != nil {
			t.Fatalf("%d %v: %v", zipped.Status, zipped.Header, err)
		}
		if text, err := io.ReadAll(reader); err != nil || string(text) != plain.Body {
			t.Errorf("unzipped it is %q, %v, not %q", text, err, plain.Body)
		}
		if plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
			t.Errorf("plain %v, zipped %v", plain.Header, zipped.Header)
		}
		for coding, answer := range map[string]relaytest.Response{"identity": plain, "gzip": zipped} {
			check{"", "GET", path, "", header("Accept-Encoding", coding, "If-None-Match", answer.Header.Get("ETag")), 304, ""}.run(t, r.url)
			if vary := strings.Join(answer.Header.Values("Vary"), ","); !strings.Contains(vary, "Accept-Encoding") {
				t.Errorf("Vary: %s", vary)
			}
		}
	})
}

// uncounted are results while the log is still read.
type uncounted struct{}

func (uncounted) Results(string, url.Values) (answer server.ResultsAnswer, ok bool, err error) {
	return answer, false, nil
}
func (uncounted) Ready() <-chan struct{} { return nil }

func TestResultsThatAreStillCountedSaySo(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.Results = uncounted{} })
	got := check{"", "GET", "/v1/results/demo", "", nil, 503, "still counting"}.run(t, r.url)
	if got.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
}
