package fleet

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// mustServer starts one server for a test that breaks it.
func mustServer(t *testing.T, config string) *natsserver.Cluster {
	t.Helper()
	server, err := natsserver.Start(t.Context(), natsserver.Options{Dir: t.TempDir(), Config: config})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestWhileNATSIsAwayPagesAreServedAndEventsRefused(t *testing.T) {
	for name, away := range map[string]struct{ begin, end func(*natsserver.Node) error }{
		"killed": {(*natsserver.Node).Kill, (*natsserver.Node).Start},
		"silent": {(*natsserver.Node).Freeze, (*natsserver.Node).Thaw},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := mustHouse(t, mustServer(t, ""), 2)
			shop := h.openShop(2)
			shop.mustTake(20)
			pages := h.subscribe("demo", "1")
			node := h.nats.Nodes[0]
			must(t, away.begin(node))
			var tried []int64
			for i, relay := range h.all() {
				tried = append(tried, mustRefuse(t, relay, shop)...)
				if got := relaytest.MustGet(t, relay.URL+"/datafiles/demo.json"); got.Status != http.StatusOK {
					t.Errorf("the datafile was answered %d", got.Status)
				}
				relaytest.MustSubscribe(t, relay.URL+"/v1/stream", relaytest.Hello{SDKKey: "demo"}).WaitFrames(t, 1)
				pages[i].MustSend(t, `{"type":"check","have":null}`)
				pages[i].WaitFrames(t, 2)
				if got := relaytest.MustGet(t, relay.URL+"/v1/results/demo"); got.Status != http.StatusOK {
					t.Errorf("results were answered %d: %s", got.Status, got.Body)
				}
			}
			must(t, away.end(node))
			shop.mustTake(20)
			for _, number := range tried {
				eventually(t, func() (bool, string) { return shop.buy(http.DefaultClient, 0, number), "an event is still refused" })
			}
			// The leases must have come through it, too: of a relay that dies now the other one takes over what it did.
			leader := h.mustHolder("dispatcher/demo")
			h.leave(leader)
			must(t, leader.Kill())
			shop.mustTake(20)
			h.mustHaveAll(shop.close())
			for _, relay := range h.all() {
				awaitReady(t, relay)
			}
		})
	}
}

// mustRefuse waits until the relay knows that NATS is away, and checks how it refuses a purchase. It returns those that it tried: each
// is another one, as one that was kept by servers that were too slow to say so, or not yet away, is answered 204 from then on.
func mustRefuse(t *testing.T, relay *process.Relay, s *shoppers) (tried []int64) {
	t.Helper()
	eventually(t, func() (bool, string) {
		tried = append(tried, s.number.Add(1))
		body, _ := demotest.Purchase(tried[len(tried)-1])
		got := relaytest.MustPost(t, relay.URL+"/v1/events", body)
		return got.Status == http.StatusServiceUnavailable && got.Header.Get("Retry-After") != "",
			fmt.Sprintf("events are answered %d: %s", got.Status, got.Body)
	})
	return tried
}

// TestServersThatRefuseARelayForAWhileHaveItBack has servers that come back with other credentials, as when a rotation went wrong.
func TestServersThatRefuseARelayForAWhileHaveItBack(t *testing.T) {
	t.Parallel()
	const ours, others = "authorization { user: relay, password: secret }", "authorization { user: relay, password: other }"
	server := mustServer(t, ours)
	node := server.Nodes[0]
	relay := mustStartAway(t, "nats://relay:secret@"+node.Address)
	defer func() { must(t, relay.Stop()) }()
	awaitReady(t, relay)
	for _, config := range []string{others, ours} {
		must(t, node.Kill())
		must(t, node.Configure(config))
		must(t, node.Start())
		if config == others {
			eventually(t, func() (bool, string) {
				return strings.Count(node.Log(), "authentication error") > 3, "it is not refused: " + node.Log()
			})
		}
	}
	awaitReady(t, relay)
	if told := strings.Count(relay.Log(), "nats: authorization violation"); told != 1 {
		t.Errorf("the log tells %d times that it is refused", told)
	}
}

// awaitReady waits until /readyz is answered 200.
func awaitReady(t *testing.T, relay *process.Relay) {
	t.Helper()
	eventually(t, func() (bool, string) {
		got := relaytest.MustGet(t, relay.URL+"/readyz")
		return got.Status == http.StatusOK, fmt.Sprintf("readyz is answered %d: %s", got.Status, got.Body)
	})
}

// awaitAway waits until the relay has noticed for the first time that the servers are away.
func awaitAway(t *testing.T, relay *process.Relay) {
	t.Helper()
	eventually(t, func() (bool, string) {
		return strings.Contains(relay.Log(), "NATS is away"), "it does not notice: " + withoutRequests(relay.Log())
	})
}
