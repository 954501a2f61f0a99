package fleet

import (
	"slices"
	"testing"
	"time"

	"sortition/relay/e2e/internal/process"
)

// A relay whose turn has just come reads what others noted, and what it does at its end it notes itself: many requests, each of
// which is answered in time.
func TestARelayEndsInTimeWhereTheServersAreSlow(t *testing.T) {
	t.Parallel()
	const mayTake, soon = "1s", 5 * time.Second
	h := mustHouse(t, single, 1)
	shop := h.openShop(4)
	shop.mustTake(100)
	line := mustLay(t, single.Nodes[0].Address)
	late, err := process.Start(t.Context(), process.Options{Binary: relayBinary, DataDir: t.TempDir(),
		Args: append(slices.Clone(h.args), "--nats", line.url, "--shutdown-timeout", mayTake)})
	must(t, err)
	purchases := shop.close()
	line.slow.Store(int64(1500 * time.Millisecond))
	first := h.all()[0]
	h.leave(first)
	must(t, first.Stop())
	h.join(late)
	h.mustHolder("results")
	h.leave(late)
	began := time.Now()
	must(t, late.Stop())
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v; it said, requests left out:\n%s", took, withoutRequests(late.Log()))
	}
	h.mustStart()
	h.mustHaveAll(shop.mustBuyMore(purchases))
}

// One that is silent accepts connections all the same.
func TestARelayEndsInTimeWhereTheServersAreSilent(t *testing.T) {
	t.Parallel()
	const mayTake, soon = "1s", 3 * time.Second
	h := mustHouse(t, mustServer(t, ""), 1, "--shutdown-timeout", mayTake)
	shop := h.openShop(1)
	shop.mustTake(20)
	shop.closing.Store(true)
	node := h.nats.Nodes[0]
	must(t, node.Freeze())
	relay := h.all()[0]
	h.leave(relay)
	awaitAway(t, relay)
	began := time.Now()
	must(t, relay.Stop())
	if took := time.Since(began); took > soon {
		t.Errorf("it took %v; it said, requests left out:\n%s", took, withoutRequests(relay.Log()))
	}
	must(t, node.Thaw())
	h.mustStart()
	h.mustHaveAll(shop.close())
}
