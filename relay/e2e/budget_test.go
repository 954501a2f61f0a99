package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// styleOrScript is a file that a published page announces: its own or the SDK's.
var styleOrScript = regexp.MustCompile(`assets-[0-9a-f]+/([\w/.-]+\.(?:js|css))`)

func TestTheStoresOwnStylesAndScriptsStayBelow30KBOfBrotli(t *testing.T) {
	const budget = 30_000
	relay := mustStart(t, process.Options{})
	page := relaytest.MustGet(t, relay.URL+"/").Body
	own, sdk, counted := 0, 0, map[string]bool{}
	for _, match := range styleOrScript.FindAllStringSubmatch(page, -1) {
		address, name := match[0], match[1]
		if counted[address] {
			continue
		}
		counted[address] = true
		answer := relaytest.MustDo(t, http.MethodGet, relay.URL+"/"+address, "", http.Header{"Accept-Encoding": {"br"}})
		if strings.HasPrefix(name, "sdk/") {
			sdk += len(answer.Body)
		} else {
			own += len(answer.Body)
		}
	}
	t.Logf("%d files: %d bytes of the store's own, %d bytes of the SDK", len(counted), own, sdk)
	if own == 0 || own > budget {
		t.Errorf("the store's own styles and scripts come to %d bytes, the budget is %d", own, budget)
	}
}
