package server

import (
	"bufio"
	"encoding/json"
	"fmt"
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

// writers are what answers are written through.
var writers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 4<<10) }}
