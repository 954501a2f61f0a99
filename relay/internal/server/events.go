package server

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/wasm/engine/event"
)

// eventsBytes bounds the body of POST /v1/events. Its twin is EVENTS_BYTES in public/sdk/relay/protocol.js.
const eventsBytes = 1 << 20

// postEvents takes a batch as SDKs send it to Optimizely and answers 204 when it is on disk, not before.
func (s *Server) postEvents(w http.ResponseWriter, r *http.Request) {
	if !s.mayPost(r) {
		retryLater(w, http.StatusTooManyRequests, time.Second, "there are too many posts of events from this address")
		return
	}
	query := r.URL.Query()
	sdkKey := query.Get("sdkKey")
	if query.Has("sdkKey") && !s.o.Access.Knows(sdkKey) {
		fail(w, http.StatusNotFound, "there is no project of this sdkKey")
		return
	}
	if !readable(r.Header) {
		fail(w, http.StatusUnsupportedMediaType, "events are application/json or text/plain, without an encoding")
		return
	}
	datafiles := s.datafilesOf(sdkKey)
	if len(datafiles) == 0 {
		unavailable(w, 2*time.Second, "there is no datafile yet to tell what these events belong to")
		return
	}
	body, release, ok := s.readBody(w, r, eventsBytes)
	if !ok {
		return
	}
	defer release()
	batch, err := event.Decode(body)
	var invalid *event.FieldError
	if errors.As(err, &invalid) {
		failField(w, invalid.Field, invalid.Error())
		return
	}
	switch field := stranger(batch, datafiles); {
	case field == "project_id" && sdkKey == "" && s.lacksDatafile():
		unavailable(w, 2*time.Second, "no datafile here has this project_id, but not every project has a datafile yet")
		return
	case field != "":
		failField(w, field, "no datafile here has this "+field)
		return
	}
	if repeated, ok := s.keep(w, r, sdkKey, batch, body); ok {
		tellDuplicates(w.Header(), repeated)
		w.WriteHeader(http.StatusNoContent)
	}
}

// readable tells whether a body is what it should be. text/plain is what a page can send to another origin, and while it is
// being left, without asking first.
func readable(h http.Header) bool {
	encoding := h.Get("Content-Encoding")
	return (encoding == "" || encoding == "identity") && readableType(h.Get("Content-Type"))
}

func readableType(contentType string) bool {
	if contentType == "" || contentType == "application/json" { // as nearly all are
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "application/json" || kind == "text/plain")
}

// datafilesOf returns the datafiles a batch may belong to.
func (s *Server) datafilesOf(sdkKey string) []*datasource.Datafile {
	if sdkKey == "" {
		return s.o.Datafiles.All()
	}
	if d, ok := s.o.Datafiles.Newest(sdkKey); ok {
		return []*datasource.Datafile{d}
	}
	return nil
}

// lacksDatafile tells whether some project has no datafile yet.
func (s *Server) lacksDatafile() bool {
	return slices.ContainsFunc(s.o.Datafiles.States(), func(state datasource.State) bool { return state.Datafile == nil })
}

// stranger returns the member that shows a batch to be of nobody's here, or "".
func stranger(batch *event.Batch, datafiles []*datasource.Datafile) string {
	ofProject := func(d *datasource.Datafile) bool { return d.ProjectID == batch.ProjectID }
	ofBoth := func(d *datasource.Datafile) bool { return ofProject(d) && d.Project.AccountID == batch.AccountID }
	switch {
	case slices.ContainsFunc(datafiles, ofBoth):
		return ""
	case slices.ContainsFunc(datafiles, ofProject):
		return "account_id"
	}
	return "project_id"
}

// tellDuplicates tells a page which of its events the relay had before.
func tellDuplicates(h http.Header, repeated []int) {
	if len(repeated) == 0 {
		return
	}
	var list []byte
	for _, place := range repeated {
		list = append(strconv.AppendInt(list, int64(place), 10), ',')
	}
	h.Set("X-Duplicates", string(list[:len(list)-1]))
}

// keep puts a batch on disk, or answers that it is not there.
func (s *Server) keep(w http.ResponseWriter, r *http.Request, sdkKey string, batch *event.Batch, body string) (repeated []int, ok bool) {
	repeated, err := s.o.Events.Append(r.Context(), sdkKey, batch, body)
	var refused *Refusal
	switch {
	case err == nil:
		return repeated, true
	case errors.As(err, &refused) && refused.RetryAfter == 0:
		fail(w, http.StatusRequestEntityTooLarge, refused.Reason)
	case refused != nil:
		unavailable(w, refused.RetryAfter, refused.Reason)
	case r.Context().Err() != nil:
		panic(http.ErrAbortHandler) // the sender is gone, and an answer of our silence would be 200
	default:
		s.o.Logger.Error("event batch not kept", "err", err)
		unavailable(w, 5*time.Second, "the events cannot be kept now")
	}
	return nil, false
}
