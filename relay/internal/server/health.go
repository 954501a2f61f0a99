package server

import (
	"net/http"
	"time"
)

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

// stuckDeliveries tells of the projects whose events do not get on.
func (s *Server) stuckDeliveries() (stuck []degradation) {
	for _, d := range s.o.Deliveries() {
		if trouble := d.trouble(); trouble != "" {
			stuck = append(stuck, degradation{SDKKey: d.SDKKey, Error: trouble})
		}
	}
	return stuck
}
