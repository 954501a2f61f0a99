package server_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/server"
)

const (
	visitor   = `{"userId":"Matt"}`
	undefined = `{"userId":"undefined"}`
)

// of names a project as Agent's clients do.
func of(sdkKey string) http.Header { return header("X-Optimizely-SDK-Key", sdkKey) }

func TestAgentsAPI(t *testing.T) {
	r := MustStart(t, nil)
	for _, c := range []check{
		{"decides all flags", "POST", "/v1/decide", visitor, of("demo"), 200, "[]"},
		{"decides one", "POST", "/v1/decide?keys=shelf", visitor, of("demo"), 200, `"flagKey":"shelf"`},
		{"activates", "POST", "/v1/activate?experimentKey=sort", visitor, of("demo"), 200, "experimentKey not found"},
		{"tracks", "POST", "/v1/track?eventKey=bought", visitor, of("demo"), 200, `{"userId":"Matt","eventKey":"bought"}`},
		{"tracks nothing unknown", "POST", "/v1/track?eventKey=sold", visitor, of("demo"), 200, `event with key \"sold\" not found`},
		{"tells the datafile", "GET", "/v1/datafile", "", of("demo"), 200, `"revision":"7"`},
		{"tells what is in the datafile", "GET", "/v1/config", "", of("demo"), 200, `"events":[{"id":"5","key":"bought","experimentIds":[]}]`},
		{"the config of no project", "GET", "/v1/config", "", nil, 400, "X-Optimizely-SDK-Key"},
		{"of no project", "POST", "/v1/decide", visitor, nil, 400, "missing required X-Optimizely-SDK-Key header"},
		{"of an unknown project", "POST", "/v1/track?eventKey=bought", visitor, of("nobody"), 403, "no project"},
		{"of a project without a datafile", "POST", "/v1/activate", visitor, of("empty"), 503, "no datafile yet"},
		{"the datafile of no project", "GET", "/v1/datafile", "", nil, 400, "X-Optimizely-SDK-Key"},
		{"of a private project, without its token", "POST", "/v1/decide", visitor, of("private"), 401, "KEY:TOKEN"},
		{"of a private project, with another", "POST", "/v1/decide", visitor, of("private:X"), 401, "KEY:TOKEN"},
		{"of a private project, with its token as Agent takes it", "POST", "/v1/decide", visitor, of("private:T"), 200, "[]"},
		{"of a private project, with its token as Bearer", "GET", "/v1/datafile", "", header("X-Optimizely-SDK-Key", "private", "Authorization", "Bearer T"), 200, `"projectId":"99"`},
		{"without a user", "POST", "/v1/decide", "{}", of("demo"), 400, `{"error":"missing \"userId\" in request payload","field":"userId"}`},
		{"of a visitor whose id was never set", "POST", "/v1/track?eventKey=bought", undefined, of("demo"), 400, `"field":"userId"}`},
		{"of one in a batch", "POST", "/v1/batch", `{"operations":[{"method":"POST","url":"/v1/track?eventKey=bought","headers":{"X-Optimizely-SDK-Key":"demo"},"body":` + undefined + `}]}`, nil, 200, `"status":400`},
		{"without JSON", "POST", "/v1/decide", "hello", of("demo"), 400, "error parsing request body"},
		{"without an event", "POST", "/v1/track", visitor, of("demo"), 400, `"field":"eventKey"`},
		{"too much", "POST", "/v1/decide", strings.Repeat(" ", 64<<10+1), of("demo"), 413, "65536"},
		{"of a form", "POST", "/v1/decide", visitor, header("X-Optimizely-SDK-Key", "demo", "Content-Type", "application/x-www-form-urlencoded"), 415, "application/json"},
		{"from a page of another origin", "POST", "/v1/decide", visitor, header("X-Optimizely-SDK-Key", "demo", "Origin", "https://evil.example"), 403, "origin"},
		{"overrides, which are for debugging", "POST", "/v1/override", visitor, of("demo"), 403, "Overrides not enabled"},
		{"user profiles, which it does not keep", "POST", "/v1/lookup", visitor, of("demo"), 500, "no user profile service found"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	if len(r.log.kept) != 1 || !strings.HasPrefix(r.log.kept[0], "demo Matt ") || !strings.Contains(r.log.kept[0], `"key":"bought"`) {
		t.Errorf("kept: %q", r.log.kept)
	}
	if text := r.logged.text(); strings.Contains(text, "Matt") || strings.Contains(text, "path=/v1/decide status=200") {
		t.Errorf("the log tells too much: %s", text)
	}
}

func TestTheConfigIsNotSentAgainUntilTheDatafileChanges(t *testing.T) {
	r := MustStart(t, nil)
	tag := check{"", "GET", "/v1/config", "", of("demo"), 200, ""}.run(t, r.url).Header.Get("ETag")
	check{"", "GET", "/v1/config", "", header("X-Optimizely-SDK-Key", "demo", "If-None-Match", tag), 304, ""}.run(t, r.url)
}

func TestOFREP(t *testing.T) {
	r := MustStart(t, nil)
	const all, one, context = "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/sort", `{"context":{"targetingKey":"Matt"}}`
	for _, c := range []check{
		{"every flag", "POST", all, context, header("X-API-Key", "demo"), 200, `{"flags":[],"metadata":{"revision":"7"},"eventStreams":[{"type":"sse","endpoint":{"requestUri":"/ofrep/v1/events/demo?have=`},
		{"with the project where Agent has it", "POST", all, context, of("private:T"), 200, `"flags"`},
		{"of no project", "POST", all, context, nil, 401, "X-API-Key"},
		{"of an unknown project", "POST", one, context, header("X-API-Key", "nobody"), 403, "no project"},
		{"of a private project, without its token", "POST", one, context, header("X-API-Key", "private"), 401, "token"},
		{"of a project without a datafile", "POST", all, context, header("X-API-Key", "empty"), 503, "no datafile yet"},
		{"from a page of another origin", "POST", all, context, header("X-API-Key", "demo", "Origin", "https://evil.example"), 403, "origin"},
		{"by GET", "GET", all, "", header("X-API-Key", "demo"), 405, "POST"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	for _, c := range []check{
		{"an unknown flag", "POST", one, context, of("demo"), 404, `{"key":"sort","errorCode":"FLAG_NOT_FOUND","errorDetails":"revision 7`},
		{"no targeting key", "POST", one, "{}", of("demo"), 400, `{"key":"sort","errorCode":"TARGETING_KEY_MISSING"`},
		{"no JSON", "POST", all, "hello", of("demo"), 400, `{"errorCode":"PARSE_ERROR"`},
		{"a targeting key that was never set", "POST", one, `{"context":{"targetingKey":"undefined"}}`, of("demo"), 400, `{"key":"sort","errorCode":"INVALID_CONTEXT"`},
		{"no context", "POST", all, `{"context":7}`, of("demo"), 400, `{"errorCode":"INVALID_CONTEXT"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mustAsk(t, c, r.url); got.Status != c.status || !strings.HasPrefix(got.Body, c.says) {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	t.Run("what has not changed is not sent again", func(t *testing.T) {
		tag := check{"", "POST", all, context, of("demo"), 200, ""}.run(t, r.url).Header.Get("ETag")
		for listed, status := range map[string]int{tag: 304, `"x", W/` + tag: 304, "*": 304, `"x"`: 200} {
			check{"", "POST", all, context, header("X-API-Key", "demo", "If-None-Match", listed), status, ""}.run(t, r.url)
		}
	})
}

func TestEvaluationsAreCounted(t *testing.T) {
	var s *server.Server
	MustStart(t, func(o *server.Options) { s = server.New(*o) })
	public := httptest.NewServer(s.Handler())
	t.Cleanup(public.Close)
	check{"", "POST", "/v1/decide", visitor, of("demo"), 200, ""}.run(t, public.URL)
	check{"not one that is refused", "POST", "/v1/decide", visitor, nil, 400, ""}.run(t, public.URL)
	check{"", "POST", "/ofrep/v1/evaluate/flags", `{"context":{"targetingKey":"Matt"}}`, of("demo"), 200, ""}.run(t, public.URL)
	want := map[string]uint64{"decide": 1, "activate": 0, "track": 0, "ofrep": 0, "ofrep-flags": 1}
	if got := s.Evaluations(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestADecisionIsAnsweredOnlyWhenItsEventsAreSafe(t *testing.T) {
	r := MustStart(t, nil)
	r.log.refuse(&server.Refusal{Reason: "the event log is full", RetryAfter: 30 * time.Second})
	got := check{"", "POST", "/v1/track?eventKey=bought", visitor, of("demo"), 503, "full"}.run(t, r.url)
	if got.Header.Get("Retry-After") != "30" {
		t.Errorf("Retry-After: %s", got.Header.Get("Retry-After"))
	}
	check{"what sends no event is answered", "POST", "/v1/decide", visitor, of("demo"), 200, "[]"}.run(t, r.url)
}

func TestEvaluationsOverAClientsRateAreTurnedAway(t *testing.T) {
	r := MustStart(t, func(o *server.Options) {
		o.EventsRatePerIP = 1
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	from := header("X-Optimizely-SDK-Key", "demo", "X-Forwarded-For", "192.0.2.1")
	check{"", "POST", "/v1/decide", visitor, from, 200, ""}.run(t, r.url)
	got := check{"", "POST", "/ofrep/v1/evaluate/flags", visitor, from, 429, "too many"}.run(t, r.url)
	if got.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %s", got.Header.Get("Retry-After"))
	}
}

func TestAPageOfAnAllowedOriginMayAskForEvaluations(t *testing.T) {
	r := MustStart(t, func(o *server.Options) { o.AllowedOrigins = []string{"https://shop.example"} })
	got := mustAsk(t, check{"", "OPTIONS", "/ofrep/v1/evaluate/flags", "", header("Origin", "https://shop.example",
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "x-api-key,content-type,if-none-match"), 204, ""}, r.url)
	allowed := got.Header.Get("Access-Control-Allow-Headers")
	for _, wanted := range []string{"X-API-Key", "X-Optimizely-SDK-Key", "Content-Type", "If-None-Match", "Authorization"} {
		if !strings.Contains(allowed, wanted) {
			t.Errorf("%s is not among the allowed headers %s", wanted, allowed)
		}
	}
}

// largestWrite is an answer that remembers the largest piece it came in.
type largestWrite struct {
	*httptest.ResponseRecorder
	bytes int
}

func (w *largestWrite) Write(piece []byte) (int, error) {
	w.bytes = max(w.bytes, len(piece))
	return w.ResponseRecorder.Write(piece)
}

func TestAnAnswerThatRepeatsItsVisitorIsNotGathered(t *testing.T) {
	var handler http.Handler
	MustStart(t, func(o *server.Options) { handler = server.New(*o).Handler() })
	large := `{"userId":"` + strings.Repeat("x", 60<<10) + `"}`
	for path, key := range map[string]string{"/v1/decide": "&keys=", "/v1/activate": "&experimentKey="} {
		query := ""
		for i := range 100 {
			query += key + strconv.Itoa(i)
		}
		request := httptest.NewRequest(http.MethodPost, path+"?"+query[1:], strings.NewReader(large))
		request.Header = of("demo")
		answered := largestWrite{ResponseRecorder: httptest.NewRecorder()}
		handler.ServeHTTP(&answered, request)
		if body := answered.Body.Bytes(); len(body) < 100*len(large) || !json.Valid(body) || answered.bytes > 2*len(large) {
			t.Errorf("%s: %d bytes, %d of them at once: %.200s", path, len(body), answered.bytes, body)
		}
	}
}
