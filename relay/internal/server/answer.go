package server

import (
	"bufio"
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
	beginJSON(w, status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}

// jsonWriter is a value that writes itself as JSON. An error stays in the writer.
type jsonWriter interface{ WriteJSON(w *bufio.Writer) }

// answerWritten is answer of a value that is asked for often, and may be much larger than what it is made of.
func answerWritten(w http.ResponseWriter, value jsonWriter) {
	beginJSON(w, http.StatusOK)
	buffered := writers.Get().(*bufio.Writer)
	defer writers.Put(buffered)
	buffered.Reset(w)
	defer buffered.Reset(nil)
	value.WriteJSON(buffered)
	_ = buffered.WriteByte('\n')
	_ = buffered.Flush() // as above
}

func beginJSON(w http.ResponseWriter, status int) {
	header := w.Header()
	header["Content-Type"] = typeJSON
	if header["Cache-Control"] == nil {
		header["Cache-Control"] = noStore
	}
	w.WriteHeader(status)
}

// Header values that nearly every answer has. They are shared: nobody changes a slice, and appending to one makes another.
var (
	typeJSON       = []string{"application/json"}
	noStore        = []string{"no-store"}
	varyOrigin     = []string{"Origin"}
	noSniff        = []string{"nosniff"}
	referrerPolicy = []string{"strict-origin-when-cross-origin"}
)

// discardBytes is how much of a body that is too large is read all the same: a client that is cut off while it sends mostly
// sees a broken connection, and never the answer.
const discardBytes = 32 << 20

// buffers are what bodies are read into.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// writers are what answers are written through.
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 4<<10) }}

// readBody reads a body of at most limit bytes, or answers why it did not.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) (string, bool) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buffer)
	buffer.Reset()
	var err error
	tooLarge := r.ContentLength > limit
	if !tooLarge {
		_, err = buffer.ReadFrom(io.LimitReader(r.Body, limit+1))
		tooLarge = int64(buffer.Len()) > limit
	}
	switch {
	case tooLarge:
		if r.Header.Get("Expect") == "" { // else the client waits for leave to send
			_, _ = io.CopyN(io.Discard, r.Body, discardBytes)
		}
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body may have at most %d bytes", limit))
	case err != nil:
		fail(w, http.StatusRequestTimeout, "the body did not come to its end") // not 400: it may be good
	default:
		return buffer.String(), true
	}
	return "", false
}
