package server

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"sortition/relay/internal/acceptencoding"
	"sortition/relay/internal/datasource"
)

func (s *Server) datafileByKey(w http.ResponseWriter, r *http.Request) {
	sdkKey, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	if !ok || !s.o.Access.Knows(sdkKey) {
		fail(w, http.StatusNotFound, "there is no project of this sdkKey")
		return
	}
	if !s.opens(w, r, sdkKey) {
		return
	}
	d, ok := s.o.Datafiles.Newest(sdkKey)
	if !ok {
		unavailable(w, 2*time.Second, "the project has no datafile yet")
		return
	}
	s.serveDatafile(w, r, d)
}

// datafileByHash serves a datafile of a project's history. What is under this address never changes, so that a CDN may keep it.
func (s *Server) datafileByHash(w http.ResponseWriter, r *http.Request) {
	sdkKey := r.PathValue("sdkKey")
	hash, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	if !ok || !s.o.Access.Knows(sdkKey) {
		fail(w, http.StatusNotFound, "there is no project of this sdkKey")
		return
	}
	if !s.opens(w, r, sdkKey) {
		return
	}
	d, ok := s.o.Datafiles.ByHash(sdkKey, hash)
	if !ok {
		w.Header().Set("Cache-Control", "no-store") // another relay may have it, or this one in a moment
		fail(w, http.StatusNotFound, "the project's history has no datafile of this hash")
		return
	}
	if s.o.Access.Tokens[sdkKey] == "" {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	s.serveDatafile(w, r, d)
}

func (s *Server) datafileByProjectID(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutSuffix(r.PathValue("file"), ".json")
	found := s.o.Datafiles.ByProjectID(id)
	if !ok || len(found) == 0 {
		fail(w, http.StatusNotFound, "there is no datafile of this projectId")
		return
	}
	if s.opens(w, r, found[0].SDKKey) {
		s.serveDatafile(w, r, found[0])
	}
}

// opens tells whether the request may have the project's datafile, or answers that it may not.
func (s *Server) opens(w http.ResponseWriter, r *http.Request, sdkKey string) bool {
	if s.o.Access.Tokens[sdkKey] == "" {
		w.Header().Set("Cache-Control", "no-cache")
		return true
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Authorization")
	if !s.o.Access.Datafile(sdkKey, bearer(r)) {
		unauthorized(w, "this datafile wants its access token as Bearer")
		return false
	}
	return true
}

// serveDatafile answers with the datafile's own bytes in the best encoding there is. The representations differ in their
// bytes, so each has a strong ETag of its own.
func (s *Server) serveDatafile(w http.ResponseWriter, r *http.Request, d *datasource.Datafile) {
	body, coding, suffix := encoding(d, r.Header.Get("Accept-Encoding"))
	header := w.Header()
	if coding != "" {
		acceptencoding.Announce(header, r, coding, int64(len(body)))
	}
	header.Set("Content-Type", "application/json")
	header.Set("ETag", `"`+d.Hash+suffix+`"`)
	header.Add("Vary", "Accept-Encoding")
	http.ServeContent(w, r, "", d.Modified, bytes.NewReader(body))
}

// encoding chooses the smallest representation the client takes. Right after a change the encodings are not made yet.
func encoding(d *datasource.Datafile, accept string) (body []byte, coding, suffix string) {
	switch {
	case d.Brotli != nil && acceptencoding.Allows(accept, "br"):
		return d.Brotli, "br", "-br"
	case d.Gzip != nil && acceptencoding.Allows(accept, "gzip"):
		return d.Gzip, "gzip", "-gz"
	}
	return d.Bytes, "", ""
}
