package fleet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

var revisionMember = regexp.MustCompile(`"revision":\s*"\d+"`)

// datafile is the demo's of another revision.
func datafile(t *testing.T, revision int) string {
	t.Helper()
	text, err := os.ReadFile("../../../public/demo/datafile.json")
	must(t, err)
	return revisionMember.ReplaceAllString(string(text), fmt.Sprintf(`"revision":"%d"`, revision))
}

// subscribe opens a page on every relay and waits until each has the revision.
func (h *house) subscribe(sdkKey, revision string) (pages []*relaytest.Subscriber) {
	h.t.Helper()
	for _, relay := range h.all() {
		page := relaytest.MustSubscribe(h.t, relay.URL+"/v1/stream", relaytest.Hello{SDKKey: sdkKey})
		pages = append(pages, page)
	}
	mustHear(h.t, pages, revision)
	return pages
}

func mustHear(t *testing.T, pages []*relaytest.Subscriber, revision string) {
	t.Helper()
	for _, page := range pages {
		frame := page.WaitFrame(t, "revision "+revision, func(f relaytest.Frame) bool { return f.Revision == revision })
		page.Has(string(frame.Payload))
	}
}

// other returns a relay that is not the one.
func (h *house) other(than *process.Relay) *process.Relay {
	h.t.Helper()
	for _, relay := range h.all() {
		if relay != than {
			return relay
		}
	}
	h.t.Fatal("there is no other relay")
	return nil
}

func TestAWebhookThatReachesAnyRelayReachesEveryPageByOneFetch(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	url := cdn.Put("/shop.json", datafile(t, 100))
	h := mustHouse(t, single, 2, "--project", "shop="+url)
	pages := h.subscribe("shop", "100")
	asking := h.mustHolder("source/shop")
	for revision, relay := range []*process.Relay{asking, h.other(asking)} {
		cdn.Put("/shop.json", datafile(t, 101+revision))
		before := len(cdn.Requests())
		if status, err := demo.SendWebhook(t.Context(), relay.URL, fmt.Sprint(101+revision), ""); err != nil || status != http.StatusOK {
			t.Fatalf("the webhook was answered %d, %v", status, err)
		}
		mustHear(t, pages, fmt.Sprint(101+revision))
		if fetches := len(cdn.Requests()) - before; fetches != 1 {
			t.Errorf("the source was asked %d times", fetches)
		}
	}
}

func TestARelayThatComesLaterHasWhatIsInForceAndWhatWas(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	url := cdn.Put("/shop.json", datafile(t, 100))
	h := mustHouse(t, single, 1, "--project", "shop="+url)
	pages := h.subscribe("shop", "100")
	h.mustAnnounce(cdn, h.all()[0], 101)
	mustHear(t, pages, "101")
	h.mustStart()
	late := h.subscribe("shop", "101")

	mustOperate(t, h.all()[1], http.MethodPost, "/v1/projects/shop/pin", `{"revision":"100"}`)
	mustHear(t, pages, "100")
	mustHear(t, late, "100")
	mustOperate(t, h.all()[0], http.MethodDelete, "/v1/projects/shop/pin", "")
	for _, relay := range h.all() {
		eventually(t, func() (bool, string) {
			got := relaytest.MustGet(t, relay.URL+"/datafiles/shop.json").Body
			return got == datafile(t, 101), "revision 101 is not in force again"
		})
	}
}

func mustOperate(t *testing.T, relay *process.Relay, method, path, body string) {
	t.Helper()
	response := relaytest.MustDo(t, method, relay.AdminURL()+path, body, http.Header{"Content-Type": {"application/json"}})
	if response.Status/100 != 2 {
		t.Fatalf("%s %s was answered %d: %s", method, path, response.Status, response.Body)
	}
}

func TestTheDemoMayBeEditedAtAnyRelay(t *testing.T) {
	h := mustHouse(t, single, 2)
	var project struct{ Revision string }
	must(t, json.Unmarshal([]byte(relaytest.MustGet(t, h.all()[0].URL+"/datafiles/demo.json").Body), &project))
	pages := h.subscribe("demo", project.Revision)
	for i, relay := range h.all() {
		response := relaytest.MustDo(t, http.MethodPatch, relay.URL+"/v1/demo/allocation",
			fmt.Sprintf(`{"experimentKey":"item-sort","trafficAllocation":[{"entityId":"20402531206","endOfRange":%d}]}`, 1000+i),
			http.Header{"Content-Type": {"application/json"}, "Origin": {relay.URL}})
		var edited struct{ Revision string }
		if err := json.Unmarshal([]byte(response.Body), &edited); err != nil || response.Status != http.StatusOK {
			t.Fatalf("the edit was answered %d: %s", response.Status, response.Body)
		}
		mustHear(t, pages, edited.Revision)
		for _, each := range h.all() {
			eventually(t, func() (bool, string) {
				got := relaytest.MustGet(t, each.URL+"/datafiles/demo.json").Body
				return strings.Contains(got, fmt.Sprint(1000+i)), "an edit was lost"
			})
		}
	}
}

// Of those who watched, a server that starts again knows nothing.
func TestADatafileIsEveryPagesSoonAfterNATSWasAway(t *testing.T) {
	t.Parallel()
	const soon = 5 * time.Second
	server := mustServer(t, "")
	cdn := relaytest.NewCDN(t)
	url := cdn.Put("/shop.json", datafile(t, 100))
	h := mustHouse(t, server, 2, "--project", "shop="+url)
	pages := h.subscribe("shop", "100")
	node := server.Nodes[0]
	must(t, node.Kill())
	for _, relay := range h.all() {
		awaitAway(t, relay)
	}
	must(t, node.Start())
	for _, relay := range h.all() {
		awaitReady(t, relay)
	}
	began := time.Now()
	h.mustAnnounce(cdn, h.all()[0], 101)
	mustHear(t, pages, "101")
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v", took)
	}
}

// What a relay had from the source when it was the one that asked is not what is in force any more.
func TestASourceThatGoesBackWhileAnotherRelayComesToAskItIsFollowed(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	url := cdn.Put("/shop.json", datafile(t, 100))
	h := mustHouse(t, single, 2, "--project", "shop="+url)
	pages := h.subscribe("shop", "100")
	first := h.mustHolder("source/shop")
	second := h.other(first)
	page := pages[slices.Index(h.all(), first)]
	must(t, first.Freeze())
	cdn.Put("/shop.json", datafile(t, 101))
	eventually(t, func() (bool, string) {
		return strings.Contains(second.Log(), `has the lease" lease=source/shop`), "nobody else asks the source"
	})
	must(t, first.Thaw())
	mustSee(t, page, "100", "101")
	must(t, second.Freeze())
	cdn.Put("/shop.json", datafile(t, 100))
	mustSee(t, page, "100", "101", "100")
	must(t, second.Thaw())
}

// The end of a pin lets the source go back: once, and not whenever another relay comes to ask it.
func TestAnOldCopyOfTheCDNDoesNotCountLongAfterAPin(t *testing.T) {
	t.Parallel()
	for name, pin := range map[string]struct {
		revision string
		seen     []string
	}{
		"of an earlier datafile": {"100", []string{"100", "101", "100", "101"}},
		"of the source's newest": {"101", []string{"100", "101"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cdn := relaytest.NewCDN(t)
			cdn.Put("/shop.json", datafile(t, 100))
			h := mustHouse(t, single, 2, "--project", "shop=cdn", "--cdn-url", cdn.URL+"/%s.json")
			pages := h.subscribe("shop", "100")
			first := h.mustHolder("source/shop")
			second := h.other(first)
			page := pages[slices.Index(h.all(), second)]
			push := func(revision int) {
				cdn.Put("/shop.json", datafile(t, revision))
				_, err := demo.SendWebhook(t.Context(), second.URL, fmt.Sprint(revision), "")
				must(t, err)
			}
			push(101)
			mustHear(t, pages, "101")
			mustOperate(t, first, http.MethodPost, "/v1/projects/shop/pin", fmt.Sprintf(`{"revision":%q}`, pin.revision))
			mustOperate(t, first, http.MethodDelete, "/v1/projects/shop/pin", "")
			h.mustBeTheSources("shop")
			mustSee(t, page, pin.seen...)
			before := len(cdn.Requests())
			cdn.Put("/shop.json", datafile(t, 100))
			h.leave(first)
			must(t, first.Kill())
			cdn.WaitRequests(t, before+1)
			push(102)
			mustSee(t, page, append(pin.seen, "102")...)
		})
	}
}

// mustBeTheSources waits until the source has said, after the end of a pin, what is in force.
func (h *house) mustBeTheSources(sdkKey string) {
	h.t.Helper()
	f := mustJoin(h.t, fleet.Options{ID: h.id, Projects: []string{sdkKey}})
	defer func() { must(h.t, f.Close()) }()
	eventually(h.t, func() (bool, string) {
		entry, err := f.Datafiles.Newest(h.t.Context(), "edition."+sdkKey)
		must(h.t, err)
		return !strings.Contains(string(entry.Value), `"released":true`), "what is in force is " + string(entry.Value)
	})
}

// A relay of an earlier build may be of the fleet, too.
func TestAnEditionThatGivesNoVersionIsAsNewAsItIsThere(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	url := cdn.Put("/shop.json", datafile(t, 100))
	h := mustHouse(t, single, 1, "--project", "shop="+url)
	pages := h.subscribe("shop", "100")
	f := mustJoin(t, fleet.Options{ID: h.id, Projects: []string{"shop"}})
	defer func() { must(t, f.Close()) }()
	entry, err := f.Datafiles.Get(t.Context(), "edition.shop")
	must(t, err)
	without := regexp.MustCompile(`"version":\d+,`).ReplaceAll(entry.Value(), nil)
	for revision := 101; revision < 105; revision += 2 {
		h.mustAnnounce(cdn, h.all()[0], revision)
		mustHear(t, pages, fmt.Sprint(revision))
		_, err = f.Datafiles.Put(t.Context(), "edition.shop", without)
		must(t, err)
	}
	mustSee(t, pages[0], "100", "101", "100", "103", "100")
}

// mustSlow has a relay that joins read a datafile of many parts before it gets to the one in force.
func (h *house) mustSlow() {
	h.t.Helper()
	const parts = 2000
	f := mustJoin(h.t, fleet.Options{URL: h.nats.URL(), ID: h.id})
	defer func() { must(h.t, f.Close()) }()
	for part := range parts {
		_, err := f.Datafiles.Put(h.t.Context(), fmt.Sprintf("text.demo.past.%d", part), []byte("x"))
		must(h.t, err)
	}
	entry, err := f.Datafiles.Get(h.t.Context(), "edition.demo")
	must(h.t, err)
	for _, edition := range []string{fmt.Sprintf(`{"hash":"past","parts":%d}`, parts), string(entry.Value())} {
		_, err = f.Datafiles.Put(h.t.Context(), "edition.demo", []byte(edition))
		must(h.t, err)
	}
}

// Whose events are that name no SDK key a relay knows by its datafiles. One that took them for nobody's would pass over them for good.
func TestEventsWaitForTheDatafilesOfARelayThatBegins(t *testing.T) {
	h := mustHouse(t, single, 1)
	h.upstream.Always(relaytest.Answer{Status: http.StatusServiceUnavailable})
	shop := h.openShop(1)
	shop.mustTake(5)
	purchases := shop.close()
	before := h.all()[0]
	h.leave(before)
	must(t, before.Stop())
	h.mustSlow()
	h.upstream.Always(relaytest.Answer{})
	h.mustStart()
	h.mustHaveAll(purchases)
}

func TestWhatARelayHadBeforeThereWasAFleetIsInForceInAllOfIt(t *testing.T) {
	for name, pinned := range map[string]bool{"the source's": false, "what it was pinned to": true} {
		t.Run(name, func(t *testing.T) {
			cdn := relaytest.NewCDN(t)
			url := cdn.Put("/shop.json", datafile(t, 100))
			h := mustHouse(t, single, 0, "--project", "shop="+url)
			dir := t.TempDir()
			alone, err := process.Start(t.Context(), process.Options{Binary: relayBinary, DataDir: dir, Args: []string{"--project", "shop=" + url}})
			must(t, err)
			page := relaytest.MustSubscribe(t, alone.URL+"/v1/stream", relaytest.Hello{SDKKey: "shop"})
			mustHear(t, []*relaytest.Subscriber{page}, "100")
			if pinned {
				h.mustAnnounce(cdn, alone, 101)
				mustHear(t, []*relaytest.Subscriber{page}, "101")
				mustOperate(t, alone, http.MethodPost, "/v1/projects/shop/pin", `{"revision":"100"}`)
			}
			must(t, alone.Stop())
			first, err := process.Start(t.Context(), process.Options{Binary: relayBinary, DataDir: dir, Args: h.args})
			must(t, err)
			h.join(first)
			h.mustHolder("source/shop")
			h.mustStart() // with nothing on its disk
			h.subscribe("shop", "100")
		})
	}
}

// A relay lets go of a datafile once another edition is in force without it. Another relay may have put it back by then.
func TestADatafileThatWasPutBackIsNotLetGo(t *testing.T) {
	t.Parallel()
	shared := mustJoin(t, fleet.Options{ID: idOf(t.TempDir())})
	defer shared.Close() //nolint:errcheck // it never fails
	ctx, bucket := relaytest.Context(t), shared.Datafiles
	const name, text = "text.demo.0000000000000001", "a datafile"
	parts, err := bucket.PutBlob(ctx, name, []byte(text))
	must(t, err)
	without, err := bucket.Put(ctx, "edition.demo", []byte("{}"))
	must(t, err)
	_, err = bucket.PutBlob(ctx, name, []byte(text))
	must(t, err)
	back, err := bucket.Put(ctx, "edition.demo", []byte("{}"))
	must(t, err)
	must(t, bucket.DropBlobBefore(ctx, name, without))
	if got, err := bucket.Blob(ctx, name, parts); string(got) != text {
		t.Errorf("it is %q, %v", got, err)
	}
	must(t, bucket.DropBlobBefore(ctx, name, back))
	if got, err := bucket.Blob(ctx, name, parts); !fleet.Missing(err) {
		t.Errorf("it is still %q, %v", got, err)
	}
}
