package evaluate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"sortition/wasm/engine"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/event"
)

// client names the relay in events, as other SDKs name themselves.
var client = engine.Client{Name: "sortition-relay", Version: "0.1.0"}

// batchBytes is what the events of a decision mostly fit in.
const batchBytes = 1 << 10

// noID is what JavaScript makes of an id that was never set. The SDKs refuse it: everyone it happens to would be one visitor.
// neverSet is what a sentence says of it.
const (
	noID     = "undefined"
	neverSet = `"undefined" is the text of an id that was never set`
)

// visitor is whom a request is about, as the engine of one datafile sees them, and what is to be told of them.
type visitor struct {
	engine     *engine.Engine
	user       *engine.User
	attributes string // as the request has them
	batch      []byte // the events so far, without the end
	told       int    // how many they are
}

// newVisitor makes a visitor of attributes that are a JSON object, or "" for none.
func newVisitor(project *datafile.Project, id, attributes string) (v *visitor, err error) {
	v = &visitor{engine: engine.Of(project), attributes: cmp.Or(attributes, "{}")}
	v.user, err = v.engine.ReadUser(id, v.attributes)
	return v, err
}

// named is the visitor as events name them.
func (v *visitor) named() *event.Visitor {
	return &event.Visitor{ID: v.user.ID, Attributes: v.engine.ReadAttributes(v.attributes)}
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
	v.batch = v.engine.AppendImpression(v.begin(), &shown, v.named(), now())
}

func (v *visitor) conversion(of *datafile.Event, tags []event.Tag) {
	v.batch = v.engine.AppendConversion(v.begin(), of, v.named(), tags, now())
}

// begin is the batch up to where the next event goes.
func (v *visitor) begin() []byte {
	v.told++
	if v.batch == nil {
		return v.engine.AppendEnvelope(make([]byte, 0, batchBytes), client)
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

// checkEvents says what is wrong with more events than a batch holds: each has a visitor of its own there.
func (v *visitor) checkEvents() error {
	if v.told <= event.MaxVisitors {
		return nil
	}
	return &FieldError{Sentence: fmt.Sprintf("the decisions have more than %d impressions; ask for fewer keys at once, or without impressions", event.MaxVisitors)}
}

// variables are a decision's, nil when its flag has none.
func (v *visitor) variables(d *engine.Decision) json.RawMessage {
	if len(d.Flag.Variables) == 0 {
		return nil
	}
	return v.engine.AppendVariables(make([]byte, 0, 32*len(d.Flag.Variables)), d)
}

// now tells an event from every other one.
func now() engine.Moment {
	return engine.Moment{UUID: uuid.NewString(), Timestamp: time.Now().UnixMilli()}
}
