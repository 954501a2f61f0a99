package fleet

import (
	"strings"
	"testing"
	"time"
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

func TestAPasswordIsNotLogged(t *testing.T) {
	if got := withoutPassword("nats://relay:se@cret@n1:4222,tls://n2"); got != "nats://n1:4222,tls://n2" {
		t.Errorf("it is %s", got)
	}
}
