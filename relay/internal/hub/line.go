package hub

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// line is a page's connection. The websocket library reads from it and shakes hands on it; everything else is written by the
// page's mailbox, as frames that are made once for all pages.
type line struct {
	net.Conn
	tcp      *net.TCPConn    // nil where there is none
	raw      syscall.RawConn // nil where a write cannot be tried without waiting
	timeout  time.Duration
	reader   *bufio.Reader
	first    []byte // read ahead of the library: a byte, or none
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

// Read is the library's.
func (l *line) Read(data []byte) (int, error) {
	if len(l.first) > 0 && len(data) > 0 {
		data[0], l.first = l.first[0], nil
		return 1, nil
	}
	return l.Conn.Read(data)
}

// takePong takes a pong that comes next off the line. The library would do so as well, but then go on to wait for another frame, on a
// stack that is large by then. Whatever is not as it should be is left to it.
func (l *line) takePong() bool {
	head, err := l.reader.Peek(2)
	if err != nil || head[0] != fin|websocket.PongMessage || head[1] < masked || head[1] > masked+125 {
		return false
	}
	_, err = l.reader.Discard(2 + 4 + int(head[1]-masked)) // the mask has four bytes
	return err == nil
}

// send writes for as long as the peer takes something, and leaves no deadline behind. A deadline for a whole frame would
// either cut off a page on a slow line in the middle of a large datafile, or wait minutes for one that has stopped reading.
// What is large goes fast from when there is room among turns, which holds one for each line that goes fast.
func (l *line) send(data []byte, turns chan struct{}) error {
	piece, wanted := atOnce, turns
	if len(data) <= atOnce {
		wanted = nil
	}
	for len(data) > 0 {
		select {
		case wanted <- struct{}{}:
			piece, wanted = atTurn/2, nil
			l.buffer(atTurn)
			defer func() {
				l.buffer(atOnce)
				<-turns
			}()
		default:
		}
		if err := l.SetWriteDeadline(time.Now().Add(l.timeout)); err != nil {
			return fmt.Errorf("set the deadline of a write: %w", err)
		}
		n, err := l.Conn.Write(data[:min(piece, len(data))])
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return l.SetWriteDeadline(time.Time{})
}

// buffer sets how much the kernel takes for a peer that reads nothing; by itself it would take megabytes.
func (l *line) buffer(bytes int) {
	if l.tcp != nil {
		_ = l.tcp.SetWriteBuffer(bytes)
	}
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
	if buffers.Reader.Buffered() > 0 {
		return nil, nil, errors.Join(errors.New("the page spoke before the handshake was over"), conn.Close())
	}
	h.line.Conn = conn
	// The library takes this reader for its own. What pages say is small.
	h.line.reader = bufio.NewReaderSize(h.line, 264)
	under := conn
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		under = secured.NetConn()
	}
	if tcp, ok := under.(*net.TCPConn); ok {
		h.line.tcp = tcp
		h.line.buffer(atOnce)
		if raw, err := tcp.SyscallConn(); err == nil && under == conn { // else bytes are not the line's, but TLS's
			h.line.raw = raw
		}
	}
	return h.line, bufio.NewReadWriter(h.line.reader, buffers.Writer), nil
}
