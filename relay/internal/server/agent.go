package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"sync"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/evaluate"
)

// The part of Optimizely Agent's API that decides and tracks, so that its clients need another address only.

func (s *Server) decide(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, body string) {
	decided, events, err := evaluate.Decide(d.Project, body, r.URL.Query()["keys"])
	if s.tellAgent(w, r, d, events, err) {
		answerWritten(w, decided)
	}
}

func (s *Server) activate(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, body string) {
	activated, events, err := evaluate.Activate(d.Project, body, r.URL.Query())
	if s.tellAgent(w, r, d, events, err) {
		answerWritten(w, activated)
	}
}

func (s *Server) track(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, body string) {
	tracked, events, err := evaluate.Track(d.Project, body, r.URL.Query().Get("eventKey"))
	if s.tellAgent(w, r, d, events, err) {
		answer(w, http.StatusOK, tracked)
	}
}

// tellAgent keeps the events of what was evaluated, or answers what is wrong.
func (s *Server) tellAgent(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, events string, err error) bool {
	var invalid *evaluate.FieldError
	switch {
	case errors.As(err, &invalid):
		failField(w, invalid.Field, invalid.Sentence)
		return false
	case err != nil:
		panic(err)
	}
	return s.tell(w, r, d.SDKKey, events)
}

// agentDatafile answers GET /v1/datafile: as /datafiles/ does, of the project in the header.
func (s *Server) agentDatafile(w http.ResponseWriter, r *http.Request) {
	if d, ok := s.projectOf(w, r, http.StatusBadRequest); ok {
		privately(w)
		s.serveDatafile(w, r, d)
	}
}

// agentConfig answers GET /v1/config: what there is in the project's datafile.
func (s *Server) agentConfig(w http.ResponseWriter, r *http.Request) {
	d, ok := s.projectOf(w, r, http.StatusBadRequest)
	if !ok {
		return
	}
	privately(w)
	tag := `"` + d.Hash + `-config"`
	w.Header().Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	config, err := s.configs.of(d)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	beginJSON(w, http.StatusOK)
	_, _ = w.Write(config) // the client may be gone
}

// configs are the answers to GET /v1/config. Of a large datafile one takes a quarter of a second to make, and megabytes: all who ask get
// the same.
type configs struct {
	mu   sync.Mutex
	made map[string]madeConfig // by SDK key, of the newest datafile that was asked about
}

type madeConfig struct {
	hash string // of the datafile
	body func() ([]byte, error)
}

// of returns the answer about a datafile, which is not to be changed. Whoever asks for it while it is made waits.
func (c *configs) of(d *datasource.Datafile) ([]byte, error) {
	c.mu.Lock()
	made := c.made[d.SDKKey]
	if made.hash != d.Hash {
		made = madeConfig{d.Hash, sync.OnceValues(func() ([]byte, error) {
			config, err := evaluate.NewConfig(d.Project)
			if err != nil {
				return nil, err
			}
			body, err := json.Marshal(config)
			return append(body, '\n'), err
		})}
		c.made[d.SDKKey] = made
	}
	c.mu.Unlock()
	return made.body()
}

// privately keeps shared caches from giving an answer to whom it is not for.
func privately(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Authorization, "+sdkKeyHeader+", X-API-Key")
}

// refused answers what Agent offers only where it is switched on, as Agent does where it is not.
func refused(status int, sentence string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fail(w, status, sentence) }
}
