package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

const secret = "the-webhook-secret"

func TestAChangedDemoFileRefreshesTheOpenPageWithoutAReload(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: data})
	store := mustOpen(t, relay.URL+"/")
	store.enter("Matt")
	markAsNotReloaded(store)

	for i, variation := range []string{"category", "price", "category"} {
		mustReplace(t, filepath.Join(data, "demo.json"), demoDatafile(t, fmt.Sprint(100+i), variation))
		store.until(facts + `.Variation === ` + quote(variation))
		if order := store.order(); order != variation {
			t.Errorf("revision %d puts everyone in %s, but the shelf is sorted %s", 100+i, variation, order)
		}
		store.sees(fmt.Sprint(100 + i))
	}
	mustNotHaveReloaded(store)
}

func TestASignedWebhookBringsTheChangedSourceToTheOpenPage(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	source := cdn.Put("/datafiles/demo.json", demoDatafile(t, "1", "price"))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source, "--webhook-secret", secret}})
	store := mustOpen(t, relay.URL+"/")
	if variation := store.enter("Matt"); variation != "price" {
		t.Fatalf("revision 1 puts everyone in price, but Matt is in %s", variation)
	}
	markAsNotReloaded(store)

	cdn.Put("/datafiles/demo.json", demoDatafile(t, "2", "category"))
	status, err := demo.SendWebhook(t.Context(), relay.URL, "2", secret)
	must(t, err)
	if status != http.StatusOK {
		t.Fatalf("the webhook was answered %d", status)
	}
	store.until(facts + `.Variation === 'category'`)
	if order := store.order(); order != "category" {
		t.Errorf("the shelf is sorted %s", order)
	}
	mustNotHaveReloaded(store)
}

func TestAWebhookIsRefusedUnlessItIsSignedRight(t *testing.T) {
	t.Parallel()
	cdn := relaytest.NewCDN(t)
	source := cdn.Put("/datafiles/demo.json", demoDatafile(t, "1", "price"))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source, "--webhook-secret", secret}})
	for name, key := range map[string]string{"no signature": "", "a signature with another secret": "guessed"} {
		t.Run(name, func(t *testing.T) {
			status, err := demo.SendWebhook(t.Context(), relay.URL, "2", key)
			must(t, err)
			if status != http.StatusUnauthorized {
				t.Errorf("answered %d", status)
			}
		})
	}
}

func TestABadDatafileNeverReplacesAGoodOneAndIsTold(t *testing.T) {
	t.Parallel()
	bad := map[string]string{
		"empty":             "",
		"truncated":         demoDatafile(t, "2", "category")[:500],
		"of no JSON":        "<html>gateway timeout</html>",
		"of a newer format": strings.Replace(demoDatafile(t, "2", "category"), `"version": "4"`, `"version": "5"`, 1),
	}
	for name, content := range bad {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			relay := mustStart(t, process.Options{DataDir: data})
			mustReplace(t, filepath.Join(data, "demo.json"), demoDatafile(t, "7", "price"))
			store := mustOpen(t, relay.URL+"/")
			store.enter("Matt")
			store.until(facts + `.Variation === 'price'`)
			served := relaytest.MustGet(t, relay.URL+"/datafiles/demo.json").Body

			mustReplace(t, filepath.Join(data, "demo.json"), content)
			mustBecomeDegraded(t, relay, "demo")
			store.sees("datafile")
			store.until(`[...document.querySelectorAll('[role=alert]')].some((e) => /datafile|revision/i.test(e.textContent))`)
			if variation := store.variation(); variation != "price" {
				t.Errorf("the page went to %s", variation)
			}
			if now := relaytest.MustGet(t, relay.URL+"/datafiles/demo.json").Body; now != served {
				t.Errorf("the relay now serves %.80q", now)
			}

			mustReplace(t, filepath.Join(data, "demo.json"), demoDatafile(t, "8", "category"))
			store.until(facts + `.Variation === 'category'`)
			store.until(`[...document.querySelectorAll('[role=alert]')].every((e) => !e.textContent.trim())`)
		})
	}
}

// mustBecomeDegraded waits until /readyz, still 200, lists the project as degraded.
func mustBecomeDegraded(t *testing.T, relay *process.Relay, sdkKey string) {
	t.Helper()
	eventually(t, func() (bool, string) {
		answer := relaytest.MustGet(t, relay.URL+"/readyz")
		if answer.Status != http.StatusOK {
			t.Fatalf("/readyz answered %d %s while a good datafile is there", answer.Status, answer.Body)
		}
		var ready struct{ Degraded json.RawMessage }
		must(t, json.Unmarshal([]byte(answer.Body), &ready))
		return strings.Contains(string(ready.Degraded), sdkKey), "/readyz does not list " + sdkKey + ": " + answer.Body
	})
}

// markAsNotReloaded leaves a mark that a reload would wipe out.
func markAsNotReloaded(p *page) { eval[bool](p, `globalThis.stillTheSamePage = true`) }

func mustNotHaveReloaded(p *page) {
	p.t.Helper()
	if !eval[bool](p, `globalThis.stillTheSamePage === true`) {
		p.t.Error("the page was reloaded")
	}
}

// shortToast has the message in the corner pass in half a second instead of ten; who waits for the page waits as long as ever.
const shortToast = `
	const later = globalThis.setTimeout;
	globalThis.setTimeout = (call, ms, ...more) => later(call, ms === 10_000 && new Error().stack.includes('/assets-') ? 500 : ms, ...more);`

func TestTheMessageInTheCornerStaysWhileItIsPointedAtOrHasTheFocus(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", shortToast)
	store.chip("Live, revision 1")
	store.sees("Matt sees: sorted by price")
	const toast, button = `document.querySelector('.js-toast')`, `document.querySelector('.js-toast [data-action="close"]')`
	point := func(event string) string { return toast + `.dispatchEvent(new Event('` + event + `'))` }
	mustStay := func(why string) {
		t.Helper()
		if eval[bool](store, `new Promise((done) => setTimeout(() => done(`+toast+`.hidden), 1500))`) {
			t.Errorf("the message passed although %s", why)
		}
	}
	eval[bool](store, point("pointerenter"))
	mustReplace(t, file, demoDatafile(t, "2", "category"))
	store.sees("Revision 1 → 2")
	mustStay("it came where the pointer is")
	eval[any](store, `(`+toast+`.hidden = false, `+button+`.focus(), `+point("pointerleave")+`, 1)`)
	mustStay("it has the focus")
	eval[any](store, `(`+button+`.blur(), 1)`)
	store.until(toast + `.hidden`)
}

func TestTheFocusGoesBackToWhereItWasBeforeTheMessageInTheCorner(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.chip("Live, revision 1")
	store.sees("Matt sees: sorted by price")
	for i, key := range []string{kb.Enter, kb.Escape} {
		must(t, store.Press("textbox", "visitor", kb.Home))
		mustReplace(t, file, demoDatafile(t, strconv.Itoa(i+2), "category"))
		store.sees(fmt.Sprintf("Revision %d → %d", i+1, i+2))
		must(t, store.Press("button", "Dismiss", key))
		store.until(`document.querySelector('.js-toast').hidden`)
		if !eval[bool](store, `document.activeElement.id === 'visitor'`) {
			t.Errorf("after %q the focus is at %q", key, eval[string](store, focused))
		}
	}
}
