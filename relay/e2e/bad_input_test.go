package e2e

import (
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
)

// config is the page's config.json with some of its text replaced.
func config(oldnew ...string) string {
	return strings.NewReplacer(oldnew...).Replace(`{"relayUrl":"","sdkKey":"demo","experimentKey":"item-sort",` +
		`"eventKey":"item_purchase","sort":{"price":"price","category":"category"}}`)
}

func TestSettingsThatCannotWorkAreToldInOneSentenceWithWhatToDo(t *testing.T) {
	t.Parallel()
	const stays = " The shelf stays in our own order."
	tests := map[string]struct {
		status int
		config string
		want   string
	}{
		"missing":             {404, "not found", "config.json answered with status 404: beside this page belongs a config.json like the one in the repository." + stays},
		"not JSON":            {200, `{"relayUrl": "",`, "config.json is not JSON at line 1, column 17: beside this page belongs a config.json like the one in the repository." + stays},
		"a list":              {200, `[1]`, "config.json is [1], which holds no settings: beside this page belongs a config.json like the one in the repository." + stays},
		"a number as a text":  {200, config(`"demo"`, `7`), "sdkKey in config.json is 7, which is no text: it should be the SDK key of your project." + stays},
		"a text as orders":    {200, config(`{"price":"price","category":"category"}`, `"price"`), `sort in config.json is "price": it should be like {"price":"price","category":"category"}.`},
		"without a key":       {200, `{"relayUrl":"","sdkKey":"demo"}`, "config.json has no experimentKey: add the key of the experiment that sorts the shelf." + stays},
		"an unknown setting":  {200, config(`"sort"`, `"sorting"`), "config.json has a setting named sorting, which means nothing here: there are relayUrl, sdkKey, experimentKey, eventKey and sort."},
		"an unknown order":    {200, config(`"price":"price"`, `"price":"size"`), "config.json sorts price by size, which is no order: there are price, category, name and shelf."},
		"another scheme":      {200, config(`"relayUrl":""`, `"relayUrl":"ftp://relay"`), "relayUrl in config.json is ftp://relay: it should begin with http:// or https://, or be \"\" when the relay serves this page." + stays},
		"an unreachable one":  {200, config(`"relayUrl":""`, `"relayUrl":"http://127.0.0.1:9"`), "The relay at http://127.0.0.1:9 cannot be reached: check relayUrl in config.json, and that the relay runs and allows the origin of this page." + stays},
		"an unknown sdkKey":   {200, config(`"demo"`, `"nobody"`), "The relay has no project with the sdkKey nobody, or wants another token: its --page-project may name another, or no relay serves this page, and config.json needs its relayUrl." + stays},
		"no such experiment":  {200, config("item-sort", "banner"), "Revision 1 of the datafile has no experiment banner: set the relay’s --page-experiment to item-sort." + stays},
		"no such event":       {200, config("item_purchase", "buy"), "Revision 1 of the datafile has no event buy, so purchases are not counted: set the relay’s --page-event to item_purchase."},
		"variations unmapped": {200, config(`{"price":"price","category":"category"}`, `{}`), ""},
	}
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := mustNetwork(t, relay)
			n.when("/config.json", replaced(test.status, "application/json", test.config))
			store := mustOpenInTrouble(t, b, n.URL+"/?user=Matt", "")
			defer store.Close()
			if test.want == "" {
				store.sees("no order is set for this variation: ours stays.")
				store.sees("Matt sees: our own order")
				return
			}
			store.notice(test.want)
			if prices := store.prices(); len(prices) != 9 {
				t.Errorf("the shelf has %v", prices)
			}
		})
	}
}

func TestARelaysAddressMayEndWithASlash(t *testing.T) {
	t.Parallel()
	n := mustNetwork(t, mustStart(t, process.Options{}))
	n.when("/config.json", replaced(200, "application/json", config(`"relayUrl":""`, `"relayUrl":"`+n.URL+`/"`)))
	store := mustOpen(t, n.URL+"/?user=Matt")
	store.chip("Live, revision 1")
}

func TestEveryPageNamesWhatIsWrongWithItsSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ config, want, chip string }{
		"not JSON":           {`{"relayUrl": "",`, "config.json is not JSON at line 1, column 17:", "Offline"},
		"a number as a text": {config(`"demo"`, `7`), "sdkKey in config.json is 7, which is no text:", "Offline"},
		"an unknown setting": {config(`"sort"`, `"sorting"`), "config.json has a setting named sorting,", "Live, revision 1"},
	}
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			n := mustNetwork(t, relay)
			n.when("/config.json", replaced(200, "application/json", test.config))
			for _, path := range []string{"/", "/console.html", "/results.html"} {
				page := mustOpenInTrouble(t, b, n.URL+path, "")
				page.notice(test.want)
				page.chip(test.chip)
				if test.chip == "Offline" {
					must(t, page.Click("button", "Offline"))
					page.sees("This page asks no relay")
				}
				page.until(`!/loading…|Asking/.test(document.body.innerText)`) // it does not wait for what will not come
				page.Close()
			}
		})
	}
}
