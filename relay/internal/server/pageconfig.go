package server

import "net/http"

// config answers GET /config.json, the settings of the page.
func (s *Server) config(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	answer(w, http.StatusOK, s.o.Config)
}
