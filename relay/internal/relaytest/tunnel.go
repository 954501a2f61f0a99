package relaytest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Tunnel is a way to a server whose connections can go silent, as where a NAT or a load balancer forgets them: what is sent on them
// arrives nowhere, and nobody says so.
type Tunnel struct {
	listener net.Listener
	to       string
	running  sync.WaitGroup

	mu    sync.Mutex
	conns []*tunnelConn
}

type tunnelConn struct {
	net.Conn
	silent atomic.Bool
}

// MustTunnel opens a way to an address.
func MustTunnel(tb testing.TB, to string) *Tunnel {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	t := &Tunnel{listener: listener, to: to}
	t.running.Go(t.accept)
	tb.Cleanup(func() {
		_ = listener.Close()
		t.each(func(c *tunnelConn) { _ = c.Close() })
		t.running.Wait()
	})
	return t
}

// Address is where it begins.
func (t *Tunnel) Address() string { return t.listener.Addr().String() }

// Silence has all connections go silent that there are. Others may be opened.
func (t *Tunnel) Silence() { t.each(func(c *tunnelConn) { c.silent.Store(true) }) }

func (t *Tunnel) each(do func(*tunnelConn)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.conns {
		do(c)
	}
}

func (t *Tunnel) accept() {
	for {
		near, err := t.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", t.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		a, b := &tunnelConn{Conn: near}, &tunnelConn{Conn: far}
		t.mu.Lock()
		t.conns = append(t.conns, a, b)
		t.mu.Unlock()
		t.running.Go(func() { a.carry(b) })
		t.running.Go(func() { b.carry(a) })
	}
}

// carry writes what comes to another connection, until either ends.
func (c *tunnelConn) carry(to *tunnelConn) {
	buffer := make([]byte, 16<<10)
	for {
		n, err := c.Read(buffer)
		if n > 0 && !c.silent.Load() {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}
