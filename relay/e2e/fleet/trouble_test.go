package fleet

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// mustStartSmall adds a relay whose disk has room for little, and returns its folder.
func (h *house) mustStartSmall() (relay *process.Relay, dir string) {
	h.t.Helper()
	dir = h.t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		h.t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	h.t.Cleanup(func() { must(h.t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	relay, err := process.Start(h.t.Context(), process.Options{Binary: relayBinary, DataDir: dir, Args: h.args})
	must(h.t, err)
	h.join(relay)
	return relay, dir
}

// smallShop is a fleet of a relay with room and one whose disk has little, which begin with revision 100 of a CDN's, and a page at each.
type smallShop struct {
	*house
	cdn   *relaytest.CDN
	full  *process.Relay
	dir   string // of the full one
	pages []*relaytest.Subscriber
}

func mustSmallShop(t *testing.T, nats *natsserver.Cluster, args ...string) *smallShop {
	t.Helper()
	s := &smallShop{cdn: relaytest.NewCDN(t)}
	s.house = mustHouse(t, nats, 1, append(args, "--project", "shop="+s.cdn.Put("/shop.json", datafile(t, 100)))...)
	s.subscribe("shop", "100")
	s.full, s.dir = s.mustStartSmall()
	s.pages = s.subscribe("shop", "100")
	return s
}

// mustFill leaves no room on a disk, and returns the file that takes it.
func mustFill(t *testing.T, dir string) (ballast string) {
	t.Helper()
	ballast = filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err == nil {
		t.Fatal("the disk has room")
	}
	return ballast
}

// mustBeDegraded waits until /readyz tells of a project that not all is well with it, or that it is.
func mustBeDegraded(t *testing.T, relay *process.Relay, sdkKey string, want bool) {
	t.Helper()
	eventually(t, func() (bool, string) {
		body := relaytest.MustGet(t, relay.URL+"/readyz").Body
		return strings.Contains(body, `"sdkKey":"`+sdkKey+`"`) == want, "/readyz is answered " + body
	})
}

// What is in force is the fleet's to keep.
func TestPagesOfARelayWithAFullDiskHaveWhatIsInForce(t *testing.T) {
	t.Parallel()
	s := mustSmallShop(t, single)
	s.mustAnnounce(s.cdn, s.all()[0], 101)
	mustHear(t, s.pages, "101")
	ballast := mustFill(t, s.dir)
	mustOperate(t, s.all()[0], http.MethodPost, "/v1/projects/shop/pin", `{"revision":"100"}`)
	page := s.pages[1]
	mustSee(t, page, "100", "101", "100")
	mustBeDegraded(t, s.full, "shop", true)
	must(t, os.Remove(ballast))
	mustOperate(t, s.all()[0], http.MethodDelete, "/v1/projects/shop/pin", "")
	mustSee(t, page, "100", "101", "100", "101")
	mustBeDegraded(t, s.full, "shop", false)
}

func TestAPinAtARelayWithAFullDiskHoldsAndTheAnswerSaysWhatDoesNot(t *testing.T) {
	t.Parallel()
	s := mustSmallShop(t, single)
	s.mustAnnounce(s.cdn, s.all()[0], 101)
	mustHear(t, s.pages, "101")
	mustFill(t, s.dir)
	answer := relaytest.MustDo(t, http.MethodPost, s.full.AdminURL()+"/v1/projects/shop/pin", `{"revision":"100"}`, http.Header{"Content-Type": {"application/json"}})
	if answer.Status != http.StatusInsufficientStorage || !strings.Contains(answer.Body, "it is in force, but not on this relay's disk: ") ||
		!strings.Contains(answer.Body, "no space left") {
		t.Errorf("it was answered %d: %s", answer.Status, answer.Body)
	}
	mustHear(t, s.pages, "100")
}

func TestWhatADiskHadNoRoomForIsKeptOnceTheFleetTellsOfItAgain(t *testing.T) {
	t.Parallel()
	server := mustServer(t, "")
	s := mustSmallShop(t, server)
	s.mustAnnounce(s.cdn, s.all()[0], 101)
	mustHear(t, s.pages, "101")
	ballast := mustFill(t, s.dir)
	mustOperate(t, s.all()[0], http.MethodPost, "/v1/projects/shop/pin", `{"revision":"100"}`)
	mustBeDegraded(t, s.full, "shop", true)
	must(t, os.Remove(ballast))
	must(t, server.Nodes[0].Kill())
	must(t, server.Nodes[0].Start())
	mustBeDegraded(t, s.full, "shop", false)
	if kept, err := os.ReadFile(filepath.Join(s.dir, "datafiles", "shop.json")); err != nil || string(kept) != datafile(t, 100) {
		t.Errorf("the disk has another datafile, %v", err)
	}
	if kept, err := os.ReadFile(filepath.Join(s.dir, "datafiles", "shop.hold")); err != nil || !strings.Contains(string(kept), `"pinned":true`) {
		t.Errorf("the disk has no pin: %q, %v", kept, err)
	}
}

// Who does not ask the source is told of a datafile once.
func TestWhatADiskHadNoRoomForIsKeptAtTheNextPollByARelayThatDoesNotAsk(t *testing.T) {
	t.Parallel()
	s := mustSmallShop(t, single, "--poll-interval", "1s")
	ballast := mustFill(t, s.dir)
	s.cdn.Put("/shop.json", datafile(t, 101))
	mustHear(t, s.pages, "101")
	mustBeDegraded(t, s.full, "shop", true)
	must(t, os.Remove(ballast))
	mustBeDegraded(t, s.full, "shop", false)
	if kept, err := os.ReadFile(filepath.Join(s.dir, "datafiles", "shop.json")); err != nil || string(kept) != datafile(t, 101) {
		t.Errorf("the disk has another datafile, %v", err)
	}
}

func TestARelayThatNoLongerAsksTheSourceSaysNothingOfIt(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	h := mustHouse(t, single, 2, "--project", "shop="+cdn.Put("/shop.json", datafile(t, 100)))
	h.subscribe("shop", "100")
	asking := h.mustHolder("source/shop")
	cdn.Fail(http.StatusServiceUnavailable)
	_, err := demo.SendWebhook(t.Context(), asking.URL, "101", "")
	must(t, err)
	mustBeDegraded(t, asking, "shop", true)
	must(t, asking.Freeze())
	eventually(t, func() (bool, string) {
		return strings.Contains(h.other(asking).Log(), `has the lease" lease=source/shop`), "nobody else asks the source"
	})
	must(t, asking.Thaw())
	mustBeDegraded(t, asking, "shop", false)
}

func TestAFileThatChangesWhileNATSIsAwayIsInForceAfterwards(t *testing.T) {
	t.Parallel()
	server := mustServer(t, "")
	file := filepath.Join(t.TempDir(), "shop.json")
	relaytest.MustWrite(t, file, datafile(t, 100))
	h := mustHouse(t, server, 1, "--project", "shop="+file, "--poll-interval", "1s")
	pages := h.subscribe("shop", "100")
	must(t, server.Nodes[0].Kill())
	relaytest.MustWrite(t, file, datafile(t, 101))
	mustBeDegraded(t, h.all()[0], "shop", true)
	must(t, server.Nodes[0].Start())
	mustHear(t, pages, "101")
}

// A file of the relay's own that it could not write is not one that somebody changed.
func TestTheDemoOfARelayWithAFullDiskDoesNotGoBack(t *testing.T) {
	t.Parallel()
	h := mustHouse(t, single, 1, "--poll-interval", "1s")
	full, dir := h.mustStartSmall()
	pages := h.subscribe("demo", "1")
	ballast := mustFill(t, dir)
	edited := mustEdit(t, h.all()[0], 4000)
	mustHear(t, pages, edited)
	mustBeDegraded(t, full, "demo", true)
	must(t, os.Remove(ballast))
	mustBeDegraded(t, full, "demo", false)
	again := mustEdit(t, full, 5000)
	for _, page := range pages {
		mustSee(t, page, "1", edited, again)
	}
}

// mustEdit changes the demo's traffic at a relay and returns its new revision.
func mustEdit(t *testing.T, relay *process.Relay, end int) (revision string) {
	t.Helper()
	response := relaytest.MustDo(t, http.MethodPatch, relay.URL+"/v1/demo/allocation",
		fmt.Sprintf(`{"experimentKey":"item-sort","trafficAllocation":[{"entityId":"20402531206","endOfRange":%d}]}`, end),
		http.Header{"Content-Type": {"application/json"}, "Origin": {relay.URL}})
	var edited struct{ Revision string }
	if err := json.Unmarshal([]byte(response.Body), &edited); err != nil || response.Status != http.StatusOK {
		t.Fatalf("the edit was answered %d: %s", response.Status, response.Body)
	}
	return edited.Revision
}

func TestAFileIsInForceAgainWhenAPinEnds(t *testing.T) {
	t.Parallel()
	h := mustHouse(t, single, 2)
	pages := h.subscribe("demo", "1")
	edited := mustEdit(t, h.all()[0], 4000)
	mustHear(t, pages, edited)
	mustOperate(t, h.all()[1], http.MethodPost, "/v1/projects/demo/pin", `{"revision":"1"}`)
	for _, page := range pages {
		mustSee(t, page, "1", edited, "1")
	}
	mustOperate(t, h.all()[0], http.MethodDelete, "/v1/projects/demo/pin", "")
	for _, page := range pages {
		mustSee(t, page, "1", edited, "1", edited)
	}
}
