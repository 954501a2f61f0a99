package evaluate

import (
	"encoding/json"
	"fmt"

	"sortition/wasm/engine/datafile"
)

// Tracked is what Agent says of an event that was tracked.
type Tracked struct {
	UserID   string `json:"userId"`
	EventKey string `json:"eventKey"`
	Error    string `json:"error,omitempty"` // that the datafile has no such event
}

// Track answers POST /v1/track.
func Track(project *datafile.Project, body, eventKey string) (answer *Tracked, events string, err error) {
	var request struct {
		agentUser
		EventTags map[string]json.RawMessage `json:"eventTags"`
	}
	if err := readUser(body, &request, &request.agentUser); err != nil {
		return nil, "", err
	}
	if eventKey == "" {
		return nil, "", &FieldError{"eventKey", "missing required path parameter: eventKey"}
	}
	answer = &Tracked{UserID: request.UserID, EventKey: eventKey}
	tracked := project.EventByKey(eventKey)
	if tracked == nil {
		answer.Error = fmt.Sprintf(`event with key "%s" not found`, eventKey)
		return answer, "", nil
	}
	v := newVisitor(project, request.UserID, request.UserAttributes)
	v.conversion(tracked, tagsOf(request.EventTags))
	return answer, v.events(), nil
}
