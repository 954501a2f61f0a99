package dispatcher

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

func TestAConnectionThatWentSilentTakesNoFurtherAttempt(t *testing.T) {
	address, trust := relaytest.MustServeHTTP2(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	tunnel := relaytest.MustTunnel(t, address)
	transport := newTransport(250 * time.Millisecond)
	transport.TLSClientConfig = trust
	defer transport.CloseIdleConnections()
	p := poster{client: &http.Client{Transport: transport}, timeout: 5 * time.Second}
	post := func() outcome { return p.post(t.Context(), "https://"+tunnel.Address(), []byte("{}")) }
	if answer := post(); !answer.delivered() {
		t.Fatal(answer)
	}
	tunnel.Silence()
	post() // may have to learn it
	if answer := post(); !answer.delivered() {
		t.Errorf("the second attempt came to nothing: %v", answer)
	}
}

func TestNothingSecretOfAnAddressIsTold(t *testing.T) {
	transport := newTransport(maxSilence)
	defer transport.CloseIdleConnections()
	p := poster{client: &http.Client{Transport: transport}, timeout: 5 * time.Second}
	for _, address := range []string{"http://me:s3cret@127.0.0.1:1/v1/events", "http://127.0.0.1:1/v1/events?key=s3cret"} {
		told := p.post(t.Context(), address, []byte("{}")).String()
		if strings.Contains(told, "s3cret") || !strings.Contains(told, `"http://127.0.0.1:1/v1/events"`) {
			t.Errorf("of %s: %s", address, told)
		}
	}
}
