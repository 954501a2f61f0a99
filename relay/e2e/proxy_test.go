package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// mustProxy serves a relay as a proxy does, which makes of a request what rewrite says.
func mustProxy(t *testing.T, relay *process.Relay, rewrite func(r *httputil.ProxyRequest)) (address string) {
	t.Helper()
	target, err := url.Parse(relay.URL)
	must(t, err)
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(target); rewrite(r) },
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
	t.Cleanup(server.CloseClientConnections)
	return server.URL
}

func TestARelayMayBeServedBelowTheRootOfItsHost(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	address := mustProxy(t, relay, func(r *httputil.ProxyRequest) {
		r.Out.Host = r.In.Host
		r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, "/ab")
	})
	store := mustOpen(t, address+"/ab/")
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
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	p, err := mustBrowser(t).Open(mustProxy(t, relay, func(*httputil.ProxyRequest) {}) + "/")
	must(t, err)
	store := &page{Page: p, t: t}
	store.enter("Matt")
	must(t, store.Click("button", "buy now"))
	store.sees("bought, safe")
	upstream.WaitEvents(t, 2)
}
