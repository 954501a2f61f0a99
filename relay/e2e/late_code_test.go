package e2e

import (
	"slices"
	"testing"

	"sortition/relay/e2e/internal/process"
)

// withoutRelay makes a client, in JavaScript, that gets its datafile and sends its events as the official SDK does.
const withoutRelay = `{
	projectConfigManager: sdk.createPollingProjectConfigManager({ sdkKey: 'demo', urlTemplate: location.origin + '/datafiles/%s.json' }),
	eventProcessor,
}`

// convert has a visitor of a client buy something, and returns what the page loaded of the SDK.
func (p *page) convert(client string) []string {
	p.t.Helper()
	return eval[[]string](p, `(async () => {
		const sdk = await import('/sdk/index.js');
		const eventProcessor = sdk.createBatchEventProcessor({
			eventDispatcher: {
				async dispatchEvent({ params }) {
					return { statusCode: (await fetch('/v1/events', { method: 'POST', body: JSON.stringify(params) })).status };
				},
			},
		});
		const client = sdk.createInstance(`+client+`);
		await client.onReady();
		client.activate('item-sort', 'Matt');
		client.track('item_purchase', 'Matt', {}, { revenue: 5400 });
		await client.close();
		const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
		return loaded.filter((path) => /^\/sdk\/.*\.js$/.test(path)).sort();
	})()`)
}

func TestAPageLoadsOfTheSDKWhatItsClientNeedsAndNoMore(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		client string
		loads  []string
	}{
		"with a relay": {`{
			projectConfigManager: sdk.createRelayProjectConfigManager({ sdkKey: 'demo' }),
			eventProcessor: sdk.createRelayEventProcessor({ sdkKey: 'demo' }),
		}`, []string{"/sdk/index.js", "/sdk/relay/index.min.js"}},
		"without one": {withoutRelay, []string{"/sdk/index.js", "/sdk/optimizely/index.min.js"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			relay := mustStart(t, process.Options{})
			if loaded := mustOpen(t, relay.URL+"/results.html").convert(test.client); !slices.Equal(loaded, test.loads) {
				t.Errorf("it loads %v, want %v", loaded, test.loads)
			}
			mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
		})
	}
}

func TestEventsAreSentWithoutTheCodeThatWouldBatchThem(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	n := mustNetwork(t, relay)
	n.when("/sdk/optimizely/", refused)
	page := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/results.html", "")
	page.convert(`{
		projectConfigManager: sdk.createRelayProjectConfigManager({ sdkKey: 'demo' }),
		eventProcessor,
	}`)
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}
