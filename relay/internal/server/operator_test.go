package server_test

import (
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

func TestOperatorPutsADatafileIntoForce(t *testing.T) {
	r := MustStart(t, nil)
	const project = "/v1/projects/demo"
	for ctx := relaytest.Context(t); !strings.Contains(relaytest.MustGet(t, r.admin+project+"/history").Body, "revision"); {
		select {
		case <-ctx.Done():
			t.Fatal("the history stays empty")
		case <-time.After(time.Millisecond):
		}
	}
	for _, c := range []check{
		{"the history", "GET", project + "/history", "", nil, 200, `"revision":"7"`},
		{"which is in force", "GET", project + "/history", "", nil, 200, `"inForce":true`},
		{"a pin by revision", "POST", project + "/pin", `{"revision":"7"}`, nil, 200, `"revision":"7"`},
		{"a pin shows", "GET", "/v1/projects", "", nil, 200, `"pinned":true`},
		{"a rollback", "POST", project + "/rollback", `{"revision":"7"}`, nil, 200, `"hash":"`},
		{"a rollback shows", "GET", "/v1/projects", "", nil, 200, `"pinned":false`},
		{"a pin of nothing", "POST", project + "/pin", `{}`, nil, 400, "must be"},
		{"a pin by both", "POST", project + "/pin", `{"revision":"7","hash":"0123456789abcdef"}`, nil, 400, "must be"},
		{"a number for a revision", "POST", project + "/pin", `{"revision":7}`, nil, 400, "texts"},
		{"what was never there", "POST", project + "/pin", `{"revision":"8"}`, nil, 404, "history lists"},
		{"another project", "POST", "/v1/projects/nobody/pin", `{"revision":"7"}`, nil, 404, "no project"},
		{"another project's history", "GET", "/v1/projects/nobody/history", "", nil, 404, "no project"},
		{"a page", "POST", project + "/pin", `{"revision":"7"}`, header("Origin", "https://evil.example"), 403, "not for pages"},
		{"the end of it", "DELETE", project + "/pin", "", nil, 204, ""},
		{"the end of nothing", "DELETE", project + "/pin", "", nil, 204, ""},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.admin) })
	}
	if got := mustAsk(t, check{method: "POST", path: project + "/pin", body: `{"revision":"7"}`}, r.url); got.Status != 404 && got.Status != 405 {
		t.Errorf("on the public port it answers %d", got.Status)
	}
}
