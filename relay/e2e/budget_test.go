package e2e

import (
	"net/http"
	"os"
	"regexp"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// styleOrScript is a file that a published page announces, with the SDK in it.
var styleOrScript = regexp.MustCompile(`assets-[0-9a-f]+/[\w/.-]+\.(?:js|css)`)

func TestTheSDKAndTheStoresOwnStylesAndScriptsStayInTheirBudgetsOfBrotli(t *testing.T) {
	t.Parallel()
	const sdkBudget, ownBudget = 15_000, 30_000
	relay := mustStart(t, process.Options{})
	weigh := func(address string) int {
		return len(relaytest.MustDo(t, http.MethodGet, relay.URL+"/"+address, "", http.Header{"Accept-Encoding": {"br"}}).Body)
	}
	all, counted := 0, map[string]bool{}
	for _, address := range styleOrScript.FindAllString(relaytest.MustGet(t, relay.URL+"/").Body, -1) {
		if !counted[address] {
			counted[address] = true
			all += weigh(address)
		}
	}
	sdk, withRelay := weigh("sdk/index.min.js"), weigh("sdk/relay/index.min.js")
	own := all - sdk - withRelay
	t.Logf("%d files: %d bytes, of which the SDK is %d, and %d for a client with a relay", len(counted), all, sdk, withRelay)
	if sdk <= 0 || sdk > sdkBudget {
		t.Errorf("the SDK comes to %d bytes, the budget is %d", sdk, sdkBudget)
	}
	if own <= 0 || own > ownBudget {
		t.Errorf("the store's own styles and scripts come to %d bytes, the budget is %d", own, ownBudget)
	}
}

func TestTheRelayWithTheSiteStaysInItsBudget(t *testing.T) {
	const budget = 18 << 20
	info, err := os.Stat("../relay")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > budget {
		t.Errorf("the relay's file has %d bytes, the budget is %d", info.Size(), budget)
	}
}
