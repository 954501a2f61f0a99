package fleet

import "testing"

func TestTwoRelaysKeepForwardAndCountEventsAsOne(t *testing.T) {
	h := mustHouse(t, single, 2)
	shop := h.openShop(4)
	shop.mustTake(300)
	h.mustHaveAll(shop.close())
}
