package server

import (
	"net/http"
	"net/http/pprof"
)

// Handler serves the public port. The routes' names are a contract: they show in logs and documentation.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /datafiles/{file}", s.datafileByKey)
	mux.HandleFunc("GET /datafiles/{sdkKey}/{file}", s.datafileByHash)
	mux.HandleFunc("GET /json/{file}", s.datafileByProjectID)
	mux.Handle("GET /v1/stream", s.sameOrigin(s.o.Stream))
	mux.Handle("POST /v1/events", s.sameOrigin(http.HandlerFunc(s.postEvents)))
	mux.HandleFunc("POST /webhook", s.postWebhook)
	mux.HandleFunc("POST /webhooks/optimizely", s.postWebhook)
	mux.HandleFunc("GET /v1/results/{sdkKey}", s.results)
	mux.HandleFunc("GET /config.json", s.config)
	mux.HandleFunc("PATCH /v1/demo/allocation", s.patchAllocation)
	s.handleEvaluations(mux)
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	// The site is no route of the mux: every address would take GET, which most do not.
	return s.log(s.recover(s.crossOrigin(secure(jsonErrors(mux, pages(s.o.Site))))))
}

// handleEvaluations adds what decides for clients that have no engine.
func (s *Server) handleEvaluations(mux *http.ServeMux) {
	counts := &s.evaluations
	mux.Handle("POST /ofrep/v1/evaluate/flags", s.evaluation(http.StatusUnauthorized, &counts.flags, s.evaluateFlags))
	mux.Handle("POST /ofrep/v1/evaluate/flags/{key}", s.evaluation(http.StatusUnauthorized, &counts.flag, s.evaluateFlag))
	mux.Handle("GET /ofrep/v1/events/{sdkKey}", s.sameOrigin(http.HandlerFunc(s.evaluationEvents)))
	s.handleAgent(mux)
	alone := http.NewServeMux()
	s.handleAgent(alone)
	mux.Handle("POST /v1/batch", s.batch(jsonErrors(alone, http.HandlerFunc(nothingHere))))
	mux.HandleFunc("POST /v1/override", refused(http.StatusForbidden, "Overrides not enabled"))
	mux.HandleFunc("POST /v1/lookup", refused(http.StatusInternalServerError, "no user profile service found"))
	mux.HandleFunc("POST /v1/save", refused(http.StatusInternalServerError, "no user profile service found"))
}

// handleAgent adds the part of Agent's API that may be asked in a batch, too.
func (s *Server) handleAgent(mux *http.ServeMux) {
	counts := &s.evaluations
	mux.Handle("POST /v1/decide", s.evaluation(http.StatusBadRequest, &counts.decide, s.decide))
	mux.Handle("POST /v1/activate", s.evaluation(http.StatusBadRequest, &counts.activate, s.activate))
	mux.Handle("POST /v1/track", s.evaluation(http.StatusBadRequest, &counts.track, s.track))
	mux.HandleFunc("GET /v1/config", s.agentConfig)
	mux.HandleFunc("GET /v1/datafile", s.agentDatafile)
}

// AdminHandler serves the operator's port.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/projects", s.projects)
	mux.HandleFunc("GET /v1/projects/{sdkKey}/history", s.history)
	mux.HandleFunc("POST /v1/projects/{sdkKey}/pin", s.pin)
	mux.HandleFunc("DELETE /v1/projects/{sdkKey}/pin", s.unpin)
	mux.HandleFunc("POST /v1/projects/{sdkKey}/rollback", s.rollBack)
	mux.HandleFunc("GET /v1/dead-letters", s.deadLetters)
	mux.HandleFunc("GET /v1/dead-letters.ndjson", s.exportDeadLetters)
	mux.HandleFunc("POST /v1/dead-letters/resend", s.resendDeadLetters)
	mux.HandleFunc("DELETE /v1/dead-letters/{id}", s.discardDeadLetter)
	mux.Handle("GET /metrics", s.o.Metrics)
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return s.log(s.recover(s.operatorsOnly(jsonErrors(mux, http.HandlerFunc(nothingHere)))))
}
