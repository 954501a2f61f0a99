package server

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/wasm/engine/event"
)

// evaluationBytes bounds the body of a request for decisions: a visitor with attributes.
const evaluationBytes = 64 << 10

// sdkKeyHeader names the project a request is about, as Optimizely Agent wants it.
const sdkKeyHeader = "X-Optimizely-SDK-Key"

// Both headers that name a project, as net/http spells them: it would spell them anew for each request.
var sdkKeyHeaders = [2]string{http.CanonicalHeaderKey(sdkKeyHeader), http.CanonicalHeaderKey("X-API-Key")}

// evaluations counts what was answered.
type evaluations struct{ decide, activate, track, flag, flags atomic.Uint64 }

// Evaluations returns how many requests for decisions, and to track, were answered since the start, by what they asked for.
func (s *Server) Evaluations() map[string]uint64 {
	return map[string]uint64{
		"decide":      s.evaluations.decide.Load(),
		"activate":    s.evaluations.activate.Load(),
		"track":       s.evaluations.track.Load(),
		"ofrep":       s.evaluations.flag.Load(),
		"ofrep-flags": s.evaluations.flags.Load(),
	}
}

// evaluator answers a request for decisions by a project's newest datafile.
type evaluator func(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, body string)

// evaluation guards what decides for clients: it is answered as posts of events are, which its decisions become, and only to whoever
// may read the datafile. unnamed is the status for whoever names no project; count counts those that come to be answered.
func (s *Server) evaluation(unnamed int, count *atomic.Uint64, answer evaluator) http.Handler {
	return s.sameOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.mayPost(r) {
			retryLater(w, http.StatusTooManyRequests, time.Second, "there are too many requests from this address")
			return
		}
		d, ok := s.projectOf(w, r, unnamed)
		if !ok {
			return
		}
		if !readable(r.Header) {
			fail(w, http.StatusUnsupportedMediaType, "the body is application/json, without an encoding")
			return
		}
		if body, release, ok := s.readBody(w, r, evaluationBytes); ok {
			defer release()
			count.Add(1)
			answer(w, r, d, body)
		}
	}))
}

// projectOf returns the newest datafile of the project that a request names, or answers why it does not.
func (s *Server) projectOf(w http.ResponseWriter, r *http.Request, unnamed int) (*datasource.Datafile, bool) {
	sdkKey, token := credentials(r)
	switch {
	case sdkKey == "" && unnamed == http.StatusUnauthorized:
		unauthorized(w, "the header "+sdkKeyHeader+" or X-API-Key must name the project")
		return nil, false
	case sdkKey == "":
		fail(w, unnamed, "missing required "+sdkKeyHeader+" header")
		return nil, false
	case !s.o.Access.Knows(sdkKey):
		fail(w, http.StatusForbidden, "there is no project of this sdkKey")
		return nil, false
	case !s.o.Access.Datafile(sdkKey, token):
		unauthorized(w, "this project wants its datafile access token: as Bearer, or in "+sdkKeyHeader+" as KEY:TOKEN")
		return nil, false
	}
	d, ok := s.o.Datafiles.Newest(sdkKey)
	if !ok {
		unavailable(w, 2*time.Second, "the project has no datafile yet")
	}
	return d, ok
}

// credentials are the project and the token that a request brings. Agent takes both in one header.
func credentials(r *http.Request) (sdkKey, token string) {
	sdkKey, token, inOne := strings.Cut(r.Header.Get(sdkKeyHeaders[0]), ":")
	if sdkKey == "" {
		sdkKey = r.Header.Get(sdkKeyHeaders[1])
	}
	if !inOne {
		token = bearer(r)
	}
	return sdkKey, token
}

// tell keeps the events of a decision. An answer is given only when they are safe; otherwise it answers why not.
func (s *Server) tell(w http.ResponseWriter, r *http.Request, sdkKey, events string) bool {
	if events == "" {
		return true
	}
	batch, err := event.Decode(events)
	if err != nil {
		panic(fmt.Errorf("the engine's events: %w", err))
	}
	_, ok := s.keep(w, r, sdkKey, batch, events)
	return ok
}
