package server

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"strconv"
	"time"
)

// DeadLetters are the requests that the event API refused for good, or failed on while it took others.
type DeadLetters interface {
	// Letters yields them, oldest first, of one project or with "" of all. An error is the last it yields.
	Letters(sdkKey string) iter.Seq2[DeadLetter, error]
	// Resend sends once more those of a project, or with "" all; of these the one of an id, or with zero all.
	Resend(ctx context.Context, sdkKey string, id uint64) (Resent, error)
	// Discard throws one away, and returns false if there is none of the id.
	Discard(id uint64) (bool, error)
}

// DeadLetter is one of them. What is exported has all of it, the list all but Request.
type DeadLetter struct {
	ID      uint64    `json:"id"`
	Time    time.Time `json:"time"`
	SDKKey  string    `json:"sdkKey"`
	Status  int       `json:"status"` // of the answer
	Reason  string    `json:"reason"`
	Events  int       `json:"events"`
	Request string    `json:"request,omitempty"` // the event batch
}

// Resent says what became of letters that were sent again.
type Resent struct {
	Delivered int    `json:"delivered"` // and no longer among the dead letters
	Refused   int    `json:"refused"`   // for good, once more
	Left      int    `json:"left"`      // not tried, or without success that may yet come
	LastError string `json:"lastError,omitempty"`
}

const noDeadLetter = "there is no dead letter of this id"

// deadLetters lists them, without what they hold.
func (s *Server) deadLetters(w http.ResponseWriter, r *http.Request) {
	letters := []DeadLetter{}
	for letter, err := range s.o.DeadLetters.Letters(r.URL.Query().Get("sdkKey")) {
		if err != nil {
			s.lettersFailed(w, err)
			return
		}
		letter.Request = ""
		letters = append(letters, letter)
	}
	answer(w, http.StatusOK, letters)
}

// exportDeadLetters writes one JSON object a line.
func (s *Server) exportDeadLetters(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for letter, err := range s.o.DeadLetters.Letters(r.URL.Query().Get("sdkKey")) {
		if err == nil {
			err = lines.Encode(letter)
		}
		if err != nil {
			s.o.Logger.Error("the dead letters' export was cut off", "err", err)
			panic(http.ErrAbortHandler) // so that what came is not taken for all
		}
	}
}

func (s *Server) resendDeadLetters(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	id := uint64(0)
	if query.Has("id") {
		var err error
		if id, err = strconv.ParseUint(query.Get("id"), 10, 64); err != nil || id == 0 {
			failField(w, "id", "the id is no number of a dead letter")
			return
		}
	}
	resent, err := s.o.DeadLetters.Resend(r.Context(), query.Get("sdkKey"), id)
	if err != nil {
		s.lettersFailed(w, err)
		return
	}
	if id != 0 && resent == (Resent{}) {
		fail(w, http.StatusNotFound, noDeadLetter)
		return
	}
	s.tellResent(resent)
	answer(w, http.StatusOK, resent)
}

// tellResent tells the operator's log of letters that were sent again, and of those that were not delivered why.
func (s *Server) tellResent(r Resent) {
	became := []any{"delivered", r.Delivered, "refused", r.Refused, "left", r.Left}
	if r.Refused+r.Left == 0 {
		s.o.Logger.Info("dead letters were sent again", became...)
		return
	}
	s.o.Logger.Warn("not all dead letters were delivered", append(became, "err", r.LastError)...)
}

func (s *Server) discardDeadLetter(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	found := false
	if err == nil {
		if found, err = s.o.DeadLetters.Discard(id); err != nil {
			s.lettersFailed(w, err)
			return
		}
	}
	if !found {
		fail(w, http.StatusNotFound, noDeadLetter)
		return
	}
	s.o.Logger.Info("a dead letter was discarded", "letter", id)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) lettersFailed(w http.ResponseWriter, err error) {
	s.o.Logger.Error("the dead letters cannot be read or written", "err", err)
	fail(w, http.StatusInternalServerError, "the dead letters cannot be read or written; the relay's log says why")
}
