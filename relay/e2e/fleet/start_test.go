package fleet

import (
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

func TestWhatDoesNotFitIsToldAtTheStart(t *testing.T) {
	guarded := mustServer(t, "authorization { user: relay, password: secret }")
	id, taken := idOf(t.TempDir()), idOf(t.TempDir())
	other := mustJoin(t, fleet.Options{ID: idOf(t.TempDir())})
	defer func() { must(t, other.Close()) }()
	_, err := other.JetStream().CreateStream(t.Context(), jetstream.StreamConfig{Name: taken, Subjects: []string{taken + ".>"}})
	must(t, err)
	first := []string{"--nats", single.URL(), "--nats-fleet", id, "--max-backlog", "64MiB"}
	relay, err := process.Start(t.Context(), process.Options{Binary: relayBinary, DataDir: t.TempDir(), Args: first})
	must(t, err)
	defer func() { must(t, relay.Stop()) }()
	for _, test := range []struct {
		name string
		args []string
		says []string
	}{
		{"a wrong password", []string{"--nats", "nats://relay:wrong@" + guarded.Nodes[0].Address}, []string{"the credentials are refused"}},
		{"no password", []string{"--nats", guarded.URL()}, []string{"the credentials are refused"}},
		{"a file of credentials that is not there", []string{"--nats", guarded.URL(), "--nats-credentials", "/no/such.creds"}, []string{"/no/such.creds"}},
		{"a server that takes no large messages", []string{"--nats", mustServer(t, "max_payload: 65536").URL()},
			[]string{"max_payload is 65536 bytes; relays need 1048576"}},
		{"a server that speaks no TLS", []string{"--nats", strings.Replace(single.URL(), "nats://", "tls://", 1)}, []string{"secure connection not available"}},
		{"a stream of others with the fleet's subjects", []string{"--nats", single.URL(), "--nats-fleet", taken}, []string{taken + "-events", "subjects overlap"}},
		{"a stream of another size", []string{"--nats", single.URL(), "--nats-fleet", id, "--max-backlog", "32MiB"},
			[]string{id + "-events exists with other settings", "max_bytes is 67108864, this relay wants 33554432"}},
		{"more replicas than there are servers", []string{"--nats", single.URL(), "--nats-replicas", "3", "--nats-fleet", id + "r"}, []string{"replicas"}},
		{"another fleet of the same id", append(first, "--project", "other=https://127.0.0.1:1/x.json"),
			[]string{"it serves demo, sandbox", "this relay other", "need an id each"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := process.Start(t.Context(), process.Options{Binary: relayBinary, DataDir: t.TempDir(), Args: test.args})
			if err == nil {
				t.Fatal("the relay started")
			}
			for _, says := range test.says {
				if !strings.Contains(err.Error(), says) {
					t.Errorf("it does not say %q: %v", says, err)
				}
			}
			if strings.Contains(err.Error(), "wrong@") {
				t.Errorf("it repeats a password: %v", err)
			}
		})
	}
	relaytest.MustGet(t, relay.URL+"/readyz")
}
