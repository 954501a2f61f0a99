package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"sortition/relay/internal/datasource"
)

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

// pastDatafile is an element of the operator's /v1/projects/{sdkKey}/history.
type pastDatafile struct {
	Revision string    `json:"revision"`
	Hash     string    `json:"hash"`
	Bytes    int64     `json:"bytes"`
	Since    time.Time `json:"since"`   // when it came
	InForce  bool      `json:"inForce"` // it is the one that pages have now
}

func (s *Server) history(w http.ResponseWriter, r *http.Request) {
	sdkKey := r.PathValue("sdkKey")
	past, err := s.o.Datafiles.History(sdkKey)
	if err != nil {
		s.failOperator(w, err)
		return
	}
	newest, there := s.o.Datafiles.Newest(sdkKey)
	list := []pastDatafile{}
	for _, p := range past {
		list = append(list, pastDatafile{p.Revision, p.Hash, p.Bytes, p.Since.UTC(), there && p.Hash == newest.Hash})
	}
	answer(w, http.StatusOK, list)
}

// operatorBytes bounds the body of a pin or a rollback.
const operatorBytes = 4 << 10

// choice is the body of a pin or a rollback: which datafile, by one of the two.
type choice struct {
	Hash     string `json:"hash"`
	Revision string `json:"revision"`
}

func (s *Server) pin(w http.ResponseWriter, r *http.Request) { s.keepTo(w, r, s.o.Datafiles.Pin) }

func (s *Server) rollBack(w http.ResponseWriter, r *http.Request) {
	s.keepTo(w, r, s.o.Datafiles.RollBack)
}

// keepTo puts the chosen datafile of a project's history into force.
func (s *Server) keepTo(w http.ResponseWriter, r *http.Request, put func(sdkKey, which string) (*datasource.Datafile, error)) {
	body, release, ok := s.readOperators(w, r, operatorBytes)
	if !ok {
		return
	}
	defer release()
	var which choice
	if err := json.Unmarshal([]byte(body), &which); err != nil || (which.Hash == "") == (which.Revision == "") {
		fail(w, http.StatusBadRequest, `the body must be {"hash":H} or {"revision":R}, both texts, of a datafile in the project's history`)
		return
	}
	d, err := put(r.PathValue("sdkKey"), which.Hash+which.Revision)
	if err != nil {
		s.failOperator(w, err)
		return
	}
	answer(w, http.StatusOK, map[string]string{"revision": d.Revision, "hash": d.Hash})
}

func (s *Server) unpin(w http.ResponseWriter, r *http.Request) {
	if err := s.o.Datafiles.Follow(r.PathValue("sdkKey")); err != nil {
		s.failOperator(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) failOperator(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, datasource.ErrNoProject):
		fail(w, http.StatusNotFound, "there is no project of this sdkKey")
	case errors.Is(err, datasource.ErrNotKept):
		fail(w, http.StatusNotFound, "the project's history has no such datafile; GET its /history lists what there is")
	case errors.Is(err, datasource.ErrNotOnDisk):
		s.o.Logger.Error("a datafile was put into force, but not kept", "err", err)
		fail(w, http.StatusInsufficientStorage, err.Error())
	default:
		s.o.Logger.Error("a datafile was not put into force", "err", err)
		fail(w, http.StatusInternalServerError, err.Error())
	}
}
