package server_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/datasource"
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

func TestAnEventAPIThatRefusesEverythingIsTold(t *testing.T) {
	var deliveries []server.Delivery
	r := MustStart(t, func(o *server.Options) { o.Deliveries = func() []server.Delivery { return deliveries } })
	for _, test := range []struct {
		name             string
		refused, letters int
		told             bool
	}{
		{"not after two", 2, 2, false},
		{"after three in a row", 3, 3, true},
		{"not when none of them is left", 3, 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			deliveries = []server.Delivery{{SDKKey: "demo", Refused: test.refused, DeadLetters: int64(test.letters), LastError: "403 Forbidden: 10.0.0.1"}}
			ready := check{"", "GET", "/readyz", "", nil, 200, "degraded"}.run(t, r.url)
			if told := strings.Contains(ready.Body, "events are set aside: 3 requests in a row were refused for good"); told != test.told || strings.Contains(ready.Body, "403") {
				t.Error(ready.Body)
			}
		})
	}
}

// standing is a store whose projects stand as they are said to.
type standing struct {
	server.Datafiles
	states []datasource.State
}

func (s standing) States() []datasource.State { return s.states }

func TestARelayIsReadyOnceEverySourceWasAskedAndOneHasADatafile(t *testing.T) {
	well := datasource.State{SDKKey: "well", Datafile: &datasource.Datafile{}}
	broken := datasource.State{SDKKey: "broken", Problem: &datasource.Problem{}}
	asked := datasource.State{SDKKey: "asked"}
	stale := datasource.State{SDKKey: "stale", Datafile: &datasource.Datafile{}, Problem: &datasource.Problem{}}
	for _, test := range []struct {
		name   string
		states []datasource.State
		status int
		says   string
	}{
		{"all is well", []datasource.State{well}, 200, `{"status":"ready","degraded":[]}`},
		{"one is not well", []datasource.State{well, stale, broken}, 200, `{"status":"degraded","degraded":[{"sdkKey":"stale",`},
		{"one is being asked", []datasource.State{well, asked}, 503, `"error":"the sources of the datafiles are being asked"`},
		{"none has a datafile", []datasource.State{broken}, 503, `"error":"there is no datafile to serve"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := MustStart(t, func(o *server.Options) { o.Datafiles = standing{o.Datafiles, test.states} })
			check{"", "GET", "/readyz", "", nil, test.status, test.says}.run(t, r.url)
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
