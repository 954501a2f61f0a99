package e2e

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// readmeRelay is the relay's address in the README's examples.
const readmeRelay = "https://relay.example"

func TestTheReadmesPageWorksOnAnotherSite(t *testing.T) {
	t.Parallel()
	var relay *process.Relay
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		example := strings.ReplaceAll(mustReadExample(t, "html"), readmeRelay, relay.URL)
		example = strings.Replace(example, "</script>", "document.title = variation;</script>", 1)
		fmt.Fprintf(w, `<!doctype html><link rel="icon" href="data:,"><title>loading</title>%s`, example)
	}))
	t.Cleanup(shop.Close)
	relay = mustStart(t, process.Options{Args: []string{"--allow-origin", shop.URL}})

	page := mustOpen(t, shop.URL)
	page.until(`document.title === ` + quote(mustDecideNatively(t, "Matt")))
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

func TestTheReadmesOfficialSDKWorks(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	script := strings.ReplaceAll(mustReadExample(t, "js"), readmeRelay, relay.URL) + `
		await client.onReady();
		console.log(client.activate('item-sort', 'Matt'));
		client.track('item_purchase', 'Matt');
		await new Promise(setImmediate); // the SDK queues asynchronously, and drops what it is not done with
		await client.close();
		process.exit();`
	if got, want := mustRunNode(t, script), mustDecideNatively(t, "Matt"); got != want {
		t.Errorf("the official SDK says %q, the native engine %s", got, want)
	}
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

// mustRunNode runs a module as if it lay in this folder, and returns what it prints.
func mustRunNode(t *testing.T, script string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), relaytest.Patience)
	defer cancel()
	output, err := exec.CommandContext(ctx, "node", append([]string{"--input-type=module", "--eval", script}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return strings.TrimSpace(string(output))
}

// mustReadExample is the README's one block of code in the language.
func mustReadExample(t *testing.T, language string) string {
	t.Helper()
	return mustReadExampleOf(t, "../../README.md", language)
}

func mustReadExampleOf(t *testing.T, file, language string) string {
	t.Helper()
	readme := relaytest.MustRead(t, file)
	block := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(readme)
	if block == nil {
		t.Fatalf("%s has no example in %s", file, language)
	}
	return block[1]
}
