package fleet

import (
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/internal/relaytest"
)

func TestTwoRelaysKeepForwardAndCountEventsAsOne(t *testing.T) {
	h := mustHouse(t, single, 2)
	shop := h.openShop(4)
	shop.mustTake(300)
	h.mustHaveAll(shop.close())
}

func TestEveryRelaysPagesArePushedWhatChangesOfTheResults(t *testing.T) {
	h := mustHouse(t, single, 2)
	hear := func(page *relaytest.Subscriber, kind, count string) {
		t.Helper()
		page.WaitFrame(t, kind+" with "+count, func(f relaytest.Frame) bool { return f.Type == kind && strings.Contains(f.Header, count) })
	}
	var pages []*relaytest.Subscriber
	for _, relay := range h.all() {
		page := relaytest.MustDial(t, relay.URL+"/v1/stream", nil)
		page.MustSend(t, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"],"changes":true}`)
		hear(page, "results", `"total_count":0`)
		pages = append(pages, page)
	}
	body, _ := demotest.Purchase(1)
	if got := relaytest.MustPost(t, h.all()[0].URL+"/v1/events?sdkKey=demo", body); got.Status != http.StatusNoContent {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	for _, page := range pages {
		hear(page, "changes", `"total_count":1`)
	}
}
