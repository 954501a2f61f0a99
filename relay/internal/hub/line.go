package hub

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

// chunk is what a peer must take within one write timeout.
const chunk = 64 << 10

// line is a page's connection. The websocket library reads from it and shakes hands on it; everything else is written by the
// page's mailbox, as frames that are made once for all pages.
type line struct {
	net.Conn
	raw      syscall.RawConn // nil where a write cannot be tried without waiting
	timeout  time.Duration
	open     bool   // the handshake is over
	deflates bool   // the handshake agreed on compression
	farewell []byte // the library's close frame to a page that breaks the rules of websockets
}

// Write is the library's. It must not come between the mailbox's frames: after the handshake there is nothing it writes but a
// close frame, which is kept for the mailbox.
func (l *line) Write(data []byte) (int, error) {
	if l.open {
		l.farewell = bytes.Clone(data)
		return len(data), nil
	}
	l.deflates = bytes.Contains(data, []byte("permessage-deflate"))
	return l.Conn.Write(data)
}

// send writes for as long as the peer takes something, and leaves no deadline behind. A deadline for a whole frame would
// either cut off a page on a slow line in the middle of a large datafile, or wait minutes for one that has stopped reading.
func (l *line) send(data []byte) error {
	for len(data) > 0 {
		if err := l.SetWriteDeadline(time.Now().Add(l.timeout)); err != nil {
			return fmt.Errorf("set the deadline of a write: %w", err)
		}
		n, err := l.Conn.Write(data[:min(chunk, len(data))])
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return l.SetWriteDeadline(time.Time{})
}

// closeWrite tells the peer that nothing more will come, where the connection can.
func (l *line) closeWrite() {
	if half, ok := l.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// hijacker hands the websocket library a line in place of the server's connection.
type hijacker struct {
	http.ResponseWriter
	line *line
}

// Hijack implements http.Hijacker.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.line.Conn = conn
	if tcp, ok := conn.(*net.TCPConn); ok {
		// The kernel would take megabytes for a peer that reads nothing.
		_ = tcp.SetWriteBuffer(2 * chunk)
		if raw, err := tcp.SyscallConn(); err == nil {
			h.line.raw = raw
		}
	}
	return h.line, buffers, nil
}
