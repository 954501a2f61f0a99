package fleet

import (
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

func TestClocksThatAreMinutesApartAreTold(t *testing.T) {
	servers := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for ahead, says := range map[time.Duration]string{
		0:                "",
		50 * time.Second: "",
		-time.Minute:     "",
		3 * time.Minute:  "this machine's clock is 3m0s ahead of the NATS servers'",
		-2 * time.Hour:   "this machine's clock is 2h0m0s behind the NATS servers'",
	} {
		err := skew(servers.Add(ahead), servers)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%v ahead: %v, want %q", ahead, err, says)
		}
	}
}

func TestAStreamThatWouldRefuseOrLoseEventsIsTold(t *testing.T) {
	f := &Fleet{options: Options{ID: "f", Replicas: 1, MaxBytes: 1 << 20}}
	for says, change := range map[string]func(*jetstream.StreamConfig){
		"":                                  func(*jetstream.StreamConfig) {},
		"max_msg_size is 1000":              func(c *jetstream.StreamConfig) { c.MaxMsgSize = 1000 },
		"max_msgs is 5":                     func(c *jetstream.StreamConfig) { c.MaxMsgs = 5 },
		"max_age is 1h0m0s":                 func(c *jetstream.StreamConfig) { c.MaxAge = time.Hour },
		"max_bytes is 7":                    func(c *jetstream.StreamConfig) { c.MaxBytes = 7 },
		"discard is DiscardOld":             func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld },
		"retention is WorkQueue":            func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy },
		"replicas is 3, this relay wants 1": func(c *jetstream.StreamConfig) { c.Replicas = 3 },
	} {
		have := f.eventsConfig()
		change(&have)
		err := differences("stream", f.eventsConfig(), have)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("it says %v, want %q", err, says)
		}
	}
}
