package server_test

import (
	"errors"
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
