package evaluate

import (
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
	request, v, err := readAgent(project, body)
	if err != nil {
		return nil, "", err
	}
	tags, err := tagsOf(request.tags)
	if err != nil {
		return nil, "", err
	}
	if eventKey == "" {
		return nil, "", &FieldError{"eventKey", "missing required path parameter: eventKey"}
	}
	answer = &Tracked{UserID: request.userID, EventKey: eventKey}
	tracked := project.EventByKey(eventKey)
	if tracked == nil {
		answer.Error = fmt.Sprintf(`event with key "%s" not found`, eventKey)
		return answer, "", nil
	}
	v.conversion(tracked, tags)
	return answer, v.events(), nil
}

// tagsOf reads the tags of an event, nil for none.
func tagsOf(object string) ([]event.Tag, error) {
	if object == "" {
		return nil, nil
	}
	tags, err := event.ReadTags(object)
	if err != nil {
		return nil, unparsed("eventTags", "eventTags: "+err.Error())
	}
	return tags, nil
}
