package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// shopFlags is a datafile in which Matt, who is a gold member, is in the variation by_kind of the flag shelf, and others in none.
const shopFlags = "../internal/evaluate/testdata/shop.json"

// mustStartShop starts a relay with a project of flags, and returns the file that they are in.
func mustStartShop(t *testing.T, args ...string) (relay *process.Relay, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "shop.json")
	must(t, os.WriteFile(file, []byte(relaytest.MustRead(t, shopFlags)), 0o600))
	return mustStart(t, process.Options{Args: append([]string{"--project", "shop=" + file, "--results-token", "T"}, args...)}), file
}

// ofrepPage is a page without a bundler that has OpenFeature's own provider ask the relay, and tells of what is used.
const ofrepPage = `<!doctype html><link rel="icon" href="data:,"><title>loading</title>
<script type="importmap">{"imports": {
	"@openfeature/core": "/@openfeature/core/dist/esm/index.js",
	"@openfeature/web-sdk": "/@openfeature/web-sdk/dist/esm/index.js",
	"@openfeature/ofrep-core": "/@openfeature/ofrep-web-provider/node_modules/@openfeature/ofrep-core/index.esm.js",
	"@openfeature/ofrep-web-provider": "/@openfeature/ofrep-web-provider/index.esm.js"
}}</script>
<script type="module">
	import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
	import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';

	window.start = async (sdkKey, context) => {
		await OpenFeature.setContext(context);
		await OpenFeature.setProviderAndWait(new OFREPWebProvider({
			baseUrl: 'RELAY', headers: [['X-API-Key', sdkKey]], pollInterval: 0, cacheMode: 'disabled', // it does not ask: it is told
		}));
		window.client = OpenFeature.getClient();
		client.addHandler(ProviderEvents.ConfigurationChanged, ({ flagsChanged }) => { window.changed = flagsChanged.toSorted(); });
	};
	window.setContext = (context) => OpenFeature.setContext(context);
	document.title = 'loaded';
</script>`

func TestOpenFeaturesOwnWebProviderWorksInAPage(t *testing.T) {
	t.Parallel()
	var relay *process.Relay
	packages := http.FileServer(http.Dir("node_modules"))
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			packages.ServeHTTP(w, r)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(ofrepPage, "RELAY", relay.URL))
	}))
	t.Cleanup(shop.Close)
	relay, file := mustStartShop(t, "--allow-origin", shop.URL)
	opened, err := mustBrowser(t).Open(shop.URL)
	must(t, err)
	page := &page{Page: opened, t: t} // whose console may complain of what is refused at the end
	page.until(`document.title === 'loaded'`)

	eval[any](page, `start('shop', { targetingKey: 'Matt', plan: 'gold' })`)
	details := func(call string) string {
		return eval[string](page, `((d) => JSON.stringify([d.value, d.variant ?? null, d.reason, d.errorCode ?? null]))(client.`+call+`)`)
	}
	check := func(want map[string]string) {
		t.Helper()
		for call, is := range want {
			if got := details(call); got != is {
				t.Errorf("%s gives %s, want %s", call, got, is)
			}
		}
	}
	check(map[string]string{
		`getBooleanDetails('shelf', false)`:      `[true,"by_kind","SPLIT",null]`,
		`getStringDetails('shelf.title', '')`:    `["By kind","by_kind","SPLIT",null]`,
		`getNumberDetails('shelf.columns', 0)`:   `[3,"by_kind","SPLIT",null]`,
		`getNumberDetails('shelf.discount', 7)`:  `[7,"by_kind","SPLIT",null]`,
		`getObjectDetails('shelf.theme', {})`:    `[{"dark":true},"by_kind","SPLIT",null]`,
		`getBooleanDetails('banner', false)`:     `[true,"on","TARGETING_MATCH",null]`,
		`getStringDetails('item_sort', 'shelf')`: `["price","price","SPLIT",null]`,
		`getStringDetails('nobody', 'shelf')`:    `["shelf",null,"DEFAULT",null]`,
		`getStringDetails('shelf', 'x')`:         `["x",null,"ERROR","TYPE_MISMATCH"]`,
		`getBooleanDetails('shelves', true)`:     `[true,null,"ERROR","FLAG_NOT_FOUND"]`,
	})
	eval[any](page, `setContext({ targetingKey: 'Matt', plan: 'free' })`)
	check(map[string]string{
		`getBooleanDetails('shelf', true)`:    `[false,null,"DEFAULT",null]`,
		`getStringDetails('shelf.title', '')`: `["Everything",null,"DEFAULT",null]`,
		`getBooleanDetails('banner', true)`:   `[false,"off","DISABLED",null]`,
	})

	newer := strings.NewReplacer(`"revision": "12"`, `"revision": "13"`, `"defaultValue": "3"`, `"defaultValue": "4"`).Replace(relaytest.MustRead(t, shopFlags))
	mustReplace(t, file, newer)
	page.until(`window.changed?.join() === 'shelf.*,shelf.columns'`) // what the new context changed is told as well
	check(map[string]string{`getNumberDetails('shelf.columns', 0)`: `[4,null,"DEFAULT",null]`})

	t.Run("it does not start for nobody, and never of a project that is not there", func(t *testing.T) {
		for call, says := range map[string]string{`start('shop', {})`: "GENERAL", `start('none', { targetingKey: 'Matt' })`: "PROVIDER_FATAL"} {
			if got := eval[string](page, call+`.then(() => 'started', (error) => error.code ?? error.message)`); got != says {
				t.Errorf("%s says %q, want %s", call, got, says)
			}
		}
	})
}

func TestTheReadmesOpenFeatureServiceWorks(t *testing.T) {
	t.Parallel()
	relay, _ := mustStartShop(t)
	script := strings.NewReplacer(readmeRelay, relay.URL, "YOUR_SDK_KEY", "shop", "YOUR_FLAG", "shelf").Replace(mustReadExampleOf(t, "../README.md", "js")) +
		`console.log(JSON.stringify([isOn, title]));`
	if got := mustRunNode(t, script); got != `[true,"By kind"]` {
		t.Errorf("got %s", got)
	}
	mustCountExposures(t, relay, 1)
}

// mustCountExposures waits until so many visitors were exposed to the experiment of the flag shelf.
func mustCountExposures(t *testing.T, relay *process.Relay, visitors int) {
	t.Helper()
	eventually(t, func() (bool, string) {
		answer := relaytest.MustDo(t, "GET", relay.URL+"/v1/results/shop?experiment=shelf_order&timeseries=false", "", http.Header{"Authorization": {"Bearer T"}})
		return strings.Contains(answer.Body, fmt.Sprintf(`"total_count":%d,`, visitors)), answer.Body
	})
}

// A service that used Optimizely Agent: its requests as they are, but for the address.
func TestAClientOfOptimizelyAgentNeedsOnlyAnotherAddress(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay, _ := mustStartShop(t, "--events-url", upstream.URL)
	header := http.Header{"X-Optimizely-Sdk-Key": {"shop"}, "Content-Type": {"application/json"}, "Accept": {"application/json"}}
	const user = `{"userId":"Matt","userAttributes":{"plan":"gold"}}`
	for _, c := range []struct{ path, want string }{
		{"/v1/decide?keys=shelf", `{"variationKey":"by_kind","enabled":true,"ruleKey":"shelf_order","flagKey":"shelf","userContext":{"userId":"Matt","attributes":{"plan":"gold"}},` +
			`"reasons":[],"variables":{"title":"By kind","columns":3,"discount":null,"theme":{"dark":true}},"isEveryoneElseVariation":false}`},
		{"/v1/activate?experimentKey=item_sort", `[{"userId":"Matt","experimentKey":"item_sort","featureKey":"","variationKey":"price","type":"experiment","enabled":true}]`},
		{"/v1/track?eventKey=checkout", `{"userId":"Matt","eventKey":"checkout"}`},
	} {
		answer := relaytest.MustDo(t, "POST", relay.URL+c.path, user, header)
		if answer.Status != http.StatusOK || strings.TrimSpace(answer.Body) != c.want {
			t.Errorf("%s: %d %s, want %s", c.path, answer.Status, answer.Body, c.want)
		}
	}
	eventually(t, func() (bool, string) {
		told := []string{}
		for _, batch := range upstream.Batches() {
			if batch.ClientName == "sortition-relay" {
				told = append(told, batch.UUIDs()...)
			}
		}
		return len(told) == 3, fmt.Sprintf("%d of 3 events were delivered", len(told))
	})
	mustCountExposures(t, relay, 1)
}

// compareConfigs prints "equal" when the relay's config says of a datafile what the official SDK's OptimizelyConfig does, which
// leaves featureEnabled out where the datafile does, and is in another order.
const compareConfigs = `
	import assert from 'node:assert/strict';
	import { readFileSync } from 'node:fs';
	import { createInstance, createStaticProjectConfigManager } from '@optimizely/optimizely-sdk';
	const [url, file] = process.argv.slice(1);
	const client = createInstance({ projectConfigManager: createStaticProjectConfigManager({ datafile: readFileSync(file, 'utf8') }) });
	await client.onReady();
	const complete = (key, value) => (value?.variablesMap && value.key && !value.experimentRules ? { ...value, featureEnabled: value.featureEnabled ?? false } : value);
	const { datafile, ...official } = JSON.parse(JSON.stringify(client.getOptimizelyConfig(), complete));
	const answer = await fetch(url + '/v1/config', { headers: { 'X-Optimizely-SDK-Key': 'shop' } });
	assert.deepEqual(await answer.json(), official);
	console.log('equal');
	process.exit();`

func TestTheConfigIsTheOfficialSDKs(t *testing.T) {
	t.Parallel()
	relay, file := mustStartShop(t)
	if got := mustRunNode(t, compareConfigs, relay.URL, file); got != "equal" {
		t.Error(got)
	}
}
