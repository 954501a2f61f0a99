package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/evaluate"
)

// The OpenFeature Remote Evaluation Protocol. What is wrong with a request has its errorCode; who may not ask at all, or not now, is
// told so as everywhere else.

func (s *Server) evaluateFlag(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, body string) {
	evaluated, events := evaluate.Flag(d.Project, body, r.PathValue("key"))
	if evaluated.ErrorCode != "" {
		answer(w, statusOf(&evaluated), evaluated)
	} else if s.tell(w, r, d.SDKKey, events) {
		answer(w, http.StatusOK, evaluated)
	}
}

func (s *Server) evaluateFlags(w http.ResponseWriter, r *http.Request, d *datasource.Datafile, body string) {
	evaluated, problem := evaluate.Flags(d.Project, body)
	if problem != nil {
		answer(w, statusOf(problem), problem)
		return
	}
	evaluated.EventStreams = s.eventStreams(r, d.SDKKey, d.Hash)
	text, err := json.Marshal(evaluated)
	if err != nil {
		panic(fmt.Errorf("evaluations of %s: %w", d.SDKKey, err))
	}
	tag := fmt.Sprintf(`"%016x"`, xxhash.Sum64(text))
	privately(w)
	w.Header().Set("ETag", tag)
	if matches(r.Header.Values("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	answer(w, http.StatusOK, json.RawMessage(text))
}

func statusOf(problem *evaluate.Evaluation) int {
	switch problem.ErrorCode {
	case evaluate.CodeFlagNotFound:
		return http.StatusNotFound
	case evaluate.CodeGeneral:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// matches reads If-None-Match, which compares weakly (RFC 9110, section 13.1.2).
func matches(headers []string, tag string) bool {
	for listed := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		if listed = strings.TrimSpace(listed); listed == "*" || strings.TrimPrefix(listed, "W/") == tag {
			return true
		}
	}
	return false
}
