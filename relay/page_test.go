package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/datafile"
)

// ownProject is a datafile whose experiment, event and variations are not called as the demo's.
func ownProject(tb testing.TB, revision int) string {
	tb.Helper()
	text := strings.NewReplacer(
		`"item-sort"`, `"shelf_order"`, `"item_purchase"`, `"checkout"`, `"key": "price"`, `"key": "cheapest_first"`,
		`"key": "category"`, `"key": "by_kind"`, `"sdkKey": "demo"`, `"sdkKey": "shop"`, `"20410805626"`, `"777"`,
	).Replace(demoAt(tb, revision))
	if _, err := datafile.Parse(text); err != nil || !strings.Contains(text, "by_kind") {
		tb.Fatalf("%v: %s", err, text)
	}
	return text
}

// ownPage are the flags that make the page show it.
func ownPage() []string {
	return []string{"--page-experiment", "shelf_order", "--page-event", "checkout", "--page-sort", "cheapest_first=price,by_kind=category"}
}

// mustConfig returns what the page is told.
func mustConfig(tb testing.TB, s started) map[string]any {
	tb.Helper()
	var config map[string]any
	if err := json.Unmarshal([]byte(relaytest.MustGet(tb, s.url+"/config.json").Body), &config); err != nil {
		tb.Fatal(err)
	}
	return config
}

func TestThePageIsToldItsSettings(t *testing.T) {
	demo := "shop=" + filepath.Join("..", "public", "demo", "datafile.json")
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"of the first project", []string{"--project", demo},
			`{"relayUrl":"","sdkKey":"shop","experimentKey":"item-sort","eventKey":"item_purchase","sort":{"price":"price","category":"category"}}`},
		{"as they are set", append([]string{"--project", demo, "--project", "demo=", "--page-project", "demo"}, ownPage()...),
			`{"relayUrl":"","sdkKey":"demo","experimentKey":"shelf_order","eventKey":"checkout","sort":{"cheapest_first":"price","by_kind":"category"}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want map[string]any
			if err := json.Unmarshal([]byte(test.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, mustConfig(t, MustStart(t, "", test.args...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASitesOwnConfigIsTheBeginning(t *testing.T) {
	s := &settings{pageSettings: pageSettings{PageProject: "k", PageEvent: "e"}}
	for name, test := range map[string]struct{ site, want string }{
		"with its own experiment": {`{"experimentKey":"x","eventKey":"y","more":1}`, "x"},
		"unless it is no JSON":    {`<html>`, "item-sort"},
	} {
		t.Run(name, func(t *testing.T) {
			text, read := s.pageConfig(fstest.MapFS{"config.json": {Data: []byte(test.site)}})
			if read.ExperimentKey != test.want || read.EventKey != "e" || read.SDKKey != "k" || strings.Contains(string(text), "more") != (test.want == "x") {
				t.Errorf("%+v %s", read, text)
			}
		})
	}
}

func TestMisfitsNameWhatIsMissingAndWhatToSet(t *testing.T) {
	fitting := pageConfig{
		SDKKey: "shop", ExperimentKey: "shelf_order", EventKey: "checkout",
		Sort: map[string]string{"cheapest_first": "price", "by_kind": "category"}, sortIsSet: true,
	}
	with := func(change func(*pageConfig)) pageConfig {
		c := fitting
		change(&c)
		return c
	}
	text := ownProject(t, 1)
	for _, test := range []struct {
		name     string
		config   pageConfig
		datafile string
		says     []string
	}{
		{"nothing", fitting, text, nil},
		{"the experiment", with(func(c *pageConfig) { c.ExperimentKey = "item-sort" }), text, []string{`"item-sort"`, `--page-experiment may name "shelf_order"`}},
		{"the event", with(func(c *pageConfig) { c.EventKey = "item_purchase" }), text, []string{`"item_purchase"`, `--page-event may name "checkout"`}},
		{"any event", fitting, strings.Replace(text, `{ "id": "20406161497", "key": "checkout", "experimentIds": ["20417730841"] }`, "", 1), []string{"the datafile has none"}},
		{"an order", with(func(c *pageConfig) { c.Sort = map[string]string{"by_kind": "price"} }), text, []string{"--page-sort cheapest_first=ORDER"}},
		{"a variation", with(func(c *pageConfig) {
			c.Sort = map[string]string{"cheapest_first": "price", "by_kind": "category", "by_colour": "price"}
		}), text, []string{`"by_colour"`, `those are "cheapest_first", "by_kind"`}},
		{"a start", fitting, strings.Replace(text, `"Running"`, `"Paused"`, 1), []string{"Paused", "not Running"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			project, err := datafile.Parse(test.datafile)
			if err != nil {
				t.Fatal(err)
			}
			misfits := strings.Join(test.config.misfits(project), "; ")
			if (misfits == "") != (test.says == nil) {
				t.Errorf("got %q", misfits)
			}
			for _, part := range test.says {
				if !strings.Contains(misfits, part) {
					t.Errorf("%s does not say %q", misfits, part)
				}
			}
		})
	}
}

func TestOrdersThatNobodySetAreNoMisfits(t *testing.T) {
	project, err := datafile.Parse(ownProject(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		sort   []sortOrder
		blamed bool
	}{
		{"those of the demo stand there by default", nil, false},
		{"the same are given", []sortOrder{{"price", "price"}, {"category", "category"}}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &settings{pageSettings: pageSettings{PageExperiment: "shelf_order", PageEvent: "checkout", PageSort: test.sort}}
			_, page := s.pageConfig(fstest.MapFS{})
			misfits := strings.Join(page.misfits(project), "; ")
			if blamed := strings.Contains(misfits, `--page-sort has "category"`); blamed != test.blamed || !strings.Contains(misfits, "set --page-sort by_kind=ORDER") {
				t.Error(misfits)
			}
		})
	}
}

func TestAListOfKeysIsCutWhereItGetsLong(t *testing.T) {
	if got := listed(strings.Split("abcdefghij", "")); !strings.HasSuffix(got, `"g", "h" and 2 more`) {
		t.Error(got)
	}
}

func TestYourOwnProjectFromTheCDN(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	cdn.Put("/datafiles/SHOP.json", ownProject(t, 41))
	cdn.Put("/auth/PRIVATE.json", ownProject(t, 42))
	args := append([]string{
		"--cdn-url", cdn.URL + "/datafiles/%s.json", "--cdn-auth-url", cdn.URL + "/auth/%s.json",
		"--project", "SHOP=cdn", "--project", "PRIVATE=cdn", "--access-token", "PRIVATE=T", "--webhook-secret", "S",
	}, ownPage()...)
	s := MustStart(t, "", args...)
	s.await(t, "/datafiles/SHOP.json", "datafile", func(r relaytest.Response) bool { return r.Body == ownProject(t, 41) })
	token := http.Header{"Authorization": {"Bearer T"}}
	s.awaitWith(t, "/datafiles/PRIVATE.json", token, "datafile", func(r relaytest.Response) bool { return r.Body == ownProject(t, 42) })

	t.Run("a public datafile is asked for without a token, a private one with its own", func(t *testing.T) {
		want := map[string]string{"/datafiles/SHOP.json": "", "/auth/PRIVATE.json": "Bearer T"}
		got := map[string]string{}
		for _, request := range cdn.WaitRequests(t, 2) {
			got[request.Path] = request.Header.Get("Authorization")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a private datafile is served to those who present its token", func(t *testing.T) {
		for _, test := range []struct {
			header http.Header
			status int
		}{{nil, 401}, {http.Header{"Authorization": {"Bearer x"}}, 401}, {token, 200}} {
			got := relaytest.MustDo(t, "GET", s.url+"/datafiles/PRIVATE.json", "", test.header)
			if got.Status != test.status || strings.Contains(got.Body, "shelf_order") != (test.status == 200) {
				t.Errorf("with %v: %d %.80s", test.header, got.Status, got.Body)
			}
		}
	})
	t.Run("and pushed to those who present it", func(t *testing.T) {
		page := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "PRIVATE"})
		if code, _ := page.WaitClose(t); code != 4404 {
			t.Errorf("without it: %d", code)
		}
		page = relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "PRIVATE", Token: "T"})
		awaitRevision(t, page, "42")
	})
	t.Run("a webhook refetches both, since they share a projectId, which the log tells", func(t *testing.T) {
		cdn.Put("/datafiles/SHOP.json", ownProject(t, 43))
		cdn.Put("/auth/PRIVATE.json", ownProject(t, 43))
		page := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "SHOP"})
		hidden := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "PRIVATE", Token: "T"})
		args := []string{"webhook", "--url", s.url + "/webhook", "--project-id", "777", "--revision", "43", "--secret", "S"}
		if err := run(t.Context(), args, &strings.Builder{}, &strings.Builder{}); err != nil {
			t.Fatal(err)
		}
		awaitRevision(t, page, "43")
		awaitRevision(t, hidden, "43")
		s.awaitLog(t, `projectId=777 sdkKeys="SHOP PRIVATE"`)
	})
	s.awaitLog(t, "the page's settings fit the datafile")
}

func TestTheLogTellsWhatThePageCannotShow(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	source := "shop=" + cdn.Put("/shop.json", ownProject(t, 1))
	s := MustStart(t, "", "--project", source, "--access-token", "shop=T0ken").awaitReady(t)
	for _, part := range []string{"do not fit the datafile", `no experiment \"item-sort\"`, `--page-event may name \"checkout\"`, "wants an access token", "results of the page's project are closed"} {
		s.awaitLog(t, part)
	}
	if strings.Contains(s.log.String(), "T0ken") {
		t.Error("it tells the token")
	}
	page := relaytest.MustSubscribe(t, s.url+"/v1/stream", relaytest.Hello{SDKKey: "shop", Token: "T0ken"})
	cdn.Put("/shop.json", ownProject(t, 2))
	relaytest.MustPost(t, s.url+"/webhook", `{"project_id":777,"event":"project.datafile_updated","data":{"revision":2}}`)
	awaitRevision(t, page, "2")
	if n := strings.Count(s.log.String(), "do not fit the datafile"); n != 1 {
		t.Errorf("it says the same %d times", n)
	}
}

func TestThePageEditsTheDemo(t *testing.T) {
	s := MustStart(t, "").awaitReady(t)
	page := s.follow(t)
	edit := func(end int, origin string) relaytest.Response {
		body := fmt.Sprintf(`{"experimentKey":"item-sort","trafficAllocation":[{"entityId":"20402531206","endOfRange":%d},{"entityId":"20422043318","endOfRange":10000}]}`, end)
		return relaytest.MustDo(t, "PATCH", s.url+"/v1/demo/allocation", body, http.Header{"Origin": {origin}, "Content-Type": {"application/json"}})
	}
	if got := edit(2000, s.url); got.Status != http.StatusOK || got.Body != `{"revision":"2"}`+"\n" {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	frame := awaitRevision(t, page, "2")
	if text := relaytest.MustRead(t, filepath.Join(s.data, "demo.json")); string(frame.Payload) != text || !strings.Contains(text, `"endOfRange": 2000`) {
		t.Errorf("the page got %s, the file is %s", frame.Payload, text)
	}
	if got := relaytest.MustGet(t, s.url+"/datafiles/sandbox.json"); got.Body != demoAt(t, 1) {
		t.Errorf("the sandbox is %s", got.Body)
	}
	if got := edit(1000, "https://evil.example"); got.Status != http.StatusForbidden {
		t.Errorf("a foreign page's: %d", got.Status)
	}

	t.Run("but not one that comes from elsewhere", func(t *testing.T) {
		s = MustStart(t, "", "--project", "demo="+filepath.Join("..", "public", "demo", "datafile.json"))
		if got := edit(1000, s.url); got.Status != http.StatusNotFound {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
}

func TestAnUpstreamThatFailsIsTold(t *testing.T) {
	upstream := relaytest.NewEventAPI(t)
	upstream.Always(relaytest.Answer{Status: http.StatusServiceUnavailable})
	s := MustStart(t, "", "--events-url", upstream.URL).awaitReady(t)
	if got := relaytest.MustPost(t, s.url+"/v1/events?sdkKey=demo", batch("Matt")); got.Status != http.StatusNoContent {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	s.await(t, "/readyz", "degradation", func(r relaytest.Response) bool {
		return r.Status == http.StatusOK && strings.Contains(r.Body, "events are kept but not delivered") && strings.Contains(r.Body, `"sdkKey":"demo"`)
	})
	if got := relaytest.MustGet(t, s.admin+"/v1/projects"); !strings.Contains(got.Body, `"lastError":"503`) || !strings.Contains(got.Body, "backlogBytes") {
		t.Error(got.Body)
	}
}
