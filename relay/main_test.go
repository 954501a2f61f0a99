package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sortition/relay/internal/relaytest"
)

// asRelay makes the test's binary a relay, for tests that need a process.
const asRelay = "SORTITION_TEST_AS_RELAY"

func TestMain(m *testing.M) {
	if os.Getenv(asRelay) != "" {
		main()
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// started is a relay that runs in this process, as run(ctx, args...) does for main.
type started struct {
	url, admin string
	data       string
	stop       func()
	log        *lines
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.WriteString(line + "\n")
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var (
	listening = regexp.MustCompile(`msg=listening addr=(\S+)`)
	operators = regexp.MustCompile(`msg="operator's port" addr=(\S+)`)
)

// MustStart runs a relay on free ports with the site as it lies in the repository. An empty data folder means a new one.
func MustStart(tb testing.TB, data string, args ...string) started {
	tb.Helper()
	if data == "" {
		data = tb.TempDir()
	}
	args = append([]string{"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data-dir", data, "--site", "../public"}, args...)
	stderr, writer := io.Pipe()
	s := started{data: data, log: &lines{}}
	addresses := make(chan string, 2)
	go func() {
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			s.log.add(scanner.Text())
			for _, what := range []*regexp.Regexp{listening, operators} {
				if match := what.FindStringSubmatch(scanner.Text()); match != nil {
					addresses <- "http://" + match[1]
				}
			}
		}
	}()
	s.stop = relaytest.MustRun(tb, "the relay", func(ctx context.Context) error {
		defer writer.Close()
		return run(ctx, args, io.Discard, writer)
	})
	for _, address := range []*string{&s.url, &s.admin} {
		select {
		case *address = <-addresses:
		case <-relaytest.Context(tb).Done():
			tb.Fatalf("it does not listen: %s", s.log)
		}
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the relay's log:\n%s", s.log)
		}
	})
	return s
}

// await polls a path until its answer is as wanted.
func (s started) await(tb testing.TB, path, what string, ok func(relaytest.Response) bool) {
	tb.Helper()
	s.awaitWith(tb, path, nil, what, ok)
}

// awaitWith is await for a request that bears a header.
func (s started) awaitWith(tb testing.TB, path string, header http.Header, what string, ok func(relaytest.Response) bool) {
	tb.Helper()
	for ctx := relaytest.Context(tb); ; {
		got := relaytest.MustDo(tb, "GET", s.url+path, "", header)
		if ok(got) {
			return
		}
		select {
		case <-ctx.Done():
			tb.Fatalf("%s: no %s; it answers %d %.300s", path, what, got.Status, got.Body)
		case <-time.After(time.Millisecond):
		}
	}
}

// awaitLog waits until the log holds the text: what is logged of an event can come after what the event does.
func (s started) awaitLog(tb testing.TB, text string) {
	tb.Helper()
	for ctx := relaytest.Context(tb); !strings.Contains(s.log.String(), text); {
		select {
		case <-ctx.Done():
			tb.Fatalf("the log does not say %q", text)
		case <-time.After(time.Millisecond):
		}
	}
}

func (s started) awaitReady(tb testing.TB) started {
	tb.Helper()
	s.await(tb, "/readyz", "readiness", func(r relaytest.Response) bool { return r.Status == http.StatusOK })
	return s
}

// follow opens the stream of the demo, and waits for the first datafile.
func (s started) follow(tb testing.TB) *relaytest.Subscriber {
	tb.Helper()
	subscriber := relaytest.MustSubscribe(tb, s.url+"/v1/stream", relaytest.Hello{SDKKey: demoKey})
	subscriber.WaitFrame(tb, "the datafile", func(f relaytest.Frame) bool { return f.Type == "datafile" })
	return subscriber
}

func awaitRevision(tb testing.TB, subscriber *relaytest.Subscriber, revision string) relaytest.Frame {
	tb.Helper()
	return subscriber.WaitFrame(tb, "revision "+revision, func(f relaytest.Frame) bool {
		return f.Type == "datafile" && f.Revision == revision
	})
}

// demoAt returns the demo's datafile under another revision.
func demoAt(tb testing.TB, revision int) string {
	tb.Helper()
	text := relaytest.MustRead(tb, "../public/demo/datafile.json")
	changed := strings.Replace(text, `"revision": "1"`, fmt.Sprintf(`"revision": "%d"`, revision), 1)
	if revision != 1 && changed == text {
		tb.Fatal("the demo's datafile has no revision 1")
	}
	return changed
}

func TestTheDemoNeedsNoSettings(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	want := demoAt(t, 1)
	for path, says := range map[string]string{
		"/":                       "<!doctype html>",
		"/datafiles/demo.json":    want,
		"/datafiles/sandbox.json": want,
		"/json/20410805626.json":  want,
		"/healthz":                "alive",
		"/config.json":            `"sdkKey":"demo"`,
		"/sdk/relay/protocol.js":  "PROTOCOL",
	} {
		if got := relaytest.MustGet(t, s.url+path); got.Status != http.StatusOK || !strings.Contains(strings.ToLower(got.Body), strings.ToLower(says)) {
			t.Errorf("%s: %d %.200s", path, got.Status, got.Body)
		}
	}
	if got := relaytest.MustGet(t, s.admin+"/v1/projects"); !strings.Contains(got.Body, `"sdkKey":"sandbox"`) {
		t.Errorf("the operator's port: %d %s", got.Status, got.Body)
	}
	if got := relaytest.MustRead(t, filepath.Join(s.data, "demo.json")); got != want {
		t.Errorf("demo.json is %.200s", got)
	}
}

func TestAChangedDemoFileReachesThePage(t *testing.T) {
	s := MustStart(t, "")
	page := s.follow(t)
	relaytest.MustWrite(t, filepath.Join(s.data, "demo.json"), demoAt(t, 2))
	if frame := awaitRevision(t, page, "2"); string(frame.Payload) != demoAt(t, 2) {
		t.Errorf("the page got %q", frame.Payload)
	}
	s.stop()

	t.Run("and is not overwritten at the next start", func(t *testing.T) {
		again := MustStart(t, s.data).awaitReady(t)
		awaitRevision(t, again.follow(t), "2")
	})
}

func TestAWebhookReachesThePage(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	source := cdn.Put("/demo.json", demoAt(t, 1))
	s := MustStart(t, "", "--project", "demo="+source, "--webhook-secret", "old,new").awaitReady(t)
	page := s.follow(t)
	send := func(args ...string) (string, error) {
		var out strings.Builder
		err := run(t.Context(), append([]string{"webhook", "--url", s.url + "/webhook"}, args...), &out, io.Discard)
		return out.String(), err
	}

	for revision, secret := range []string{2: "new", 3: "old"} {
		if secret == "" {
			continue
		}
		cdn.Put("/demo.json", demoAt(t, revision))
		begin := time.Now()
		out, err := send("--revision", fmt.Sprint(revision), "--secret", secret)
		if err != nil || !strings.Contains(out, `{"success":true}`) {
			t.Fatalf("%s, %v", out, err)
		}
		awaitRevision(t, page, fmt.Sprint(revision))
		t.Logf("webhook to page: %v", time.Since(begin))
	}
	t.Run("only if it is signed", func(t *testing.T) {
		if _, err := send("--secret", "guess"); err == nil || !strings.Contains(err.Error(), "401") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("signed with the first secret of the relay's own file of settings", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "relay.json")
		relaytest.MustWrite(t, file, `{"webhook-secret":["new","old"],"listen":":0"}`)
		if out, err := send("--config", file); err != nil {
			t.Errorf("%s, %v", out, err)
		}
	})
	t.Run("only of a project there is", func(t *testing.T) {
		if _, err := send("--secret", "new", "--project-id", "1"); err == nil || !strings.Contains(err.Error(), "404") {
			t.Errorf("got %v", err)
		}
	})
}

func TestABadDatafileIsToldAndNeverServed(t *testing.T) {
	good := demoAt(t, 1)
	for name, bad := range map[string]string{
		"empty": "", "truncated": good[:len(good)/2], "of another version": strings.Replace(good, `"version": "4"`, `"version": "9"`, 1), "not JSON": "oh",
	} {
		t.Run(name, func(t *testing.T) {
			s := MustStart(t, "").awaitReady(t)
			page := s.follow(t)
			relaytest.MustWrite(t, filepath.Join(s.data, "demo.json"), bad)
			told := page.WaitFrame(t, "the problem", func(f relaytest.Frame) bool { return f.Type == "problem" })
			if !strings.Contains(told.Header, "datafile") {
				t.Errorf("the page is told %s", told.Header)
			}
			s.await(t, "/readyz", "degradation", func(r relaytest.Response) bool {
				return r.Status == http.StatusOK && strings.Contains(r.Body, `"status":"degraded"`) && strings.Contains(r.Body, demoKey)
			})
			if got := relaytest.MustGet(t, s.url+"/datafiles/demo.json"); got.Body != good {
				t.Errorf("it serves %q", got.Body)
			}
			s.awaitLog(t, "no new datafile")
			relaytest.MustWrite(t, filepath.Join(s.data, "demo.json"), demoAt(t, 2))
			awaitRevision(t, page, "2")
			page.WaitFrame(t, "the problem's end", func(f relaytest.Frame) bool { return f.Header == `{"type":"problem","error":null}` })
		})
	}
}

// batch is one visitor's impression and conversion, each with a uuid of its own.
func batch(visitor string) string {
	return fmt.Sprintf(`{"account_id":"12198292375","project_id":"20410805626","revision":"1","client_name":"test","client_version":"1",`+
		`"anonymize_ip":true,"enrich_decisions":true,"visitors":[{"visitor_id":%[1]q,"attributes":[],"snapshots":[{"decisions":[`+
		`{"campaign_id":"20415622503","experiment_id":"20417730841","variation_id":"20402531206",`+
		`"metadata":{"flag_key":"","rule_key":"item-sort","rule_type":"experiment","variation_key":"price","enabled":true}}],"events":[`+
		`{"entity_id":"20415622503","type":"campaign_activated","key":"campaign_activated","timestamp":1700000000000,"uuid":"i-%[1]s"}]},`+
		`{"decisions":[],"events":[{"entity_id":"20406161497","key":"item_purchase","timestamp":1700000000001,"uuid":"c-%[1]s"}]}]}]}`, visitor)
}

func TestEventsAreAnsweredOnceTheyAreKept(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	for _, test := range []struct {
		name, path, body string
		status           int
		says             string
	}{
		{"kept", "/v1/events?sdkKey=demo", batch("Matt"), 204, ""},
		{"kept before", "/v1/events?sdkKey=demo", batch("Matt"), 204, ""},
		{"malformed", "/v1/events", `{"visitors":[{"visitor_id":7}]}`, 400, `"field":"visitors[0].visitor_id"`},
		{"of nobody", "/v1/events", strings.Replace(batch("x"), "20410805626", "1", 1), 400, `"field":"project_id"`},
		{"oversized", "/v1/events", batch(strings.Repeat("x", 2<<20)), 413, "bytes"},
		{"of an unknown key", "/v1/events?sdkKey=nobody", batch("y"), 404, "sdkKey"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := relaytest.MustPost(t, s.url+test.path, test.body); got.Status != test.status || !strings.Contains(got.Body, test.says) {
				t.Errorf("%d %s", got.Status, got.Body)
			}
		})
	}
	if strings.Contains(s.log.String(), "Matt") {
		t.Error("a visitor is in the log")
	}
}

func TestNobodyElseOnTheMachineReadsTheDataFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	source := relaytest.NewCDN(t).Put("/shop.json", demoAt(t, 1))
	s := MustStart(t, data, "--project", "shop="+source, "--project", "demo=").awaitReady(t)
	s.await(t, "/datafiles/shop.json", "datafile", func(r relaytest.Response) bool { return r.Status == http.StatusOK })
	if got := relaytest.MustPost(t, s.url+"/v1/events?sdkKey=demo", batch("Matt")); got.Status != http.StatusNoContent {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := relaytest.MustPost(t, s.admin+"/v1/projects/shop/pin", `{"revision":"1"}`); got.Status != http.StatusOK {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	var found []string
	err := filepath.WalkDir(filepath.Dir(data), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may use %s: %v", path, info.Mode())
		}
		found = append(found, entry.Name())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"demo.json", "shop.json", "shop.history", "shop.hold", "state.db", "0000000001.log"} {
		if !slices.Contains(found, want) {
			t.Errorf("there is no %s: %q", want, found)
		}
	}
}

func TestResultsAreLiveAndSurvive(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	page := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: demoKey, Topics: []string{"results"}})
	page.WaitFrame(t, "the first results", func(f relaytest.Frame) bool {
		return f.Type == "results" && strings.Contains(f.Header, `"total_count":0`)
	})
	begin := time.Now()
	for _, visitor := range []string{"Matt", "Joe", "Matt"} {
		if got := relaytest.MustPost(t, s.url+"/v1/events?sdkKey=demo", batch(visitor)); got.Status != http.StatusNoContent {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	page.WaitFrame(t, "two visitors", func(f relaytest.Frame) bool { return strings.Contains(f.Header, `"total_count":2`) })
	t.Logf("events to results on the page: %v", time.Since(begin))
	counted := relaytest.MustGet(t, s.url+"/v1/results/demo")
	if counted.Status != http.StatusOK || !strings.Contains(counted.Body, `"experiment_key":"item-sort"`) {
		t.Errorf("%d %s", counted.Status, counted.Body)
	}
	s.stop()

	again := MustStart(t, s.data)
	again.await(t, "/v1/results/demo", "the same counts", func(r relaytest.Response) bool {
		return strings.Contains(r.Body, `"total_count":2`)
	})
}

func TestWhatACrashCutOffIsNoDamage(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	if got := relaytest.MustPost(t, s.url+"/v1/events?sdkKey=demo", batch("Matt")); got.Status != http.StatusNoContent {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	s.stop()
	segments, err := filepath.Glob(filepath.Join(s.data, "events", "*"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("%v, %v", segments, err)
	}
	last := segments[len(segments)-1]
	relaytest.MustWrite(t, last, relaytest.MustRead(t, last)+"half a rec")
	log := MustStart(t, s.data).awaitReady(t).log.String()
	if !strings.Contains(log, "was cut off") || strings.Contains(log, "level=WARN") {
		t.Errorf("the log is %s", log)
	}
}

func TestEventsGoOn(t *testing.T) {
	upstream := relaytest.NewEventAPI(t)
	s := MustStart(t, "", "--events-url", upstream.URL).awaitReady(t)
	for _, key := range []string{"demo", "sandbox"} {
		if got := relaytest.MustPost(t, s.url+"/v1/events?sdkKey="+key, batch(key)); got.Status != http.StatusNoContent {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	if got := relaytest.MustPost(t, s.url+"/v1/events", batch("keyless")); got.Status != http.StatusNoContent {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	upstream.WaitEvents(t, 4)
	uuids := upstream.UUIDs()
	for _, want := range []string{"i-demo", "c-demo", "i-keyless", "c-keyless"} {
		if uuids[want] != 1 {
			t.Errorf("%s went on %d times", want, uuids[want])
		}
	}
	if uuids["i-sandbox"] != 0 {
		t.Error("the sandbox's events went on")
	}
}

func TestWithTheSourceDownTheLastKnownGoodIsServed(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	source := "demo=" + cdn.Put("/demo.json", demoAt(t, 5))
	first := MustStart(t, "", "--project", source).awaitReady(t)
	etag := relaytest.MustGet(t, first.url+"/datafiles/demo.json").Header.Get("ETag")
	relaytest.MustDo(t, "POST", first.url+"/webhook", `{"project_id":20410805626,"event":"project.datafile_updated"}`, nil)
	cdn.WaitRequests(t, 2) // what came first is on disk before the next is asked for
	first.stop()

	cdn.Fail(http.StatusInternalServerError)
	again := MustStart(t, first.data, "--project", source).awaitReady(t)
	got := relaytest.MustGet(t, again.url+"/datafiles/demo.json")
	if got.Body != demoAt(t, 5) || got.Header.Get("ETag") != etag {
		t.Errorf("%d %s %s", got.Status, got.Header.Get("ETag"), got.Body)
	}
	again.await(t, "/readyz", "degradation", func(r relaytest.Response) bool {
		return r.Status == http.StatusOK && strings.Contains(r.Body, `"status":"degraded"`)
	})
}

func TestTheStreamClosesWithItsCodes(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	stream := s.url + "/v1/stream"
	for name, test := range map[string]struct {
		code int
		say  func(testing.TB, *relaytest.Subscriber)
	}{
		"4400 for what is not of the protocol": {4400, func(tb testing.TB, p *relaytest.Subscriber) { p.MustSend(tb, "hello?") }},
		"4400 for a binary frame":              {4400, func(tb testing.TB, p *relaytest.Subscriber) { p.MustSendBinary(tb, []byte{0}) }},
		"4404 for an unknown key":              {4404, func(tb testing.TB, p *relaytest.Subscriber) { p.MustHello(tb, relaytest.Hello{SDKKey: "nobody"}) }},
		"4408 for silence":                     {4408, func(testing.TB, *relaytest.Subscriber) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := relaytest.MustDial(t, stream, nil)
			test.say(t, page)
			if code, reason := page.WaitClose(t); code != test.code {
				t.Errorf("closed with %d %s", code, reason)
			}
		})
	}
	t.Run("a foreign origin is refused before", func(t *testing.T) {
		upgrade := http.Header{"Origin": {"https://evil.example"}, "Connection": {"Upgrade"}, "Upgrade": {"websocket"},
			"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}}
		if got := relaytest.MustDo(t, "GET", stream, "", upgrade); got.Status != http.StatusForbidden {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
}

func TestPrivateProjects(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	source := "shop=" + cdn.Put("/demo.json", demoAt(t, 1))
	s := MustStart(t, "", "--project", source, "--access-token", "shop=T", "--results-token", "R").awaitReady(t)
	if got := cdn.Requests()[0].Header.Get("Authorization"); got != "Bearer T" {
		t.Errorf("the source was asked with %q", got)
	}
	if got := relaytest.MustGet(t, s.url+"/datafiles/shop.json"); got.Status != http.StatusUnauthorized {
		t.Errorf("without its token: %d", got.Status)
	}
	t.Run("the stream opens with the token of its topic", func(t *testing.T) {
		for _, test := range []struct {
			topic, token string
			code         int
		}{{"datafile", "x", 4404}, {"results", "T", 4404}, {"datafile", "R", 4404}} {
			page := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "shop", Topics: []string{test.topic}, Token: test.token})
			if code, _ := page.WaitClose(t); code != test.code {
				t.Errorf("%s with %s: %d", test.topic, test.token, code)
			}
		}
		page := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "shop", Token: "T"})
		awaitRevision(t, page, "1")
	})
}

func TestStopping(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	page := s.follow(t)
	// A connection opened in advance, as browsers do, must not hold it up.
	spare, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer spare.Close()
	relaytest.MustGet(t, s.url+"/healthz") // answered after the spare was accepted

	begin := time.Now()
	s.stop()
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
	page.WaitFrame(t, "the drain frame", func(f relaytest.Frame) bool { return f.Type == "drain" && f.RetryAfterMs > 0 })
	if code, reason := page.WaitClose(t); code != 4503 || !strings.Contains(reason, "retryAfterMs") {
		t.Errorf("closed with %d %s", code, reason)
	}
	if !strings.Contains(s.log.String(), "msg=stopped") {
		t.Errorf("the log is %s", s.log)
	}
}
