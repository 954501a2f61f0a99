package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/server"
)

// batched is an answer to a batch, as Agent gives it.
type batched struct {
	StartedAt, EndedAt time.Time
	ErrorCount         int
	Response           []struct {
		Status                              int
		RequestID, OperationID, Method, URL string
		Body                                json.RawMessage
	}
}

// mustBatch sends operations, which are JSON, for the project demo.
func mustBatch(t *testing.T, url string, operations ...string) (b batched) {
	t.Helper()
	body := `{"operations":[` + strings.Join(operations, ",") + `]}`
	got := check{"", "POST", "/v1/batch", body, nil, 200, `"response":[`}.run(t, url)
	if err := json.Unmarshal([]byte(got.Body), &b); err != nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
	if len(b.Response) != len(operations) {
		t.Fatalf("%d answers to %d operations", len(b.Response), len(operations))
	}
	return b
}

func TestABatchAnswersEachOperationAsAlone(t *testing.T) {
	r := MustStart(t, nil)
	const of, body = `"headers":{"x-optimizely-sdk-key":"demo"}`, `"body":{"userId":"Matt"}`
	cases := []struct {
		name, operation string
		status          int
		says            string
	}{
		{"a decision", `{"method":"POST","url":"/v1/decide","params":{"keys":"shelf"},` + of + `,` + body + `}`, 200, `"flagKey":"shelf"`},
		{"parameters in the url", `{"method":"POST","url":"/v1/track?eventKey=bought",` + of + `,` + body + `}`, 200, `{"userId":"Matt","eventKey":"bought"}`},
		{"no body", `{"method":"GET","url":"/v1/config",` + of + `}`, 200, `"revision":"7"`},
		{"what is wrong with one", `{"method":"POST","url":"/v1/decide",` + of + `,"body":{"userId":7}}`, 400, `userId must be a string, not number`},
		{"no project", `{"method":"POST","url":"/v1/decide",` + body + `}`, 400, "missing required X-Optimizely-SDK-Key header"},
		{"a private project, without its token", `{"method":"POST","url":"/v1/decide","headers":{"X-Optimizely-SDK-Key":"private"},` + body + `}`, 401, "token"},
		{"another method", `{"method":"PUT","url":"/v1/decide",` + of + `}`, 405, "POST"},
		{"another address of the relay", `{"method":"GET","url":"/healthz"}`, 404, "nothing at this address"},
		{"a batch in a batch", `{"method":"POST","url":"/v1/batch","body":{"operations":[]}}`, 404, "nothing at this address"},
		{"another host", `{"method":"GET","url":"http://evil.example/v1/config",` + of + `}`, 400, "is a path"},
		{"no request", `{"method":"G E T","url":"/v1/config",` + of + `}`, 400, "no request"},
		{"a path that is no clean one", `{"method":"POST","url":"/v1//decide",` + of + `}`, 307, "null"},
	}
	var operations []string
	for _, c := range cases {
		operations = append(operations, c.operation)
	}
	got := mustBatch(t, r.url, operations...)
	failed := 0
	for i, c := range cases {
		if one := got.Response[i]; one.Status != c.status || !strings.Contains(string(one.Body), c.says) {
			t.Errorf("%s: %d %s, want %d %s", c.name, one.Status, one.Body, c.status, c.says)
		}
		if c.status != 200 {
			failed++
		}
	}
	if got.ErrorCount != failed {
		t.Errorf("%d errors, want %d", got.ErrorCount, failed)
	}
	if len(r.log.kept) != 1 {
		t.Errorf("kept: %q", r.log.kept)
	}
}

func TestABatchOfTheRelaysOwnPageBehindAProxyThatHidesItsHostIsAnsweredAsAlone(t *testing.T) {
	r := MustStart(t, nil)
	own := header("Origin", "https://ab.example", "Sec-Fetch-Site", "same-origin", "X-Optimizely-SDK-Key", "demo")
	const body = `{"userId":"Matt"}`
	check{"alone", "POST", "/v1/decide", body, own, 200, "[]"}.run(t, r.url)
	batch := `{"operations":[{"method":"POST","url":"/v1/decide","headers":{"X-Optimizely-SDK-Key":"demo"},"body":` + body + `}]}`
	check{"in a batch", "POST", "/v1/batch", batch, own, 200, `"errorCount":0`}.run(t, r.url)
}

func TestABatchTellsWhichAnswerIsWhose(t *testing.T) {
	r := MustStart(t, nil)
	got := mustBatch(t, r.url, `{"method":"GET","url":"/v1/config","operationID":"a","headers":{"X-Request-Id":"mine"}}`, `{"method":"GET","url":"/v1/datafile","operationID":"b"}`)
	first, second := got.Response[0], got.Response[1]
	if first.OperationID != "a" || first.Method != http.MethodGet || first.URL != "/v1/config" || first.RequestID != "mine" || second.OperationID != "b" || len(second.RequestID) != 16 {
		t.Errorf("%+v", got.Response)
	}
	if got.StartedAt.IsZero() || got.EndedAt.Before(got.StartedAt) {
		t.Errorf("from %v to %v", got.StartedAt, got.EndedAt)
	}
}

func TestBatchesThatAreNotRun(t *testing.T) {
	r := MustStart(t, nil)
	for _, c := range []check{
		{"no JSON", "POST", "/v1/batch", "hello", nil, 400, `"field":"operations"`},
		{"operations of another kind", "POST", "/v1/batch", `{"operations":[7]}`, nil, 400, "cannot decode the operation body"},
		{"too many", "POST", "/v1/batch", `{"operations":[` + strings.TrimSuffix(strings.Repeat("{},", 501), ",") + `]}`, nil, 422, "at most 500"},
		{"too much", "POST", "/v1/batch", strings.Repeat(" ", 1<<20+1), nil, 413, "1048576"},
		{"of a form", "POST", "/v1/batch", "{}", header("Content-Type", "application/x-www-form-urlencoded"), 415, "application/json"},
		{"from a page of another origin", "POST", "/v1/batch", "{}", header("Origin", "https://evil.example"), 403, "origin"},
		{"none", "POST", "/v1/batch", "{}", nil, 200, `{"response":[],"startedAt":"`},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
}

func TestEachOperationCountsForItsClientsRate(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.EventsRatePerIP = 1 })
	const one = `{"method":"POST","url":"/v1/decide","headers":{"X-Optimizely-SDK-Key":"demo"},"body":{"userId":"Matt"}}`
	if got := mustBatch(t, r.url, one, one); got.Response[0].Status != http.StatusOK || got.Response[1].Status != http.StatusTooManyRequests {
		t.Errorf("%+v", got.Response)
	}
}
