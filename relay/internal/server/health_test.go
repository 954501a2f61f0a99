package server_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/server"
)

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
