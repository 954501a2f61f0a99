package fleet

import (
	"testing"

	"sortition/relay/e2e/internal/natsserver"
)

// mustCluster starts three servers of their own for a test that breaks them.
func mustCluster(t *testing.T, sync string) *natsserver.Cluster {
	t.Helper()
	cluster, err := natsserver.Start(t.Context(), natsserver.Options{Dir: t.TempDir(), Nodes: 3, Sync: sync})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	})
	return cluster
}

// TestNothingIsLostOrCountedTwice breaks one part after the other while shoppers buy, and counts at the end.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	t.Parallel()
	const between = 100 // purchases that must become safe before the next part breaks, and after
	h := mustHouse(t, mustCluster(t, "always"), 2)
	shop := h.openShop(4)
	shop.mustTake(between)

	t.Log("a NATS server is killed, and comes back")
	node := h.nats.Nodes[0]
	must(t, node.Kill())
	shop.mustTake(between)
	must(t, node.Start())
	must(t, node.Await(t.Context()))

	t.Log("the relay that counts is killed")
	counting := h.mustHolder("results")
	h.leave(counting)
	must(t, counting.Kill())
	shop.mustTake(between)
	h.mustStart()
	shop.mustTake(between)

	t.Log("the relay that counts is cut off, and does not know it")
	counting = h.mustHolder("results")
	h.leave(counting)
	must(t, counting.Freeze())
	shop.mustTake(between)
	h.mustHolder("results") // another, by now
	must(t, counting.Thaw())
	h.join(counting)
	shop.mustTake(between)

	t.Log("all relays are replaced, one after the other")
	for _, old := range h.all() {
		h.mustStart()
		h.leave(old)
		must(t, old.Stop())
		shop.mustTake(between)
	}
	h.mustHaveAll(shop.close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
