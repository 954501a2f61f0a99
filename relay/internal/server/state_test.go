package server_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

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
	t.Run("are revalidated", func(t *testing.T) {
		etag := relaytest.MustGet(t, r.url+"/v1/results/demo").Header.Get("ETag")
		check{"", "GET", "/v1/results/demo", "", header("If-None-Match", etag), 304, ""}.run(t, r.url)
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

func TestDeliveriesThatAreStuck(t *testing.T) {
	var deliveries []server.Delivery
	r := MustStart(t, func(o *server.Options) { o.Deliveries = func() []server.Delivery { return deliveries } })
	failing := server.Delivery{SDKKey: "demo", Backlog: 4711, LastError: "dial tcp 10.0.0.1: refused", NextRetry: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	for _, test := range []struct {
		name     string
		attempts int
		stuck    bool
	}{{"one failure is none", 1, false}, {"three in a row are", 3, true}} {
		t.Run(test.name, func(t *testing.T) {
			failing.Attempts = test.attempts
			deliveries = []server.Delivery{failing}
			ready := check{"", "GET", "/readyz", "", nil, 200, "degraded"}.run(t, r.url)
			if told := strings.Contains(ready.Body, "3 attempts in a row failed, the next is at 2026-01-02T03:04:05Z"); told != test.stuck {
				t.Error(ready.Body)
			}
			if strings.Contains(ready.Body, "10.0.0.1") {
				t.Errorf("everyone is told the operator's addresses: %s", ready.Body)
			}
			projects := check{"", "GET", "/v1/projects", "", nil, 200, `"backlogBytes":4711`}.run(t, r.admin)
			if !strings.Contains(projects.Body, "10.0.0.1") || !strings.Contains(projects.Body, `"nextRetry":"2026`) {
				t.Error(projects.Body)
			}
		})
	}
}

func TestReadiness(t *testing.T) {
	r := MustStart(t, nil)
	check{"", "GET", "/healthz", "", nil, 200, "alive"}.run(t, r.url)
	t.Run("a project in trouble degrades it", func(t *testing.T) {
		got := check{"", "GET", "/readyz", "", nil, 200, `"status":"degraded"`}.run(t, r.url)
		if !strings.Contains(got.Body, `"degraded":[{"sdkKey":"empty","error":"the source of the datafile cannot be read","since":`) {
			t.Error(got.Body)
		}
	})
	t.Run("a log that takes nothing ends it", func(t *testing.T) {
		r.log.refuse(errors.New("the event log is full"))
		check{"", "GET", "/readyz", "", nil, 503, "the event log is full"}.run(t, r.url)
	})
}
