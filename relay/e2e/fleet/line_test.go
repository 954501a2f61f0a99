package fleet

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

// line is a way to a server, which may be overloaded or far away: all that the server says arrives, and as late as slow says.
type line struct {
	url  string
	slow atomic.Int64 // nanoseconds
	late atomic.Int64 // what has been said and has not arrived
}

func mustLay(t *testing.T, server string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { must(t, listener.Close()) })
	l := &line{url: "nats://" + listener.Addr().String()}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go l.connect(client, server)
		}
	}()
	return l
}

func (l *line) connect(client net.Conn, address string) {
	defer client.Close() //nolint:errcheck // whoever notices is gone
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	go func() {
		defer server.Close() //nolint:errcheck // as above
		_, _ = io.Copy(server, client)
	}()
	l.carry(client, server)
}

// carry is io.Copy that takes its time.
func (l *line) carry(to io.Writer, from io.Reader) {
	type packet struct {
		text []byte
		due  time.Time
	}
	const many = 10_000
	packets := make(chan packet, many)
	defer close(packets)
	go func() {
		for p := range packets {
			<-time.After(time.Until(p.due))
			_, _ = to.Write(p.text) // if it fails, so does the other direction
			l.late.Add(-1)
		}
	}()
	for {
		text := make([]byte, 64<<10)
		n, err := from.Read(text)
		if err != nil {
			return
		}
		l.late.Add(1)
		packets <- packet{text[:n], time.Now().Add(time.Duration(l.slow.Load()))}
	}
}
