package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"sortition/relay/internal/datasource"
)

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
	body, ok := readBody(w, r, operatorBytes)
	if !ok {
		return
	}
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
