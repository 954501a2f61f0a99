package e2e

import (
	"slices"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
)

func TestAKilledRelayComesBackWithEveryCountAndThePageReconnects(t *testing.T) {
	t.Parallel()
	options := process.Options{DataDir: t.TempDir(), Listen: mustKeepAddress(t)}
	relay, err := process.Start(t.Context(), options)
	must(t, err)
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/", neverLong)
	for _, id := range []string{"Matt", "Joe", "Ada"} {
		store.enter(id)
		must(t, store.Click("button", "buy now"))
	}
	want := counts{Visitors: 3, Conversions: 3}
	mustCountUntil(t, relay, want)

	must(t, relay.Kill())
	store.until(`/reconnecting|offline/i.test(document.body.innerText)`)
	again := mustStart(t, options)
	mustCountUntil(t, again, want)
	store.until(`/\blive\b/i.test(document.querySelector('header').innerText)`)

	store.enter("Bram")
	must(t, store.Click("button", "buy now"))
	mustCountUntil(t, again, counts{Visitors: 4, Conversions: 4})
	mustOnlyMissTheRelay(store)
}

func TestWhatIsBoughtWhileTheRelayIsDownIsCountedWhenItIsBack(t *testing.T) {
	t.Parallel()
	options := process.Options{DataDir: t.TempDir(), Listen: mustKeepAddress(t)}
	relay, err := process.Start(t.Context(), options)
	must(t, err)
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/", neverLong)
	store.enter("Matt")
	mustCountUntil(t, relay, counts{Visitors: 1})

	must(t, relay.Kill())
	must(t, store.Click("button", "buy now"))
	again := mustStart(t, options)
	mustCountUntil(t, again, counts{Visitors: 1, Conversions: 1})
	mustOnlyMissTheRelay(store)
}

// mustOnlyMissTheRelay forgives the page what Chromium itself writes on the console when nobody answers.
func mustOnlyMissTheRelay(p *page) {
	p.t.Helper()
	complaints := slices.DeleteFunc(p.Complaints(), func(c string) bool {
		return strings.Contains(c, "net::ERR_") || strings.Contains(c, "WebSocket connection to")
	})
	for _, c := range complaints {
		p.t.Errorf("the page's console: %s", c)
	}
}
