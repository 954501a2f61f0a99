package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
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
	seconds := max(1, int(retryAfter.Round(time.Second)/time.Second))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	fail(w, http.StatusServiceUnavailable, sentence)
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

// readBody reads a body of at most limit bytes, or answers why it did not.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) (string, bool) {
	var body strings.Builder
	var err error
	if r.ContentLength > limit {
		err = &http.MaxBytesError{Limit: limit}
	} else {
		body.Grow(int(max(r.ContentLength, 512)))
		_, err = io.Copy(&body, http.MaxBytesReader(w, r.Body, limit))
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body may have %d bytes", limit))
	case err != nil:
		fail(w, http.StatusBadRequest, "the body could not be read to its end")
	default:
		return body.String(), true
	}
	return "", false
}
