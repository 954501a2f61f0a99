package server

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestAClientIsWhoTrustedProxiesSay(t *testing.T) {
	s := New(Options{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}})
	for name, test := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":                          {"192.0.2.1:1", nil, "192.0.2.1"},
		"a proxy nobody trusts":             {"192.0.2.1:1", []string{"198.51.100.7"}, "192.0.2.1"},
		"a trusted proxy":                   {"10.1.1.1:1", []string{"198.51.100.7"}, "198.51.100.7"},
		"a trusted proxy that says nothing": {"10.1.1.1:1", nil, "10.1.1.1"},
		"what the client itself put there":  {"10.1.1.1:1", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"},
		"two trusted proxies":               {"10.1.1.1:1", []string{"203.0.113.9, 198.51.100.7, 10.2.2.2"}, "198.51.100.7"},
		"two headers":                       {"10.1.1.1:1", []string{"203.0.113.9", "198.51.100.7"}, "198.51.100.7"},
		"nonsense":                          {"10.1.1.1:1", []string{"198.51.100.7, unknown"}, "10.1.1.1"},
		"IPv4 as IPv6":                      {"[::ffff:10.1.1.1]:1", []string{"::ffff:198.51.100.7"}, "198.51.100.7"},
		"a port":                            {"10.1.1.1:1", []string{"198.51.100.7:51234"}, "198.51.100.7"},
		"an IPv6 address with a port":       {"10.1.1.1:1", []string{"[2001:db8::7]:51234"}, "2001:db8::7"},
		"IPv6":                              {"[fd00::1]:1", []string{"2001:db8::7"}, "2001:db8::7"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: test.remote, Header: http.Header{"X-Forwarded-For": test.forwarded}}
			if got := s.clientOf(r); got.String() != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

func TestEachClientHasALimitOfItsOwn(t *testing.T) {
	limits := newClientLimits(3)
	allowed := func(address string) (n int) {
		for range 10 {
			if limits.allow(netip.MustParseAddr(address)) {
				n++
			}
		}
		return n
	}
	for _, test := range []struct {
		address string
		want    int
	}{
		{"192.0.2.1", 3}, {"192.0.2.1", 0}, {"192.0.2.2", 3},
		{"2001:db8::1", 3}, {"2001:db8::2", 0}, {"2001:db8:0:1::1", 3}, // a household shares one
	} {
		if got := allowed(test.address); got < test.want || got > test.want+1 { // a token may come back meanwhile
			t.Errorf("%s: %d were allowed, want %d", test.address, got, test.want)
		}
	}
}

func TestTheClientsThatAreRememberedAreBounded(t *testing.T) {
	limits := newClientLimits(1)
	first := netip.MustParseAddr("10.0.0.0")
	its := limits.limiter(household(first))
	for client, i := first, 0; i < 3*maxClients; client, i = client.Next(), i+1 {
		limits.allow(client)
		limits.allow(first)
	}
	if n := len(limits.now) + len(limits.old); n > 2*maxClients {
		t.Errorf("%d clients are remembered", n)
	}
	if limits.limiter(household(first)) != its {
		t.Error("one who goes on sending was forgotten")
	}
}
