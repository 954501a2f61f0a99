package server_test

import (
	"context"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
	"sortition/wasm/engine/event"
)

// slowLog keeps what is large only once the gate is open.
type slowLog struct {
	server.EventLog
	arrived, gate chan struct{}
}

func (l slowLog) Append(ctx context.Context, sdkKey string, b *event.Batch, body string) ([]int, error) {
	if len(body) > 100<<10 {
		l.arrived <- struct{}{}
		<-l.gate
	}
	return l.EventLog.Append(ctx, sdkKey, b, body)
}

func TestBodiesTakeBoundedMemoryTogether(t *testing.T) {
	slow := slowLog{arrived: make(chan struct{}, 100), gate: make(chan struct{})}
	r := MustStart(t, func(o *server.Options) {
		slow.EventLog, o.MaxBodies = o.Events, 1<<20
		o.Events = slow
	})
	large := batch + strings.Repeat(" ", 500<<10)
	post := func(name, body string, status int, says string) relaytest.Response {
		return check{name, "POST", "/v1/events", body, nil, status, says}.run(t, r.url)
	}
	first := make(chan relaytest.Response)
	go func() { first <- relaytest.MustPost(t, r.url+"/v1/events", large) }()
	<-slow.arrived
	for range 3 { // one that was turned away takes no room
		refused := post("a large one, beside one that is not answered yet", large, 503, "busy")
		if after := refused.Header.Get("Retry-After"); after != "2" {
			t.Errorf("Retry-After: %q", after)
		}
	}
	post("a small one", batch, 204, "")
	post("one that is too large", strings.Repeat("x", 3<<20), 413, "bytes")
	close(slow.gate)
	if got := <-first; got.Status != 204 {
		t.Errorf("the first: %d %s", got.Status, got.Body)
	}
	user, hook := `{"userId":"`+strings.Repeat("x", 40<<10)+`"}`, strings.Repeat(" ", 60<<10)
	for range 30 { // more than there would be room for if what was answered took any
		post("a large one, beside none", large, 204, "")
		check{"a decision", "POST", "/v1/decide", user, of("demo"), 200, "[]"}.run(t, r.url)
		check{"a batch", "POST", "/v1/batch", hook + `{"operations":[]}`, nil, 200, `"errorCount":0`}.run(t, r.url)
		check{"a webhook", "POST", "/webhook", hook, nil, 400, ""}.run(t, r.url)
	}
}

func TestOperatorsHaveRoomForTheirBodiesWhateverClientsSend(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.MaxBodies = 1 })
	check{"a client's", "POST", "/v1/events", batch, nil, 503, "busy"}.run(t, r.url)
	check{"an operator's", "POST", "/v1/projects/demo/rollback", `{"revision":"no such"}`, nil, 404, "history"}.run(t, r.admin)
}
