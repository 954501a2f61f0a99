package server

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// log gives each request an id and writes the access log: method and path, never a query, a body, an address or a visitor's id.
// What succeeds many times a second says nothing: events that are kept, decisions, probes, and answers that nothing has changed. What is
// refused because there is too much of it, or no room, is told once a second.
func (s *Server) log(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		id := strconv.FormatUint(rand.Uint64()|1<<63, 16) // 16 digits
		w.Header().Set("X-Request-Id", id)
		recorder := &recorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		tell := func() {
			s.o.Logger.Info("request", "id", id, "method", r.Method, "path", fmt.Sprintf("%.200s", r.URL.Path), "status", recorder.status,
				"bytes", recorder.bytes, "took", time.Since(started).Round(time.Microsecond))
		}
		switch {
		case quiet(r, recorder.status):
		case recorder.status == http.StatusTooManyRequests, recorder.status == http.StatusServiceUnavailable:
			s.overloads.Do(tell)
		default:
			tell()
		}
	})
}

func quiet(r *http.Request, status int) bool {
	switch {
	case status >= http.StatusBadRequest:
		return false
	case status == http.StatusNotModified, status == http.StatusNoContent:
		return true
	}
	switch r.URL.Path {
	case "/healthz", "/readyz", "/metrics", "/v1/decide", "/v1/activate", "/v1/track", "/v1/batch":
		return true
	}
	return strings.HasPrefix(r.URL.Path, "/ofrep/")
}

// recorder remembers how a request was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
	begun  bool
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if !r.begun {
		r.status, r.begun = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(data []byte) (int, error) {
	r.begun = true
	n, err := r.ResponseWriter.Write(data)
	r.bytes += int64(n)
	return n, err
}

// Hijack lets a websocket have the connection.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	r.status, r.begun = http.StatusSwitchingProtocols, true
	return http.NewResponseController(r.ResponseWriter).Hijack()
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// recover answers 500 where a handler panics, or cuts off the answer it has begun, and keeps the relay running.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(reason) // net/http's own way to end a connection
			}
			s.o.Logger.Error("panic", "method", r.Method, "path", r.URL.Path, "reason", reason, "stack", string(debug.Stack()))
			if recorder, ok := w.(*recorder); !ok || recorder.begun {
				panic(http.ErrAbortHandler) // or what there is would look like all of it
			}
			fail(w, http.StatusInternalServerError, "the relay failed; its log says how")
		}()
		next.ServeHTTP(w, r)
	})
}

// secure sets what holds for every answer.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header["X-Content-Type-Options"], header["Referrer-Policy"] = noSniff, referrerPolicy
		next.ServeHTTP(w, r)
	})
}

// jsonErrors makes the mux answer in JSON where no route matches: 405 with Allow where another method would, else as otherwise does.
func jsonErrors(mux *http.ServeMux, otherwise http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		switch {
		case strings.Contains(pattern, "{"):
			mux.ServeHTTP(w, r) // matches once more, for the parts of the path
			return
		case pattern != "":
			handler.ServeHTTP(w, r)
			return
		}
		probe := &collector{header: http.Header{}}
		handler.ServeHTTP(probe, r)
		switch allow := probe.header.Get("Allow"); {
		case allow != "":
			notAllowed(w, allow)
		case probe.header.Get("Location") != "": // the path is not clean
			handler.ServeHTTP(w, r)
		default:
			otherwise.ServeHTTP(w, r)
		}
	})
}

func notAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	fail(w, http.StatusMethodNotAllowed, "this address takes "+allow)
}

func nothingHere(w http.ResponseWriter, _ *http.Request) {
	fail(w, http.StatusNotFound, "there is nothing at this address")
}

// pages serves the site. Where that has no file, another method is not what is wrong.
func pages(site http.Handler) http.Handler {
	site = anyOrigin(site)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			site.ServeHTTP(w, r)
			return
		}
		probe, look := &collector{header: http.Header{}}, r.Clone(r.Context())
		look.Method = http.MethodHead
		site.ServeHTTP(probe, look)
		if probe.status == http.StatusNotFound {
			nothingHere(w, r)
			return
		}
		notAllowed(w, "GET, HEAD")
	})
}
