package server

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// preflightSeconds is how long a browser may remember what it was allowed: the longest any browser honours.
const preflightSeconds = "86400"

// allowed tells whether a request comes from the relay's own pages, an allowed origin, or no page at all.
func (s *Server) allowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	return origin == "" || s.origins["*"] || s.origins[origin] || fromOwnPage(r)
}

// fromOwnPage tells whether a request comes from a page of this relay. Browsers say so themselves, in a header that no page can
// forge and no proxy changes. They leave it out on plain http, and Chromium on websockets: there the Origin's host has to be the
// one that was asked for. The scheme is not compared: behind a proxy that ends TLS the relay does not know its own.
func fromOwnPage(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" {
		return true
	}
	u, err := url.Parse(r.Header.Get("Origin"))
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// sameOrigin refuses what a foreign page sends. For reading, CORS is enough; a websocket and a plain post need no leave.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.allowed(r) {
			s.refuse(w, r.Header.Get("Origin"), r.Host)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuse refuses a page, and tells the operator so now and then: it may be one of the relay's own behind a proxy that hides its host.
func (s *Server) refuse(w http.ResponseWriter, origin, host string) {
	const advice = "allow them by --allow-origin, or have the proxy pass Host on"
	s.refusals.Do(func() { s.o.Logger.Warn("pages may not use this relay: "+advice, "origin", origin, "host", host) })
	fail(w, http.StatusForbidden, fmt.Sprintf("pages of %s may not use this relay, which was asked for as %s: %s", origin, host, advice))
}

// crossOrigin lets pages of allowed origins read answers (CORS), and answers their preflights.
func (s *Server) crossOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header["Vary"] = varyOrigin
		origin := r.Header.Get("Origin")
		if origin != "" && s.allowed(r) {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Expose-Headers", "ETag, Last-Modified, Retry-After, X-Duplicates, X-Request-Id")
		}
		if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
			next.ServeHTTP(w, r)
			return
		}
		if s.allowed(r) {
			header.Set("Access-Control-Allow-Methods", "GET, HEAD, POST")
			header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Modified-Since, If-None-Match, X-API-Key, "+sdkKeyHeader)
			header.Set("Access-Control-Max-Age", preflightSeconds)
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// anyOrigin serves what is the same for pages of every origin and says itself who may read it: it takes back what crossOrigin
// says. By its Vary a cache tells requests that name their origin from those that do not, and WebKit, which makes both kinds
// for a page's own files, would fetch the engine twice.
func anyOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		for _, name := range []string{"Vary", "Access-Control-Allow-Origin", "Access-Control-Expose-Headers"} {
			header.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}
