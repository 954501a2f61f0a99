package fleet

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

// broughtBack is what a relay says that had a datafile which the servers have lost.
const broughtBack = "this relay brought it back"

// forgetfulShop is a fleet that has a project from a CDN, on a server that may lose the newest of its datafiles.
type forgetfulShop struct {
	*house
	disk *forgetful
	cdn  *relaytest.CDN
	url  string
}

// mustShop starts no relay yet, but the fleet is founded.
func mustShop(t *testing.T) *forgetfulShop {
	t.Helper()
	disk, cdn := mustForgetful(t, ""), relaytest.NewCDN(t)
	s := &forgetfulShop{disk: disk, cdn: cdn, url: cdn.URL + "/shop.json"}
	s.house = mustHouse(t, disk.nats, 0, "--project", "shop="+s.url)
	must(t, mustJoin(t, fleet.Options{URL: disk.nats.URL(), ID: s.id, Projects: []string{"shop"}}).Close())
	disk.stream = "KV_" + s.id + "-datafiles"
	return s
}

func (s *forgetfulShop) put(revision int) { s.cdn.Put("/shop.json", datafile(s.t, revision)) }

// mustOpen has two relays, and a page at each, begin with revision 100.
func (s *forgetfulShop) mustOpen() (pages []*relaytest.Subscriber) {
	s.t.Helper()
	s.put(100)
	s.mustStart()
	s.mustStart()
	return s.subscribe("shop", "100")
}

// mustPush has a revision announced at a relay.
func (s *forgetfulShop) mustPush(relay *process.Relay, revision int) {
	s.t.Helper()
	s.mustAnnounce(s.cdn, relay, revision)
}

// mustRemember has the server's disk get all there is.
func (s *forgetfulShop) mustRemember() {
	s.t.Helper()
	s.disk.mustRemember()
	for _, relay := range s.all() {
		awaitReady(s.t, relay)
	}
}

// mustLose has the server lose what came since it was told to remember, while the source is down.
func (s *forgetfulShop) mustLose() {
	s.t.Helper()
	s.cdn.Fail(http.StatusServiceUnavailable)
	s.disk.mustForget()
}

// mustSay waits until so many relays say that they brought a datafile back.
func (s *forgetfulShop) mustSay(times int) {
	s.t.Helper()
	eventually(s.t, func() (bool, string) {
		said := s.said()
		return said >= times, fmt.Sprintf("%d relays say that they brought a datafile back", said)
	})
}

func (s *forgetfulShop) said() (times int) {
	for _, relay := range s.all() {
		times += strings.Count(relay.Log(), broughtBack)
	}
	return times
}

// mustSee waits until these are the revisions that a page had, one after the other.
func mustSee(t *testing.T, page *relaytest.Subscriber, want ...string) {
	t.Helper()
	eventually(t, func() (bool, string) {
		var seen []string
		for _, frame := range page.Frames() {
			if frame.Type == "datafile" {
				seen = append(seen, frame.Revision)
			}
		}
		return slices.Equal(seen, want), fmt.Sprintf("a page has seen the revisions %q, want %q", seen, want)
	})
}

func TestADatafileThatTheServersHaveLostIsBroughtBack(t *testing.T) {
	t.Parallel()
	for name, remembers := range map[string]struct{ nothing, first bool }{
		"where an earlier one is left": {first: true},
		"where none is left":           {nothing: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mustShop(t)
			if remembers.nothing {
				s.mustRemember()
			}
			pages := s.mustOpen()
			if remembers.first {
				s.mustRemember()
			}
			s.mustPush(s.all()[0], 101)
			mustHear(t, pages, "101")
			s.mustLose()
			s.mustSay(1)
			s.mustStart()
			late := s.subscribe("shop", "101")
			s.cdn.Fail(0)
			s.mustPush(s.all()[0], 102)
			mustHear(t, pages, "102")
			mustHear(t, late, "102")
			for _, page := range pages {
				mustSee(t, page, "100", "101", "102")
			}
			if said := s.said(); said != 1 {
				t.Errorf("%d relays say that they brought a datafile back", said)
			}
		})
	}
}

// The one who comes first may not have had the newest yet.
func TestTheNewestDatafileThatAnyRelayHasIsBroughtBack(t *testing.T) {
	t.Parallel()
	s := mustShop(t)
	pages := s.mustOpen()
	s.mustRemember()
	ahead := s.mustHolder("source/shop")
	behind := s.other(ahead)
	s.mustPush(ahead, 101)
	mustHear(t, pages, "101")
	must(t, behind.Freeze())
	s.mustPush(ahead, 102)
	page := pages[slices.Index(s.all(), ahead)]
	mustHear(t, []*relaytest.Subscriber{page}, "102")
	must(t, ahead.Freeze())
	s.mustLose()
	must(t, behind.Thaw())
	s.mustSay(1)
	must(t, ahead.Thaw())
	s.mustSay(2)
	for _, page := range pages {
		mustSee(t, page, "100", "101", "102")
	}
}

func TestADatafileThatCameSinceTheServersLostOneStays(t *testing.T) {
	t.Parallel()
	s := mustShop(t)
	pages, before := s.mustOpen(), s.all()
	s.mustRemember()
	s.mustPush(s.all()[0], 101)
	mustHear(t, pages, "101")
	for _, relay := range before {
		must(t, relay.Freeze())
	}
	s.mustLose()
	s.put(102)
	s.cdn.Fail(0)
	s.mustStart()
	late := relaytest.MustSubscribe(t, s.all()[2].URL+"/v1/stream", relaytest.Hello{SDKKey: "shop"})
	mustHear(t, []*relaytest.Subscriber{late}, "102")
	for _, relay := range before {
		must(t, relay.Thaw())
	}
	mustHear(t, pages, "102")
	s.mustPush(before[0], 103)
	for _, page := range pages {
		mustSee(t, page, "100", "101", "102", "103")
	}
	if said := s.said(); said != 0 {
		t.Errorf("%d relays say that they brought a datafile back", said)
	}
}

func TestAPinThatTheServersHaveLostIsBroughtBack(t *testing.T) {
	t.Parallel()
	s := mustShop(t)
	pages := s.mustOpen()
	s.mustPush(s.all()[0], 101)
	mustHear(t, pages, "101")
	s.mustRemember()
	mustOperate(t, s.all()[1], http.MethodPost, "/v1/projects/shop/pin", `{"revision":"100"}`)
	for _, page := range pages {
		mustSee(t, page, "100", "101", "100")
	}
	s.disk.mustForget()
	s.mustSay(1)
	s.mustStart()
	late := s.subscribe("shop", "100")
	mustOperate(t, s.all()[0], http.MethodDelete, "/v1/projects/shop/pin", "")
	mustHear(t, late, "101")
	for _, page := range pages {
		mustSee(t, page, "100", "101", "100", "101")
	}
}
