package fleet

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/internal/relaytest"
)

// eventsBytes is the largest body that POST /v1/events takes.
const eventsBytes = 1 << 20

// purchaseOf is a batch of the demo's project with a body of exactly so many bytes, that nothing packs any shorter: as many purchases
// as there are uuids.
func purchaseOf(t *testing.T, bytes int, uuids ...string) string {
	t.Helper()
	var visitors []string
	for _, uuid := range uuids {
		visitors = append(visitors, relaytest.Conversion("~", demotest.Event, demotest.EventKey, uuid, 1_790_000_000_000, 100))
	}
	body := demotest.Body(visitors...)
	noise := relaytest.Noise(bytes - len(body) + len(uuids))
	for left := len(uuids); left > 0; left-- {
		share := len(noise) / left
		body, noise = strings.Replace(body, "~", noise[:share], 1), noise[share:]
	}
	if len(body) != bytes {
		t.Fatalf("the body has %d bytes, want %d", len(body), bytes)
	}
	return body
}

// TestABatchOfAnySizeIsKeptOrRefusedForGood has batches about as large as a message of NATS may be, which has headers as well.
func TestABatchOfAnySizeIsKeptOrRefusedForGood(t *testing.T) {
	h := mustHouse(t, single, 1)
	relay := h.all()[0]
	const beyond = eventsBytes - 512 // of a message with its frame, and not of a body
	var kept []string
	for _, test := range []struct {
		bytes  int
		events int
		status int
	}{
		{eventsBytes - 4<<10, 1, http.StatusNoContent},
		{beyond, 1, http.StatusRequestEntityTooLarge},
		{eventsBytes, 1, http.StatusRequestEntityTooLarge},
		{eventsBytes, 2, http.StatusNoContent}, // in two messages
		{eventsBytes, 1000, http.StatusNoContent},
		{eventsBytes + 1, 1000, http.StatusRequestEntityTooLarge},
	} {
		var uuids []string
		for i := range test.events {
			uuids = append(uuids, fmt.Sprint(test.bytes, "-", test.events, "-", i))
		}
		got := relaytest.MustPost(t, relay.URL+"/v1/events", purchaseOf(t, test.bytes, uuids...))
		if got.Status != test.status {
			t.Errorf("%d bytes of %d events were answered %d: %s", test.bytes, test.events, got.Status, got.Body)
		}
		if test.status == http.StatusNoContent {
			kept = append(kept, uuids...)
		}
	}
	h.upstream.WaitEvents(t, len(kept))
	delivered := h.upstream.UUIDs()
	for _, uuid := range kept {
		if delivered[uuid] == 0 {
			t.Errorf("event %s was answered 204 and never delivered", uuid)
		}
	}
	if len(delivered) != len(kept) {
		t.Errorf("%d events were delivered, %d were answered 204", len(delivered), len(kept))
	}
	if !strings.Contains(relay.Log(), "max_payload") {
		t.Error("the log does not say what is too small")
	}
}
