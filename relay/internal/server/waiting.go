package server

import (
	"net/http"
	"time"
)

// waitingRetry is when to ask a relay again that cannot serve yet.
const waitingRetry = 2 * time.Second

// Waiting is the handler of both ports of a relay that cannot serve yet: it lives, is not ready, and says by the sentence why.
func Waiting(sentence string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthz)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusServiceUnavailable, readiness{Status: unavailableStatus, Error: sentence, Degraded: []degradation{}})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { unavailable(w, waitingRetry, sentence) })
	return secure(mux)
}
