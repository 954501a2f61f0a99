package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// problem is the body of every error.
type problem struct {
	Error string `json:"error"`
	Field string `json:"field,omitempty"`
}

func fail(w http.ResponseWriter, status int, sentence string) {
	answer(w, status, problem{Error: sentence})
}

func failField(w http.ResponseWriter, field, sentence string) {
	answer(w, http.StatusBadRequest, problem{sentence, field})
}

// unavailable answers 503 and says when to try again.
func unavailable(w http.ResponseWriter, retryAfter time.Duration, sentence string) {
	retryLater(w, http.StatusServiceUnavailable, retryAfter, sentence)
}

// retryLater answers 503 or 429 and says when to try again.
func retryLater(w http.ResponseWriter, status int, retryAfter time.Duration, sentence string) {
	seconds := max(1, int(retryAfter.Round(time.Second)/time.Second))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	fail(w, status, sentence)
}

// answer writes a value as JSON that no cache keeps unless the caller said so.
func answer(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Errorf("answer %T: %w", value, err))
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}

// discardBytes is how much of a body that is too large is read all the same: a client that is cut off while it sends mostly
// sees a broken connection, and never the answer.
const discardBytes = 32 << 20

// buffers are what bodies are read into before their length is known.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readBody reads a body of at most limit bytes, or answers why it did not.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) (string, bool) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	var err error
	tooLarge := r.ContentLength > limit
	if !tooLarge {
		var n int64
		n, err = buffer.ReadFrom(io.LimitReader(r.Body, limit+1))
		tooLarge = n > limit
	}
	switch {
	case tooLarge:
		if r.Header.Get("Expect") == "" { // else the client waits for leave to send
			_, _ = io.CopyN(io.Discard, r.Body, discardBytes)
		}
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body may have at most %d bytes", limit))
	case err != nil:
		fail(w, http.StatusBadRequest, "the body could not be read to its end")
	default:
		return buffer.String(), true
	}
	return "", false
}
