package e2e

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestARelayMayBeServedBelowTheRootOfItsHost(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	proxy := mustNetwork(t, mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}}))
	proxy.when("/", replaced(http.StatusNotFound, "text/plain", "another application's"))
	proxy.when("/ab/", func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		http.StripPrefix("/ab", pass).ServeHTTP(w, r)
	})
	store := mustOpen(t, proxy.URL+"/ab/")
	store.enter("Matt")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, safe")
	upstream.WaitEvents(t, 2)
	must(t, store.Click("DisclosureTriangle", "change the experiment"))
	must(t, store.Press("slider", "price", kb.End))
	must(t, store.Click("button", "change for everyone"))
	store.chip("Live, revision 2")
}

func TestBehindAProxyThatHidesTheHostPurchasesAreKept(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	proxy := mustNetwork(t, mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}}))
	proxy.when("/", func(w http.ResponseWriter, r *http.Request, pass http.Handler) {
		r.Host = "relay"
		pass.ServeHTTP(w, r)
	})
	p, err := mustBrowser(t).Open(proxy.URL + "/")
	must(t, err)
	store := &page{Page: p, t: t} // its websockets are refused, which the console tells
	store.enter("Matt")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, safe")
	upstream.WaitEvents(t, 2)
}
