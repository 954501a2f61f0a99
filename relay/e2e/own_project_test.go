package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// ownProject is a datafile whose project, experiment, variations and event are not called as the demo's; everyone is in one
// variation, cheapest_first or by_kind.
func ownProject(t *testing.T, revision, variation string) string {
	t.Helper()
	everyone := map[string]string{"cheapest_first": "price", "by_kind": "category"}[variation]
	return strings.NewReplacer(
		`"item-sort"`, `"shelf_order"`, `"item_purchase"`, `"checkout"`, `"key": "price"`, `"key": "cheapest_first"`,
		`"key": "category"`, `"key": "by_kind"`, `"sdkKey": "demo"`, `"sdkKey": "SHOP"`, `"20410805626"`, `"777"`,
	).Replace(demoDatafile(t, revision, everyone))
}

// mustStartOwn starts a relay with the configuration file of the manual's chapter on one's own project, changed by edit.
func mustStartOwn(t *testing.T, cdn *relaytest.CDN, upstream *relaytest.EventAPI, edit func(settings map[string]any)) *process.Relay {
	t.Helper()
	manual := relaytest.MustRead(t, "../README.md")
	example := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(manual)
	if example == nil {
		t.Fatal("the manual has no example of a configuration file")
	}
	var settings map[string]any
	must(t, json.Unmarshal([]byte(strings.ReplaceAll(example[1], "YOUR_SDK_KEY", "SHOP")), &settings))
	settings["cdn-url"] = cdn.URL + "/datafiles/%s.json"
	settings["events-url"] = upstream.URL
	if edit != nil {
		edit(settings)
	}
	text, err := json.MarshalIndent(settings, "", "  ")
	must(t, err)
	config := filepath.Join(t.TempDir(), "relay.json")
	relaytest.MustWrite(t, config, string(text))
	return mustStart(t, process.Options{Args: []string{"--config", config}})
}

func TestTheManualsOwnProjectSortsThePageAndIsCounted(t *testing.T) {
	t.Parallel()
	cdn, upstream := relaytest.NewCDN(t), relaytest.NewEventAPI(t)
	cdn.Put("/datafiles/SHOP.json", ownProject(t, "41", "cheapest_first"))
	relay := mustStartOwn(t, cdn, upstream, nil)
	store := mustOpen(t, relay.URL+"/")
	if variation := store.enter("Matt"); variation != "cheapest_first" || store.order() != "price" {
		t.Errorf("Matt is in %s, and the shelf is sorted by %s", variation, store.order())
	}
	must(t, store.Click("button", "buy now"))
	upstream.WaitEvents(t, 2)
	for _, what := range []string{`"project_id":"777"`, `"checkout"`, `"cheapest_first"`} {
		if all := fmt.Sprint(upstream.Batches()); !strings.Contains(all, what) {
			t.Errorf("what went upstream has no %s: %s", what, all)
		}
	}
	if closed := relaytest.MustGet(t, relay.URL+"/v1/results/SHOP"); closed.Status != http.StatusUnauthorized {
		t.Errorf("the results are open to everyone: %d", closed.Status)
	}
	token := http.Header{"Authorization": {"Bearer A_TOKEN_OF_YOUR_OWN"}}
	eventually(t, func() (bool, string) {
		results := relaytest.MustDo(t, http.MethodGet, relay.URL+"/v1/results/SHOP", "", token)
		return strings.Contains(results.Body, `"shelf_order"`) && strings.Contains(results.Body, `"total_count":1`), results.Body
	})

	markAsNotReloaded(store)
	cdn.Put("/datafiles/SHOP.json", ownProject(t, "42", "by_kind"))
	said, code := mustRun(t, []string{"RELAY_WEBHOOK_SECRET=THE_SECRET_OF_STEP_4"},
		"webhook", "--url", relay.URL+"/webhook", "--project-id", "777", "--revision", "42")
	if code != 0 {
		t.Fatalf("relay webhook ended with %d: %s", code, said)
	}
	store.until(facts + `.Variation === 'by_kind'`)
	if order := store.order(); order != "category" {
		t.Errorf("revision 42 sorts by category, but the shelf is sorted by %s", order)
	}
	mustNotHaveReloaded(store)
	if !strings.Contains(relay.Log(), "the page's settings fit the datafile") {
		t.Error("the log does not say that the settings fit")
	}
}

func TestAnExperimentThatIsNotThereIsSaidInTheLogAndOnThePage(t *testing.T) {
	t.Parallel()
	cdn, upstream := relaytest.NewCDN(t), relaytest.NewEventAPI(t)
	cdn.Put("/datafiles/SHOP.json", ownProject(t, "41", "cheapest_first"))
	relay := mustStartOwn(t, cdn, upstream, func(settings map[string]any) {
		for _, name := range []string{"page-experiment", "page-event", "page-sort"} {
			delete(settings, name)
		}
	})
	eventually(t, func() (bool, string) {
		return strings.Contains(relay.Log(), `--page-experiment may name \"shelf_order\"`), "the log names no experiment that is there"
	})
	store := mustOpen(t, relay.URL+"/")
	store.notice("set the relay’s --page-experiment to shelf_order")
	if shown := len(store.prices()); shown != 9 {
		t.Errorf("%d items are on the shelf", shown)
	}
}

func TestAPrivateDatafileIsForThoseWhoPresentItsToken(t *testing.T) {
	cdn, upstream := relaytest.NewCDN(t), relaytest.NewEventAPI(t)
	cdn.Put("/auth/SHOP.json", ownProject(t, "41", "cheapest_first"))
	t.Setenv("RELAY_ACCESS_TOKEN", "SHOP=the-datafile-token") // as the README advises
	relay := mustStart(t, process.Options{Args: []string{
		"--project", "SHOP=cdn", "--cdn-auth-url", cdn.URL + "/auth/%s.json", "--events-url", upstream.URL}})
	if asked := cdn.Requests()[0].Header.Get("Authorization"); asked != "Bearer the-datafile-token" {
		t.Errorf("the CDN was asked with %q", asked)
	}
	for token, want := range map[string]int{"": 401, "Bearer another": 401, "Bearer the-datafile-token": 200} {
		got := relaytest.MustDo(t, http.MethodGet, relay.URL+"/datafiles/SHOP.json", "", http.Header{"Authorization": {token}})
		if got.Status != want {
			t.Errorf("with %q: %d", token, got.Status)
		}
	}
	for token, want := range map[string]int{"": 4404, "another": 4404} {
		page := relaytest.MustSubscribe(t, relay.URL+"/v1/stream", relaytest.Hello{SDKKey: "SHOP", Token: token})
		if code, _ := page.WaitClose(t); code != want {
			t.Errorf("the stream with %q closed with %d", token, code)
		}
	}
	page := relaytest.MustSubscribe(t, relay.URL+"/v1/stream", relaytest.Hello{SDKKey: "SHOP", Token: "the-datafile-token"})
	page.WaitFrame(t, "revision 41", func(f relaytest.Frame) bool { return f.Revision == "41" })
	if strings.Contains(relay.Log(), "the-datafile-token") {
		t.Error("the token is in the log")
	}
}
