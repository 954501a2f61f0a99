package evaluate

import (
	"encoding/json"
	"fmt"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
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
		EventTags json.RawMessage `json:"eventTags"`
	}
	v, err := request.read(project, body, &request)
	if err != nil {
		return nil, "", err
	}
	tags, err := tagsOf(request.EventTags)
	if err != nil {
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
	v.conversion(tracked, tags)
	return answer, v.events(), nil
}

// tagsOf reads the tags of an event; null are none.
func tagsOf(sent json.RawMessage) ([]event.Tag, error) {
	if len(sent) == 0 || string(sent) == "null" {
		return nil, nil
	}
	tags, err := event.ReadTags(string(sent))
	if err != nil {
		return nil, &FieldError{"eventTags", "error parsing request body: eventTags: " + err.Error()}
	}
	return tags, nil
}
