package server

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// bodiesBytes is what all bodies take together, from when they are read until they are answered, unless Options.MaxBodies says otherwise.
	bodiesBytes = 128 << 20
	// smallBody is how large a body may be to use the last quarter of that: large ones that fill the rest turn no ordinary post away.
	smallBody = 32 << 10
	// discardBytes is how much of a body that is not wanted is read all the same: a client that is cut off while it sends mostly
	// sees a broken connection, and never the answer.
	discardBytes = 32 << 20
)

var errCrowded = errors.New("the bodies that are being read leave no room for more")

// buffers are what bodies are read into.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// bodyRoom is what all bodies take.
type bodyRoom struct{ taken atomic.Int64 }

// heldBody is a body that takes room as it is read, until it is released.
type heldBody struct {
	io.Reader
	room *bodyRoom
	most int64 // of all bodies
	size int64
}

func (b *heldBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.size += int64(n)
	most := b.most
	if b.size > smallBody {
		most -= most / 4
	}
	if b.room.taken.Add(int64(n)) > most {
		err = errCrowded
	}
	return n, err
}

func (b *heldBody) release() { b.room.taken.Add(-b.size) }

// readBody reads a body of at most limit bytes, or answers why it did not. Release it once it is answered.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, limit int64) (text string, release func(), ok bool) {
	return readInto(&s.bodies, cmp.Or(s.o.MaxBodies, bodiesBytes), w, r, limit)
}

// readOperators is readBody for the operator's port, which is not to wait for whatever the public sends.
func (s *Server) readOperators(w http.ResponseWriter, r *http.Request, limit int64) (text string, release func(), ok bool) {
	return readInto(&s.operatorsBodies, bodiesBytes, w, r, limit)
}

// readInto reads a body into a room where all take at most so many bytes.
func readInto(room *bodyRoom, most int64, w http.ResponseWriter, r *http.Request, limit int64) (text string, release func(), ok bool) {
	body := &heldBody{Reader: io.LimitReader(r.Body, limit+1), room: room, most: most}
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	var err error
	tooLarge := r.ContentLength > limit
	if !tooLarge {
		_, err = buffer.ReadFrom(body)
		tooLarge = body.size > limit
	}
	if !tooLarge && err == nil {
		return buffer.String(), body.release, true
	}
	body.release()
	switch {
	case tooLarge:
		discard(r)
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body may have at most %d bytes", limit))
	case errors.Is(err, errCrowded):
		discard(r)
		unavailable(w, 2*time.Second, "the relay is busy with as many bodies as it has room for")
	default:
		fail(w, http.StatusRequestTimeout, "the body did not come to its end") // not 400: it may be good
	}
	return "", nil, false
}

// discard reads what is left of a body, unless the client waits for leave to send it.
func discard(r *http.Request) {
	if r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, discardBytes)
	}
}
