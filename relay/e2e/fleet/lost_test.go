package fleet

import (
	"strings"
	"testing"

	"sortition/relay/e2e/internal/natsserver"
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
	for _, relay := range before {
		h.leave(relay)
		eventually(t, func() (bool, string) {
			return relay.Ended() && strings.Contains(relay.Log(), "stream of events was lost"), "a relay goes on: " + withoutRequests(relay.Log())
		})
	}
	h.mustStart()
	h.mustStart()
	shop = h.openShop(1)
	shop.mustTake(20)
	h.mustHaveAll(shop.close())
}
