package evaluate

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// client names the relay in events, as other SDKs name themselves.
var client = engine.Client{Name: "sortition-relay", Version: "0.1.0"}

// visitor is whom a request is about, as the engine of one datafile sees them, and what is to be told of them.
type visitor struct {
	engine *engine.Engine
	user   *engine.User
	named  event.Visitor // as events name them
	batch  []byte        // the events so far, without the end
}

func newVisitor(project *datafile.Project, id string, attributes map[string]any) *visitor {
	e := engine.Of(project)
	v := &visitor{engine: e, user: e.NewUser(id, attributes), named: event.Visitor{ID: id}}
	for _, key := range slices.Sorted(maps.Keys(attributes)) { // so that the same visitor gives the same event
		a := e.AttributeOf(key)
		a.Value = scalar(attributes[key])
		v.named.Attributes = append(v.named.Attributes, a)
	}
	v.named.Attributes = slices.Clip(v.named.Attributes) // the engine appends to it
	return v
}

// scalar is a value of JSON as events have it; those that they do not carry are Other.
func scalar(value any) audience.Value {
	switch v := value.(type) {
	case nil:
		return audience.Value{Kind: audience.Null}
	case string:
		return audience.OfText(v)
	case bool:
		return audience.OfBool(v)
	case float64:
		return audience.OfNumber(v)
	}
	return audience.Value{Kind: audience.Other}
}

// tell writes down what the event API is told of a decision: often nothing, at most the rule and the holdout.
func (v *visitor) tell(d *engine.Decision) {
	if v.engine.SendsImpression(d) {
		v.impression(d.Shown())
	}
	if d.Holdout != nil {
		v.impression(d.ShownHoldout())
	}
}

func (v *visitor) impression(shown engine.Shown) {
	named := v.named
	v.batch = v.engine.AppendImpression(v.begin(), &shown, &named, now())
}

func (v *visitor) conversion(of *datafile.Event, tags []event.Tag) {
	named := v.named
	v.batch = v.engine.AppendConversion(v.begin(), of, &named, tags, now())
}

// begin is the batch up to where the next event goes.
func (v *visitor) begin() []byte {
	if v.batch == nil {
		return v.engine.AppendEnvelope(nil, client)
	}
	return append(v.batch, ',')
}

// events is the batch as official SDKs send it, "" when there is nothing to tell.
func (v *visitor) events() string {
	if v.batch == nil {
		return ""
	}
	return string(append(v.batch, event.End...))
}

// variables are a decision's, nil when its flag has none.
func (v *visitor) variables(d *engine.Decision) json.RawMessage {
	if len(d.Flag.Variables) == 0 {
		return nil
	}
	return v.engine.AppendVariables(nil, d)
}

// tagsOf are the tags of a conversion, sorted by key; none at all differ from an empty object.
func tagsOf(sent map[string]json.RawMessage) (tags []event.Tag) {
	if sent == nil {
		return nil
	}
	tags = make([]event.Tag, 0, len(sent))
	for _, key := range slices.Sorted(maps.Keys(sent)) {
		var value any
		_ = json.Unmarshal(sent[key], &value) // it was decoded before; a number beyond float64 is no number to events either
		tag := event.Tag{Key: key, Value: scalar(value)}
		if tag.Value.Kind == audience.Other {
			tag.Raw = string(sent[key])
		}
		tags = append(tags, tag)
	}
	return tags
}

// now tells an event from every other one.
func now() engine.Moment {
	return engine.Moment{UUID: uuid.NewString(), Timestamp: time.Now().UnixMilli()}
}
