package fleet

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// mustStartAway starts a relay of a fleet whose servers are not there.
func mustStartAway(t *testing.T, nats string) *process.Relay {
	t.Helper()
	relay, err := process.Start(t.Context(), process.Options{Binary: relayBinary, DataDir: t.TempDir(), Unready: true,
		Args: []string{"--nats", nats, "--max-backlog", "64MiB"}})
	must(t, err)
	t.Cleanup(func() { must(t, relay.Kill()) }) // one that a failed test has not stopped
	return relay
}

func TestARelayThatIsThereBeforeNATSWaitsForIt(t *testing.T) {
	t.Parallel()
	server := mustServer(t, "authorization { user: relay, password: secret }")
	node := server.Nodes[0]
	must(t, node.Kill())
	relay := mustStartAway(t, "nats://relay:secret@"+node.Address)
	for _, test := range []struct {
		url    string
		status int
		says   string
	}{
		{relay.URL + "/healthz", http.StatusOK, "alive"},
		{relay.URL + "/readyz", http.StatusServiceUnavailable, `"status":"unavailable","error":"the relay waits for the NATS servers`},
		{relay.URL + "/datafiles/demo.json", http.StatusServiceUnavailable, "waits for the NATS servers"},
		{relay.AdminURL() + "/v1/projects", http.StatusServiceUnavailable, "waits for the NATS servers"},
	} {
		got := relaytest.MustGet(t, test.url)
		if got.Status != test.status || !strings.Contains(got.Body, test.says) {
			t.Errorf("%s was answered %d: %s", test.url, got.Status, got.Body)
		}
	}
	eventually(t, func() (bool, string) {
		return strings.Contains(relay.Log(), node.Address+": nobody answers there"), "it does not say whom it waits for: " + relay.Log()
	})
	must(t, node.Start())
	awaitReady(t, relay)
	body, _ := demotest.Purchase(1)
	if got := relaytest.MustPost(t, relay.URL+"/v1/events", body); got.Status != http.StatusNoContent {
		t.Errorf("events are answered %d: %s", got.Status, got.Body)
	}
	must(t, relay.Stop())
	if log := relay.Log(); strings.Count(log, "waiting for the NATS servers") != 1 || strings.Contains(log, "secret") {
		t.Errorf("it said:\n%s", log)
	}
}

func TestSIGTERMEndsTheWaitForNATSAtOnce(t *testing.T) {
	for name, away := range map[string]func(*natsserver.Node) error{
		"killed": (*natsserver.Node).Kill,
		"silent": (*natsserver.Node).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := mustServer(t, "")
			must(t, away(server.Nodes[0]))
			relay := mustStartAway(t, server.URL())
			const longest = 3 * time.Second // less than a silent server is given to answer
			began := time.Now()
			must(t, relay.Stop())
			if took := time.Since(began); took > longest {
				t.Errorf("it took %v", took)
			}
		})
	}
}
