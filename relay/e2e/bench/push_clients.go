package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// pushClients is the first argument that makes this program a crowd of pages: address, how many, and "read" or "stuck". They are a
// process of their own since open files are limited for each.
const pushClients = "push-clients"

const (
	handshake = "GET /v1/stream HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
	crowdHello  = `{"type":"hello","protocol":1,"sdkKey":"demo","have":null}`
	crowdResync = `{"type":"resync"}`

	resyncs   = 4                     // of 100 KB each: more than the kernel holds for a page that reads nothing
	resyncing = 20 * time.Millisecond // the relay answers those that come at once with one datafile
)

// runClients opens the connections and says so; from then on it tells of each round, which is a frame for every client, when the
// median, the 99th percentile and the last client had it (microseconds since 1970). It ends with the connections.
func runClients(address, count, conduct string, stdout io.Writer) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	c := crowd{size: n, stdout: stdout}
	var connecting, reading errgroup.Group
	connecting.SetLimit(64)
	for range n {
		connecting.Go(func() error {
			conn, r, err := enter(address, conduct == "read")
			switch {
			case err != nil:
				return err
			case conduct == "read":
				reading.Go(func() error { return c.read(conn, r) })
			default:
				reading.Go(func() error { return hold(conn) })
			}
			return nil
		})
	}
	if err := connecting.Wait(); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "connected")
	return reading.Wait()
}

// enter connects, says hello and, if it is to read, hears the first datafile.
func enter(address string, reads bool) (net.Conn, *bufio.Reader, error) {
	conn, err := net.Dial("tcp", address) //nolint:noctx // the bench waits for the whole crowd, and gives up by itself
	if err != nil {
		return nil, nil, err
	}
	if !reads {
		_ = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	}
	if _, err := fmt.Fprintf(conn, handshake, address); err != nil {
		return nil, nil, err
	}
	r := bufio.NewReaderSize(conn, 1024)
	for line := ""; line != "\r\n" && err == nil; {
		line, err = r.ReadString('\n')
	}
	if err == nil {
		_, err = conn.Write(masked(1, crowdHello))
	}
	switch {
	case err != nil:
	case reads:
		err = nextData(conn, r)
	default:
		err = clog(conn)
	}
	return conn, r, err
}

// clog asks for so much, and reads none of it, that the relay's next write waits.
func clog(conn net.Conn) error {
	for range resyncs {
		time.Sleep(resyncing) //nolint:forbidigo // nothing that one could wait for tells of a write to who does not read
		if _, err := conn.Write(masked(1, crowdResync)); err != nil {
			return err
		}
	}
	return nil
}

// hold keeps a connection open until this process is killed: Go closes those that nobody knows any more.
func hold(conn net.Conn) error {
	defer conn.Close()
	select {}
}

// masked makes a frame as clients send it; a mask of zeros leaves the payload readable.
func masked(opcode byte, payload string) []byte {
	return append([]byte{0x80 | opcode, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)
}

// nextData reads frames up to a binary one, as those of datafiles are. Pings are answered.
func nextData(conn net.Conn, r *bufio.Reader) error {
	for {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		size, err := payloadSize(head[1], r)
		if err == nil {
			_, err = r.Discard(size)
		}
		switch opcode := head[0] & 0xf; {
		case err != nil:
			return err
		case opcode == 2:
			return nil
		case opcode == 8:
			return io.EOF
		case opcode == 9:
			if _, err := conn.Write(masked(10, "")); err != nil {
				return err
			}
		}
	}
}

func payloadSize(short byte, r io.Reader) (int, error) {
	long := make([]byte, 8)
	switch short {
	case 126:
		_, err := io.ReadFull(r, long[6:])
		return int(binary.BigEndian.Uint64(long)), err
	case 127:
		_, err := io.ReadFull(r, long)
		return int(binary.BigEndian.Uint64(long)), err
	}
	return int(short), nil
}

// crowd counts what its clients hear.
type crowd struct {
	size   int
	stdout io.Writer

	mu    sync.Mutex
	heard []int64 // in this round
}

func (c *crowd) read(conn net.Conn, r *bufio.Reader) error {
	for {
		if err := nextData(conn, r); err != nil {
			return err
		}
		c.hear(time.Now().UnixMicro())
	}
}

func (c *crowd) hear(at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard = append(c.heard, at)
	if len(c.heard) < c.size {
		return
	}
	slices.Sort(c.heard)
	fmt.Fprintln(c.stdout, "round", c.heard[c.size/2], c.heard[c.size*99/100], c.heard[c.size-1])
	c.heard = c.heard[:0]
}

// round is when clients had a frame.
type round struct{ median, p99, last time.Time }

// errCrowd is what a crowd says that is no round.
var errCrowd = errors.New("the clients told of no round")

func parseRound(line string) (round, error) {
	fields := strings.Fields(line)
	if len(fields) != 4 || fields[0] != "round" {
		return round{}, fmt.Errorf("%w: %q", errCrowd, line)
	}
	var at [3]time.Time
	for i := range at {
		micros, err := strconv.ParseInt(fields[1+i], 10, 64)
		if err != nil {
			return round{}, err
		}
		at[i] = time.UnixMicro(micros)
	}
	return round{at[0], at[1], at[2]}, nil
}

func milliseconds(from, to time.Time) float64 { return float64(to.Sub(from).Microseconds()) / 1000 }
