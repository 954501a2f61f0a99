package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"sortition/relay/internal/demo"
)

// allocationBytes bounds the body of PATCH /v1/demo/allocation; that of two variations has some 160 bytes.
const allocationBytes = 16 << 10

// The demo may be edited this often: as often as sliders move, but not as often as the disk could take.
const (
	editsBurst     = 10
	editsPerSecond = 4
)

// Demo is the built-in demo's datafile.
type Demo interface {
	// SetAllocation replaces an experiment's traffic allocation and returns the new revision. Its error is a
	// *demo.FieldError, wraps demo.ErrUneditable, or is the relay's own fault.
	SetAllocation(experimentKey string, allocation []demo.Range) (revision string, err error)
}

// patchAllocation edits the demo's file; the pages hear of it as of any new datafile. Whoever may open the demo may edit
// it, but only from the page itself: a foreign page must not do it behind a visitor's back.
func (s *Server) patchAllocation(w http.ResponseWriter, r *http.Request) {
	if s.o.Demo == nil {
		fail(w, http.StatusNotFound, "this relay has no demo that could be edited: its datafile comes from another source")
		return
	}
	if !fromOwnPage(r) {
		fail(w, http.StatusForbidden, "the demo is edited from this relay's own page only")
		return
	}
	if !s.edits.Allow() {
		retryLater(w, http.StatusTooManyRequests, time.Second, "the demo is being edited too often; try again in a moment")
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, "an allocation is application/json")
		return
	}
	body, release, ok := s.readBody(w, r, allocationBytes)
	if !ok {
		return
	}
	defer release()
	key, allocation, invalid := decodeAllocation([]byte(body))
	if invalid != nil {
		failField(w, invalid.Field, invalid.Message)
		return
	}
	revision, err := s.o.Demo.SetAllocation(key, allocation)
	s.answerEdit(w, revision, err)
}

func (s *Server) answerEdit(w http.ResponseWriter, revision string, err error) {
	var invalid *demo.FieldError
	switch {
	case err == nil:
		s.o.Logger.Info("the demo's traffic allocation was edited", "revision", revision)
		answer(w, http.StatusOK, map[string]string{"revision": revision})
	case errors.As(err, &invalid) && invalid.NotFound:
		answer(w, http.StatusNotFound, problem{invalid.Message, invalid.Field})
	case errors.As(err, &invalid):
		failField(w, invalid.Field, invalid.Message)
	case errors.Is(err, demo.ErrUneditable):
		s.o.Logger.Warn("the demo was not edited", "err", err)
		fail(w, http.StatusConflict, demo.ErrUneditable.Error()+": somebody must repair its file first")
	default:
		s.o.Logger.Error("the demo was not edited", "err", err)
		unavailable(w, 5*time.Second, "the demo's datafile cannot be written now")
	}
}

// decodeAllocation reads {experimentKey, trafficAllocation}, or says which member is wrong.
func decodeAllocation(body []byte) (experimentKey string, allocation []demo.Range, invalid *demo.FieldError) {
	var request struct {
		ExperimentKey     *string           `json:"experimentKey"`
		TrafficAllocation []json.RawMessage `json:"trafficAllocation"`
	}
	if err := decodeStrictly(body, &request); err != nil {
		return "", nil, err
	}
	switch {
	case request.ExperimentKey == nil:
		return "", nil, &demo.FieldError{Field: "experimentKey", Message: "it is missing"}
	case request.TrafficAllocation == nil:
		return "", nil, &demo.FieldError{Field: "trafficAllocation", Message: "it is missing"}
	}
	for i, text := range request.TrafficAllocation {
		field := fmt.Sprintf("trafficAllocation[%d]", i)
		var element struct {
			EntityID   *string `json:"entityId"`
			EndOfRange *int    `json:"endOfRange"`
		}
		if err := decodeStrictly(text, &element); err != nil {
			err.Field = strings.TrimSuffix(field+"."+err.Field, ".")
			return "", nil, err
		}
		switch {
		case element.EntityID == nil:
			return "", nil, &demo.FieldError{Field: field + ".entityId", Message: "it is missing"}
		case element.EndOfRange == nil:
			return "", nil, &demo.FieldError{Field: field + ".endOfRange", Message: "it is missing"}
		}
		allocation = append(allocation, demo.Range{EntityID: *element.EntityID, EndOfRange: *element.EndOfRange})
	}
	return *request.ExperimentKey, allocation, nil
}

// decodeStrictly decodes one JSON object that has no members but those of value.
func decodeStrictly(text []byte, value any) *demo.FieldError {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(value)
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped):
		return &demo.FieldError{Field: mistyped.Field, Message: fmt.Sprintf("a %s is wanted, not a %s", jsonKind(mistyped.Type.Kind().String()), mistyped.Value)}
	case err != nil && strings.HasPrefix(err.Error(), "json: unknown field "):
		return &demo.FieldError{Field: strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`), Message: "it is not known here"}
	case err != nil:
		return &demo.FieldError{Message: "the body is not the JSON object that is wanted"}
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return &demo.FieldError{Message: "something follows the JSON object"}
	}
	return nil
}

// jsonKind is what JSON calls a kind of Go's.
func jsonKind(kind string) string {
	switch kind {
	case "int":
		return "whole number"
	case "slice":
		return "array"
	case "struct":
		return "object"
	}
	return kind
}
