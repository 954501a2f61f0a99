// Package webhook reads Optimizely's datafile-updated webhook: who sent it, and which revision of which project it announces.
//
// The signature is checked over the raw body before anything of it is parsed. A webhook can only cause a refetch from a
// source the operator configured, never from an address in its body, so one that is replayed does no harm and there is
// neither a time window nor a memory of what was seen.
package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// EventDatafileUpdated is the one event this package understands.
const EventDatafileUpdated = "project.datafile_updated"

// Update is what a webhook announces.
type Update struct {
	ProjectID string // as text, whether it came as text or as a number
	Revision  string // empty when the webhook names none
}

// payload is the body as Optimizely sends it: https://docs.developers.optimizely.com, "Configure a webhook". Identifiers
// stay raw text: a project_id may be text, and as a number may exceed what float64 holds exactly.
type payload struct {
	Event     string          `json:"event"`
	ProjectID json.RawMessage `json:"project_id"`
	Data      struct {
		Revision json.RawMessage `json:"revision"`
	} `json:"data"`
}

// Parse decodes a webhook's body. Its error is a sentence for the sender.
func Parse(body []byte) (Update, error) {
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		return Update{}, errors.New("the body is not the JSON object of a webhook")
	}
	if p.Event != EventDatafileUpdated {
		return Update{}, fmt.Errorf("event is %.64q; only %s is understood", p.Event, EventDatafileUpdated)
	}
	project, err := identifier(p.ProjectID)
	if err != nil || project == "" {
		return Update{}, fmt.Errorf("project_id must be a whole number or text, of at most %d bytes", maxIdentifier)
	}
	revision, err := identifier(p.Data.Revision)
	if err != nil {
		return Update{}, fmt.Errorf("data.revision must be a whole number or text, of at most %d bytes", maxIdentifier)
	}
	return Update{ProjectID: project, Revision: revision}, nil
}

// maxIdentifier bounds what the log repeats, since without a secret anyone may send a webhook. Optimizely's have some 11 digits.
const maxIdentifier = 64

// identifier returns the text of a string or of a whole number, and "" of null or nothing.
func identifier(raw json.RawMessage) (text string, err error) {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return "", nil
	}
	if text = string(raw); raw[0] == '"' {
		err = json.Unmarshal(raw, &text)
	} else if strings.Trim(text, "0123456789") != "" {
		err = errors.New("not a whole number")
	}
	if len(text) > maxIdentifier {
		err = errors.New("too long")
	}
	return text, err
}
