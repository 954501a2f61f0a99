package server

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"time"

	"sortition/relay/internal/evaluate"
)

const (
	// streamBeat is how often a stream that has nothing to tell shows that it lives, for whatever lies between.
	streamBeat = 25 * time.Second
	// streamWrite is how long a page may take to take what is written.
	streamWrite = 10 * time.Second
	// spreadOver is how much later each further page may hear of a change: all of them ask for every flag when they do.
	spreadOver = 500 * time.Microsecond
)

// eventStreams are where a page hears of changes of the datafile it was evaluated by. EventSource can present no token, so pages of
// a private project have to ask.
func (s *Server) eventStreams(r *http.Request, sdkKey, hash string) []evaluate.EventStream {
	if s.o.Access.Tokens[sdkKey] != "" {
		return nil
	}
	stream := evaluate.EventStream{Type: "sse"}
	stream.Endpoint.RequestURI = forwardedPrefix(r) + "/ofrep/v1/events/" + sdkKey + "?have=" + hash
	return []evaluate.EventStream{stream}
}

// plainPath is a path that leads to no other host, whatever a browser makes of it.
var plainPath = regexp.MustCompile(`^(/[\w.~%+-]+)+/?$`)

// forwardedPrefix is the path below which a proxy says that it serves the relay, or "". It need not be trusted: the answer is for
// whoever asked alone.
func forwardedPrefix(r *http.Request) string {
	prefix := r.Header.Get("X-Forwarded-Prefix")
	if !plainPath.MatchString(prefix) {
		return ""
	}
	return strings.TrimSuffix(prefix, "/")
}

// evaluationEvents is OFREP's stream of server-sent events: each says that the flags should be evaluated again, since the datafile
// is another one than the page has.
func (s *Server) evaluationEvents(w http.ResponseWriter, r *http.Request) {
	sdkKey := r.PathValue("sdkKey")
	switch {
	case !s.o.Access.Knows(sdkKey):
		fail(w, http.StatusNotFound, "there is no project of this sdkKey")
		return
	case s.o.Access.Tokens[sdkKey] != "":
		unauthorized(w, "a stream can present no token; pages of this project have to ask again")
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would wait for some pages full of events before it passes one on
	if r.Method == http.MethodHead {
		return // nothing follows it, and a proxy gives the connection to somebody else
	}
	defer s.o.Changes.open.Add(-1)
	if open := s.o.Changes.open.Add(1); s.o.MaxStreams > 0 && open > int64(s.o.MaxStreams) {
		retryLater(w, http.StatusTooManyRequests, 30*time.Second, "there are too many streams")
		return
	}
	have := r.URL.Query().Get("have")
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		have = last // of a page that comes back
	}
	stream := stream{http.NewResponseController(w), w}
	if stream.open() == nil {
		s.follow(r.Context(), stream, sdkKey, have)
	}
}

// follow tells of changes until the page has gone or the relay stops.
func (s *Server) follow(ctx context.Context, to stream, sdkKey, have string) {
	beat := time.NewTicker(streamBeat)
	defer beat.Stop()
	for {
		changed := s.o.Changes.of(sdkKey) // before looking, so that no change goes by in between
		if d, ok := s.o.Datafiles.Newest(sdkKey); ok && d.Hash != have {
			have = d.Hash
			if to.write(fmt.Sprintf("id: %s\ndata: {\"type\":\"refetchEvaluation\",\"etag\":\"%s\"}\n\n", have, have)) != nil {
				return
			}
		}
		select {
		case <-changed:
			s.spread(ctx)
		case <-beat.C:
			if to.write(":\n\n") != nil {
				return
			}
		case <-ctx.Done():
			return
		case <-s.o.Changes.stopped:
			return
		}
	}
}

// spread waits as long as a page has to, so that not all ask at once.
func (s *Server) spread(ctx context.Context) {
	wait := time.NewTimer(rand.N(time.Duration(s.o.Changes.open.Load())*spreadOver + 1))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	case <-s.o.Changes.stopped:
	}
}

// stream writes events as they come, each in bounded time.
type stream struct {
	control *http.ResponseController
	w       http.ResponseWriter
}

// open sends the header, and frees the connection of the limits that other requests have.
func (s stream) open() error {
	if err := s.control.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	return s.write(":\n\n")
}

// write leaves no deadline behind: at one HTTP/2 resets a stream even while nothing is written.
func (s stream) write(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	if err := s.control.Flush(); err != nil {
		return err
	}
	return s.control.SetWriteDeadline(time.Time{})
}
