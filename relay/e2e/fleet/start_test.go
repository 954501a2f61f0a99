package fleet

import (
	"testing"

	"strings"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestWhatDoesNotFitIsToldAtTheStart(t *testing.T) {
	guarded := mustServer(t, "authorization { user: relay, password: secret }")
	id := idOf(t.TempDir())
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
		{"nobody there", []string{"--nats", "nats://127.0.0.1:1"}, []string{"nobody answers there", "127.0.0.1:1"}},
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
