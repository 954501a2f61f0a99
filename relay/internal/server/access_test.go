package server_test

import (
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/server"
)

func TestOrigins(t *testing.T) {
	const shop = "https://shop.example"
	r := MustStart(t, func(o *server.Options) { o.AllowedOrigins = []string{shop} })
	own := "http://" + strings.TrimPrefix(r.url, "http://")
	for _, c := range []check{
		{"the relay's own pages may stream", "GET", "/v1/stream", "", header("Origin", own), 200, "streaming"},
		{"an allowed origin may stream", "GET", "/v1/stream", "", header("Origin", shop), 200, "streaming"},
		{"what is no page may stream", "GET", "/v1/stream", "", nil, 200, "streaming"},
		{"its pages behind a proxy may that hides their host", "GET", "/v1/stream", "", header("Origin", "https://ab.example", "Sec-Fetch-Site", "same-origin"), 200, "streaming"},
		{"a foreign origin may not", "GET", "/v1/stream", "", header("Origin", "https://evil.example"), 403, "pages of https://evil.example may not"},
		{"nor one that hides", "GET", "/v1/stream", "", header("Origin", "null"), 403, "pages of null may not"},
		{"nor one on another port", "GET", "/v1/stream", "", header("Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "same-site"), 403, "pages of http://127.0.0.1:1 may not"},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, r.url) })
	}
	preflight := func(origin string) relaytest.Response {
		return relaytest.MustDo(t, http.MethodOptions, r.url+"/v1/events", "", header("Origin", origin, "Access-Control-Request-Method", "POST"))
	}
	t.Run("an allowed origin's preflight is remembered for long", func(t *testing.T) {
		got := preflight(shop)
		if got.Status != 204 || got.Header.Get("Access-Control-Allow-Origin") != shop || got.Header.Get("Access-Control-Max-Age") != "86400" {
			t.Errorf("%d %v", got.Status, got.Header)
		}
	})
	t.Run("a foreign origin's is not answered", func(t *testing.T) {
		if got := preflight("https://evil.example"); got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%v", got.Header)
		}
	})
	t.Run("an allowed origin may read datafiles and their ETag", func(t *testing.T) {
		got := relaytest.MustDo(t, "GET", r.url+"/datafiles/demo.json", "", header("Origin", shop))
		if got.Header.Get("Access-Control-Allow-Origin") != shop || !strings.Contains(got.Header.Get("Access-Control-Expose-Headers"), "ETag") {
			t.Errorf("%v", got.Header)
		}
	})
	t.Run("everyone may import the SDK", func(t *testing.T) {
		got := relaytest.MustDo(t, "GET", r.url+"/sdk/index.js", "", header("Origin", "https://any.example"))
		if got.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%v", got.Header)
		}
	})
	t.Run("a star allows everyone", func(t *testing.T) {
		open := MustStart(t, func(o *server.Options) { o.AllowedOrigins = []string{"*"} })
		check{"", "GET", "/v1/stream", "", header("Origin", "https://any.example"), 200, ""}.run(t, open.url)
	})
}

func TestWhatIsForSomeIsKeptFromSharedCaches(t *testing.T) {
	r := MustStart(t, nil)
	private := hashOf(strings.Replace(datafile, "1234", "99", 1))
	for _, c := range []struct {
		path   string
		header http.Header
		vary   string
	}{
		{"/datafiles/private.json", header("Authorization", "Bearer T"), "Authorization"},
		{"/datafiles/private/" + private + ".json", header("Authorization", "Bearer T"), "Authorization"},
		{"/v1/datafile", header("X-Optimizely-SDK-Key", "demo"), "X-Optimizely-SDK-Key"},
		{"/v1/config", header("X-Optimizely-SDK-Key", "demo"), "X-Optimizely-SDK-Key"},
		{"/v1/results/demo", nil, "Origin"},
	} {
		got := relaytest.MustDo(t, "GET", r.url+c.path, "", c.header)
		if vary := strings.Join(got.Header.Values("Vary"), ", "); got.Status != 200 || got.Header.Get("Cache-Control") != "private, no-cache" ||
			!strings.Contains(vary, "Origin") || !strings.Contains(vary, c.vary) {
			t.Errorf("%s: %d %v", c.path, got.Status, got.Header)
		}
	}
}

func TestATopicOpensToItsOwnTokenOnly(t *testing.T) {
	access := server.Access{
		Tokens:       map[string]string{"demo": "", "private": "T"},
		ResultsToken: "R",
		OpenResults:  []string{"demo"},
	}
	for _, c := range []struct {
		sdkKey, topic, token string
		want                 bool
	}{
		{"demo", "datafile", "", true},
		{"demo", "results", "", true},
		{"private", "datafile", "", false},
		{"private", "datafile", "R", false},
		{"private", "datafile", "T", true},
		{"private", "results", "", false},
		{"private", "results", "T", false},
		{"private", "results", "R", true},
		{"nobody", "datafile", "", false},
	} {
		if got := access.Topic(c.sdkKey, c.topic, c.token); got != c.want {
			t.Errorf("the %s of %s with the token %q: %v", c.topic, c.sdkKey, c.token, got)
		}
	}
}

func TestTheSiteIsKeptOnceWhateverOriginARequestNames(t *testing.T) {
	const shop = "https://shop.example"
	r := MustStart(t, func(o *server.Options) { o.AllowedOrigins = []string{shop} })
	for _, path := range []string{"/", "/sdk/index.js"} {
		headers := func(header http.Header) http.Header {
			got := relaytest.MustDo(t, "GET", r.url+path, "", header).Header
			got.Del("Date")
			got.Del("X-Request-Id")
			return got
		}
		without := headers(nil)
		if vary := strings.Join(without.Values("Vary"), ","); strings.Contains(vary, "Origin") {
			t.Errorf("%s varies by %s", path, vary)
		}
		for name, origin := range map[string]string{"the relay's own": r.url, "an allowed one": shop, "a foreign one": "https://evil.example"} {
			if got := headers(header("Origin", origin)); !reflect.DeepEqual(got, without) {
				t.Errorf("%s is answered %v to %s, %v to none", path, got, name, without)
			}
		}
	}
}

func TestOperatorsPort(t *testing.T) {
	open := MustStart(t, nil)
	locked := MustStart(t, func(o *server.Options) { o.AdminToken = "A" })
	named := MustStart(t, func(o *server.Options) { o.AdminHost = "relay.internal" })
	for _, c := range []struct {
		check
		base string
	}{
		{check{"projects", "GET", "/v1/projects", "", nil, 200, `"revision":"7"`}, open.admin},
		{check{"profiles", "GET", "/debug/pprof/cmdline", "", nil, 200, ""}, open.admin},
		{check{"nothing else", "GET", "/", "", nil, 404, ""}, open.admin},
		{check{"not for pages", "GET", "/v1/projects", "", header("Origin", open.admin), 403, "pages"}, open.admin},
		{check{"not under a page's name", "GET", "/v1/projects", "", header("Host", "evil.example"), 403, "address"}, open.admin},
		{check{"under the name it listens on", "GET", "/v1/projects", "", header("Host", "relay.internal:8081"), 200, ""}, named.admin},
		{check{"not without the token", "GET", "/v1/projects", "", nil, 401, "token"}, locked.admin},
		{check{"with the token", "GET", "/v1/projects", "", header("Authorization", "Bearer A"), 200, "demo"}, locked.admin},
		{check{"with the token under any name", "GET", "/metrics", "", header("Host", "relay1:8081", "Authorization", "Bearer A"), 200, ""}, locked.admin},
		{check{"with a wrong token under a name", "GET", "/metrics", "", header("Host", "relay1:8081", "Authorization", "Bearer B"), 401, "token"}, locked.admin},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, c.base) })
	}
}

func TestTheOperatorsPortWaitsForNoBodyOfAStranger(t *testing.T) {
	locked := MustStart(t, func(o *server.Options) { o.AdminToken = "A" })
	conn, err := net.Dial("tcp", strings.TrimPrefix(locked.admin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, "POST /v1/dead-letters/resend HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn) // until the connection is closed
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 401 ") {
		t.Errorf("got %q, %v", answer, err)
	}
}
