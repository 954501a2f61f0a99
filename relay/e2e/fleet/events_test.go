package fleet

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

// printEvents runs relay events and returns the uuids that it prints, or what it says when it fails.
func printEvents(t *testing.T, args ...string) (uuids []string, says string) {
	t.Helper()
	var out, said strings.Builder
	command := exec.CommandContext(relaytest.Context(t), relayBinary, append([]string{"events"}, args...)...)
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return nil, said.String()
	}
	for line := range strings.Lines(out.String()) {
		var printed struct{ Event struct{ UUID string } }
		must(t, json.Unmarshal([]byte(line), &printed))
		uuids = append(uuids, printed.Event.UUID)
	}
	return uuids, said.String()
}

func TestRelayEventsPrintsTheFleetsStream(t *testing.T) {
	id := idOf(t.TempDir())
	shared := mustJoin(t, fleet.Options{ID: id})
	defer func() { must(t, shared.Close()) }()
	log := streamlog.New(shared, streamlog.Options{})
	relaytest.MustRun(t, "event log", log.Run)
	at := []string{"--nats", single.URL(), "--nats-fleet", id}
	if uuids, says := printEvents(t, at...); len(uuids) > 0 || says != "" {
		t.Errorf("of an empty stream it prints %v and says %q", uuids, says)
	}
	conversion := func(uuid string) string {
		return relaytest.Body(relaytest.Conversion("Matt", "9", "bought", uuid, 1_790_000_000_000, 0))
	}
	eventlogtest.MustAppend(t, log, "shop", conversion("one"))
	eventlogtest.MustAppend(t, log, "other", conversion("two"))
	// Two relays that took the same event at the same moment put it into the stream twice.
	first, err := shared.Events.GetMsg(t.Context(), 1)
	must(t, err)
	for _, message := range [][]byte{first.Data, []byte("no message of a relay")} {
		_, err = shared.JetStream().Publish(t.Context(), shared.Subject("events"), message)
		must(t, err)
	}
	eventlogtest.MustAppend(t, log, "shop", conversion("three"))
	for _, test := range []struct{ args, want string }{
		{"", "one two three"},
		{"--sdk-key shop", "one three"},
		{"--project-id " + relaytest.ProjectID, "one two three"},
		{"--project-id 1", ""},
		{"--since 1h", "one two three"},
		{"--since " + time.Now().Add(time.Hour).Format(time.RFC3339), ""},
		{"--since " + time.Now().Add(100*24*time.Hour).Format(time.RFC3339), ""},
		{"--until 1h", ""},
	} {
		t.Run("relay events "+test.args, func(t *testing.T) {
			uuids, says := printEvents(t, append(slices.Clone(at), strings.Fields(test.args)...)...)
			if got := strings.Join(uuids, " "); got != test.want {
				t.Errorf("it prints %s, and says %q", got, says)
			}
		})
	}
	if _, says := printEvents(t, at...); !strings.Contains(says, "messages of the event log that could not be read were passed over: 1") {
		t.Errorf("of a message that no relay wrote it says %q", says)
	}
}

func TestRelayEventsSaysWhatOfTheFleetIsNotThere(t *testing.T) {
	for _, test := range []struct {
		name, args string
		says       []string
	}{
		{"another fleet", "--nats " + single.URL() + " --nats-fleet nobody", []string{"read the fleet nobody at", "there is none of this id"}},
		{"no server", "--nats nats://relay:secret@127.0.0.1:1", []string{"127.0.0.1:1: nobody answers there"}},
		{"credentials for no server", "--nats-credentials some.creds", []string{"--nats-credentials", "needs a --nats"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, says := printEvents(t, strings.Fields(test.args)...)
			for _, part := range test.says {
				if !strings.Contains(says, part) {
					t.Errorf("it does not say %q: %s", part, says)
				}
			}
			if strings.Contains(says, "secret") {
				t.Errorf("it repeats a password: %s", says)
			}
		})
	}
}
