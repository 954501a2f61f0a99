package server

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/datasource"
)

func (s *Server) results(w http.ResponseWriter, r *http.Request) {
	sdkKey := r.PathValue("sdkKey")
	switch {
	case !s.o.Access.Knows(sdkKey):
		fail(w, http.StatusNotFound, "there is no project of this sdkKey")
		return
	case !s.o.Access.Results(sdkKey, bearer(r)):
		unauthorized(w, "these results want the relay's results token as Bearer (--results-token)")
		return
	}
	found, ok, err := s.o.Results.Results(sdkKey, r.URL.Query())
	var wrong interface{ FieldName() string }
	switch {
	case errors.As(err, &wrong):
		failField(w, wrong.FieldName(), err.Error())
		return
	case err != nil:
		panic(fmt.Errorf("results of %s: %w", sdkKey, err))
	case !ok:
		unavailable(w, 2*time.Second, s.whyNoResults())
		return
	}
	header := w.Header()
	header.Set("Content-Type", found.ContentType)
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", fmt.Sprintf(`"%016x"`, xxhash.Sum64(found.Body)))
	if found.FileName != "" {
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": found.FileName}))
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(found.Body))
}

func (s *Server) whyNoResults() string {
	select {
	case <-s.o.Results.Ready():
		return "the project has no datafile yet to count its events by"
	default:
		return "the relay has just started and is still counting the events it kept; try again in a moment"
	}
}

func (s *Server) config(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	answer(w, http.StatusOK, s.o.Config)
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]string{"status": "alive"})
}

// readiness is the body of /readyz.
type readiness struct {
	Status   string        `json:"status"` // ready, degraded or unavailable
	Error    string        `json:"error,omitempty"`
	Degraded []degradation `json:"degraded"`
}

const unavailableStatus = "unavailable"

type degradation struct {
	SDKKey string    `json:"sdkKey"`
	Error  string    `json:"error"`
	Since  time.Time `json:"since,omitzero"`
}

// readyz answers 200 as long as the relay can serve a datafile and keep events, even if some project is not well. It is not
// ready before every source was asked once, or every project has its last known good.
func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	ready := readiness{Status: "ready", Degraded: []degradation{}, Error: "there is no datafile to serve"}
	status := http.StatusOK
	asking := false
	for _, state := range s.o.Datafiles.States() {
		if state.Datafile != nil {
			ready.Error = ""
		}
		if state.Problem != nil {
			ready.Degraded = append(ready.Degraded, degradation{state.SDKKey, state.Problem.Sentence(), state.Problem.Since.UTC()})
		}
		asking = asking || state.Datafile == nil && state.Problem == nil
	}
	ready.Degraded = append(ready.Degraded, s.stuckDeliveries()...)
	if len(ready.Degraded) > 0 {
		ready.Status = "degraded"
	}
	if asking {
		ready.Error = "the sources of the datafiles are being asked"
	}
	if err := s.o.Events.Ready(); err != nil {
		ready.Error = err.Error()
	}
	if ready.Error != "" {
		ready.Status, status = unavailableStatus, http.StatusServiceUnavailable
	}
	answer(w, status, ready)
}

// stuckDeliveries tells of the projects whose events do not get on. Where to and why is the operator's to know.
func (s *Server) stuckDeliveries() (stuck []degradation) {
	for _, d := range s.o.Deliveries() {
		if d.stuck() {
			sentence := fmt.Sprintf("events are kept but not delivered: %d attempts in a row failed", d.Attempts)
			if !d.NextRetry.IsZero() {
				sentence += ", the next is at " + d.NextRetry.UTC().Format(time.RFC3339)
			}
			stuck = append(stuck, degradation{SDKKey: d.SDKKey, Error: sentence})
		}
	}
	return stuck
}

// projectState is an element of the operator's /v1/projects.
type projectState struct {
	SDKKey     string    `json:"sdkKey"`
	Source     string    `json:"source"`
	ProjectID  string    `json:"projectId,omitempty"`
	Revision   string    `json:"revision,omitempty"`
	Hash       string    `json:"hash,omitempty"`
	Bytes      int       `json:"bytes,omitempty"`
	Modified   time.Time `json:"modified,omitzero"`
	AgeSeconds int64     `json:"ageSeconds,omitempty"` // since Modified
	Error      string    `json:"error,omitempty"`
	ErrorSince time.Time `json:"errorSince,omitzero"`
	// Hold is what an operator keeps the project to, if anything, and what the source has meanwhile.
	Hold     *datasource.Hold `json:"hold,omitempty"`
	Delivery *Delivery        `json:"delivery,omitempty"`
}

func (s *Server) projects(w http.ResponseWriter, _ *http.Request) {
	states := []projectState{}
	deliveries := map[string]*Delivery{}
	for _, d := range s.o.Deliveries() {
		deliveries[d.SDKKey] = &d
	}
	for _, state := range s.o.Datafiles.States() {
		p := projectState{SDKKey: state.SDKKey, Source: state.Source, Hold: state.Hold, Delivery: deliveries[state.SDKKey]}
		if d := state.Datafile; d != nil {
			p.ProjectID, p.Revision, p.Hash, p.Bytes, p.Modified = d.ProjectID, d.Revision, d.Hash, len(d.Bytes), d.Modified
			p.AgeSeconds = int64(time.Since(d.Modified).Seconds())
		}
		if state.Problem != nil {
			p.Error, p.ErrorSince = state.Problem.Error, state.Problem.Since.UTC()
		}
		states = append(states, p)
	}
	answer(w, http.StatusOK, states)
}
