package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"golang.org/x/time/rate"
)

// maxClients bounds the addresses that are remembered: twice as many.
const maxClients = 50_000

// clientLimits bounds how many posts a second one address may send, in bursts of as many. Addresses that were not seen for a
// while are forgotten by and by, and begin anew.
type clientLimits struct {
	perSecond int // 0 is no limit

	mu       sync.Mutex
	now, old map[netip.Prefix]*rate.Limiter
}

func newClientLimits(perSecond int) *clientLimits {
	return &clientLimits{perSecond: perSecond, now: map[netip.Prefix]*rate.Limiter{}}
}

// allow tells whether an address may send one more.
func (c *clientLimits) allow(client netip.Addr) bool {
	return c.limiter(household(client)).Allow()
}

// household is what counts as one client: of IPv6, a network of the size that one household gets.
func household(client netip.Addr) netip.Prefix {
	bits := client.BitLen()
	if client.Is6() {
		bits = 64
	}
	prefix, _ := client.Prefix(bits) // an invalid address has the invalid prefix
	return prefix
}

func (c *clientLimits) limiter(client netip.Prefix) *rate.Limiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if limiter, ok := c.now[client]; ok {
		return limiter
	}
	if len(c.now) == maxClients {
		c.now, c.old = map[netip.Prefix]*rate.Limiter{}, c.now
	}
	limiter, ok := c.old[client]
	if !ok {
		limiter = rate.NewLimiter(rate.Limit(c.perSecond), c.perSecond)
	}
	c.now[client] = limiter
	return limiter
}

// mayPost tells whether a request's client may post one more.
func (s *Server) mayPost(r *http.Request) bool {
	return s.posts.perSecond == 0 || s.posts.allow(s.clientOf(r))
}

// clientOf returns the address a request comes from. Only what a trusted proxy says of another counts: of X-Forwarded-For the
// last address that is no trusted proxy.
func (s *Server) clientOf(r *http.Request) netip.Addr {
	at, _ := netip.ParseAddrPort(r.RemoteAddr) // net/http's own, or a test's
	client := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.trusts(client) {
			break
		}
		before, err := hopAddress(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		client = before.Unmap().WithZone("")
	}
	return client
}

// hopAddress reads a hop of X-Forwarded-For, to which some proxies add the client's port.
func hopAddress(hop string) (netip.Addr, error) {
	if at, err := netip.ParseAddrPort(hop); err == nil {
		return at.Addr(), nil
	}
	return netip.ParseAddr(hop)
}

func (s *Server) trusts(proxy netip.Addr) bool {
	return slices.ContainsFunc(s.o.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(proxy) })
}
