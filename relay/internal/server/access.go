package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Access is who may read what. Sending events and receiving the site is everyone's.
type Access struct {
	// Tokens holds every project there is by its sdkKey, with the token that opens its datafile; "" leaves it open.
	Tokens map[string]string
	// ResultsToken opens the results of every project; "" keeps those that are not open closed.
	ResultsToken string
	// OpenResults are the projects whose results are everyone's.
	OpenResults []string
}

// Knows tells whether there is such a project.
func (a Access) Knows(sdkKey string) bool {
	_, ok := a.Tokens[sdkKey]
	return ok
}

// Datafile tells whether a token opens a project's datafile.
func (a Access) Datafile(sdkKey, token string) bool {
	want, ok := a.Tokens[sdkKey]
	return ok && (want == "" || same(want, token))
}

// Results tells whether a token opens a project's results.
func (a Access) Results(sdkKey, token string) bool {
	return slices.Contains(a.OpenResults, sdkKey) || a.ResultsToken != "" && same(a.ResultsToken, token)
}

// Topic tells whether a token opens a topic of the stream.
func (a Access) Topic(sdkKey, topic, token string) bool {
	if topic == "results" {
		return a.Results(sdkKey, token)
	}
	return a.Datafile(sdkKey, token)
}

// same compares secrets without telling by its delay how much of them is equal, or how long they are.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// bearer returns the token of a request, or "".
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// unauthorized answers 401.
func unauthorized(w http.ResponseWriter, sentence string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="relay"`)
	fail(w, http.StatusUnauthorized, sentence)
}

// operatorsOnly guards the operator's port against pages: a browser would send their requests there from the operator's
// own machine, with an Origin, or with a name of the page's own that it made point there. No page knows the token, so where one is
// wanted any name will do, such as the container's by which Prometheus asks.
func (s *Server) operatorsOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Origin") != "":
			fail(w, http.StatusForbidden, "the operator's port is not for pages")
		case s.o.AdminToken == "" && !s.operatorsHost(r.Host):
			fail(w, http.StatusForbidden, "ask the operator's port by address, or by the name it listens on")
		case s.o.AdminToken != "" && !same(s.o.AdminToken, bearer(r)):
			unauthorized(w, "the operator's port wants its token as Bearer")
		default:
			next.ServeHTTP(w, r)
			return
		}
		// This port waits for bodies as long as an operator likes, but not for those of anyone else.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second))
	})
}

func (s *Server) operatorsHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || net.ParseIP(host) != nil || s.o.AdminHost != "" && host == s.o.AdminHost
}
