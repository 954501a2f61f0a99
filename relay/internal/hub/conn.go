package hub

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"time"
)

// chunk is what a peer must take within one write timeout.
const chunk = 64 << 10

// patientConn writes for as long as the peer takes something. A deadline for a whole frame would either cut off a page on
// a slow line in the middle of a large datafile, or wait minutes for one that has stopped reading.
type patientConn struct {
	net.Conn
	timeout time.Duration
}

func (c *patientConn) Write(data []byte) (written int, err error) {
	for written < len(data) && err == nil {
		if err = c.SetWriteDeadline(time.Now().Add(c.timeout)); err != nil {
			return written, fmt.Errorf("set the deadline of a write: %w", err)
		}
		var n int
		n, err = c.Conn.Write(data[written:min(written+chunk, len(data))])
		written += n
	}
	return written, err
}

// CloseWrite tells the peer that nothing more will come, where the connection can.
func (c *patientConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// hijacker hands the websocket library a patient connection in place of the server's.
type hijacker struct {
	http.ResponseWriter
	timeout time.Duration
}

// Hijack implements http.Hijacker.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffers, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		// The kernel would take megabytes for a peer that reads nothing.
		_ = tcp.SetWriteBuffer(2 * chunk)
	}
	return &patientConn{conn, h.timeout}, buffers, nil
}
