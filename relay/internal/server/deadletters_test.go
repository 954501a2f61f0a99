package server_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
)

// letters are two dead letters, and what was done to them.
type letters struct {
	err  error
	done []string
}

func (l *letters) Letters(sdkKey string) iter.Seq2[server.DeadLetter, error] {
	return func(yield func(server.DeadLetter, error) bool) {
		for i, key := range []string{"demo", "shop"} {
			letter := server.DeadLetter{ID: uint64(i + 1), SDKKey: key, Status: 400, Reason: "<bad>", Events: 1, Request: `{"visitors":[]}`}
			if (sdkKey == "" || sdkKey == key) && !yield(letter, nil) {
				return
			}
		}
		if l.err != nil {
			yield(server.DeadLetter{}, l.err)
		}
	}
}

func (l *letters) Resend(_ context.Context, sdkKey string, id uint64) (server.Resent, error) {
	l.done = append(l.done, "resend "+sdkKey+" "+string(rune('0'+id)))
	if id == 9 {
		return server.Resent{}, nil
	}
	return server.Resent{Delivered: 2, Left: 1, LastError: "503"}, l.err
}

func (l *letters) Discard(id uint64) (bool, error) {
	l.done = append(l.done, "discard "+string(rune('0'+id)))
	return id == 1, l.err
}

func TestDeadLetters(t *testing.T) {
	there, broken := &letters{}, &letters{err: errors.New("the disk at /secret is gone")}
	r := MustStart(t, func(o *server.Options) { o.DeadLetters = there })
	for _, c := range []check{
		{"listed", "GET", "/v1/dead-letters", "", nil, 200, `{"id":2,"time":"0001-01-01T00:00:00Z","sdkKey":"shop","status":400,"reason":"\u003cbad\u003e","events":1}]`},
		{"listed by project", "GET", "/v1/dead-letters?sdkKey=shop", "", nil, 200, `[{"id":2,`},
		{"none", "GET", "/v1/dead-letters?sdkKey=nobody", "", nil, 200, `[]`},
		{"exported", "GET", "/v1/dead-letters.ndjson", "", nil, 200, `"reason":"<bad>","events":1,"request":"{\"visitors\":[]}"}` + "\n" + `{"id":2,`},
		{"sent again", "POST", "/v1/dead-letters/resend", "", nil, 200, `{"delivered":2,"refused":0,"left":1,"lastError":"503"}`},
		{"of a project sent again", "POST", "/v1/dead-letters/resend?sdkKey=shop&id=2", "", nil, 200, `"delivered":2`},
		{"of an id that is none", "POST", "/v1/dead-letters/resend?id=x", "", nil, 400, `"field":"id"`},
		{"of an id that is not there sent again", "POST", "/v1/dead-letters/resend?id=9", "", nil, 404, "no dead letter"},
		{"sent again by a page", "POST", "/v1/dead-letters/resend", "", header("Origin", "https://evil.example"), 403, "not for pages"},
		{"discarded", "DELETE", "/v1/dead-letters/1", "", nil, 204, ""},
		{"discarded twice", "DELETE", "/v1/dead-letters/2", "", nil, 404, "no dead letter"},
		{"discarded by a name", "DELETE", "/v1/dead-letters/one", "", nil, 404, "no dead letter"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.admin) })
	}
	if done := strings.Join(there.done, ", "); done != "resend  0, resend shop 2, resend  9, discard 1, discard 2" {
		t.Errorf("done: %s", done)
	}
	if told := r.logged.text(); !strings.Contains(told, `level=WARN msg="not all dead letters were delivered" delivered=2 refused=0 left=1 err=503`) {
		t.Errorf("what was not delivered is told so: %s", told)
	}
	if got := relaytest.MustGet(t, r.url+"/v1/dead-letters"); got.Status != 404 {
		t.Errorf("the public port answers %d %s", got.Status, got.Body)
	}
	r = MustStart(t, func(o *server.Options) { o.DeadLetters = broken })
	for _, c := range []check{
		{"listed from a broken disk", "GET", "/v1/dead-letters", "", nil, 500, "log says why"},
		{"sent again from a broken disk", "POST", "/v1/dead-letters/resend", "", nil, 500, "log says why"},
		{"discarded from a broken disk", "DELETE", "/v1/dead-letters/1", "", nil, 500, "log says why"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.admin) })
	}
}
