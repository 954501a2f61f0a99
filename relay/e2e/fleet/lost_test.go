package fleet

import (
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/fleet"
)

// A relay that went on as if the stream were the one it knew would wait for the messages behind those that are lost.
func TestRelaysEndWhenTheServersHaveLostTheStreamAndFoundAnother(t *testing.T) {
	t.Parallel()
	h := mustHouse(t, mustServer(t, ""), 2)
	shop := h.openShop(1)
	shop.mustTake(20)
	shop.close()
	before := h.all()
	node := h.nats.Nodes[0]
	for _, step := range []func(*natsserver.Node) error{(*natsserver.Node).Kill, (*natsserver.Node).Wipe, (*natsserver.Node).Start} {
		must(t, step(node))
	}
	h.mustEndAsLost(before)
	h.mustStart()
	h.mustStart()
	shop = h.openShop(1)
	shop.mustTake(20)
	h.mustHaveAll(shop.close())
}

// mustEndAsLost waits until relays have ended because the stream was lost.
func (h *house) mustEndAsLost(relays []*process.Relay) {
	h.t.Helper()
	for _, relay := range relays {
		h.leave(relay)
		eventually(h.t, func() (bool, string) {
			return relay.Ended() && strings.Contains(relay.Log(), "stream of events was lost"), "a relay goes on: " + withoutRequests(relay.Log())
		})
	}
}

// What readers have left tells of places in the stream that is gone; the one that is made anew begins before them.
func TestEventsOfAStreamThatIsMadeAnewAreForwardedAndCountedFromTheFirst(t *testing.T) {
	t.Parallel()
	h := mustHouse(t, mustServer(t, ""), 1)
	shop := h.openShop(1)
	shop.mustTake(20)
	purchases := shop.close()
	h.mustHaveAll(purchases)
	before := h.all()
	shared, err := fleet.Observe(t.Context(), fleet.Options{URL: h.nats.URL(), ID: h.id})
	must(t, err)
	must(t, shared.JetStream().DeleteStream(t.Context(), shared.Name("events")))
	must(t, shared.Close())
	h.mustEndAsLost(before)
	h.mustStart()
	purchases++
	eventually(t, func() (bool, string) { return shop.buy(http.DefaultClient, 0, purchases), "an event is refused" })
	h.mustHaveAll(purchases)
}
