//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/event"
)

// project is an open datafile with the user of its current call: an instance has one thread, so one is enough.
type project struct {
	datafile   string
	engine     *engine.Engine
	user       decision.User
	texts      []byte // valueTextRoom bytes for each attribute, where the host writes text
	visitor    event.Visitor
	attributes []event.Attribute // by slot, without values
	tags       []event.Tag
}

// projects are the open ones by handle; a closed one's place is nil and taken again.
var projects []*project

func newProject(text string) (*project, error) {
	e, err := engine.New(text)
	if err != nil {
		return nil, err
	}
	p := &project{datafile: text, engine: e}
	keys := e.Project().AttributeKeys
	p.user.Attributes = make([]audience.Value, len(keys))
	p.texts = make([]byte, len(keys)*valueTextRoom+valueTextRoom)
	for slot, key := range keys {
		p.user.Attributes[slot] = p.blank(slot)
		p.attributes = append(p.attributes, e.AttributeOf(key))
	}
	return p, nil
}

// keep gives a project a handle.
func keep(p *project) int32 {
	for handle := range projects {
		if projects[handle] == nil {
			projects[handle] = p
			return int32(handle)
		}
	}
	projects = append(projects, p)
	return int32(len(projects) - 1)
}

// frameUser is the id of the frame's user, or the one text of a call that takes a text.
func frameUser() string { return textAt(int32At(frameUserOffset), int32At(frameUserLength)) }

// frameClient is the client whose name and version are the frame's text, a NUL between them.
func frameClient() engine.Client {
	both := frameUser()
	for i := range both {
		if both[i] == 0 {
			return engine.Client{Name: both[:i], Version: both[i+1:]}
		}
	}
	return engine.Client{Name: both}
}

// readUser reads the frame's user for a decision, without a copy. Attributes without a record are in the table already.
func (p *project) readUser() {
	id := frameUser()
	p.user.ID = id
	attributes := records(0, int32At(frameAttributeCount))
	for i := range attributes {
		switch r := &attributes[i]; {
		case r.slot >= 0:
			p.user.Attributes[r.slot] = r.value()
		case r.slot == slotBucketingID:
			id = r.text()
		}
	}
	p.user.Bucketing = bucketing.NewPrefix(id)
}

// forgetUser clears what readUser filled, so that the next user has none of this one's attributes. The frame must be as it was.
func (p *project) forgetUser() {
	attributes := records(0, int32At(frameAttributeCount))
	for i := range attributes {
		if slot := attributes[i].slot; slot >= 0 {
			p.user.Attributes[slot] = p.blank(int(slot))
		}
	}
}

// blank is an attribute without a value, whose Text already lies where the host will write it: it only has to say how long it is.
func (p *project) blank(slot int) audience.Value {
	return audience.Value{Text: unsafe.String(&p.texts[slot*valueTextRoom], valueTextRoom)}
}

// readVisitor reads the frame's user for an event, without a copy. Attributes keep the order the host wrote them in.
func (p *project) readVisitor() *event.Visitor {
	p.visitor.ID = frameUser()
	p.visitor.Attributes = p.visitor.Attributes[:0]
	attributes := records(0, int32At(frameAttributeCount))
	for i := 0; i < len(attributes); i++ {
		r := &attributes[i]
		var a event.Attribute
		switch {
		case r.slot >= 0:
			a = p.attributes[r.slot]
		case r.slot == slotKeyed:
			a = p.engine.AttributeOf(r.text())
			i++
		default:
			continue
		}
		a.Value = attributes[i].value()
		p.visitor.Attributes = append(p.visitor.Attributes, a)
	}
	return &p.visitor
}

// readTags reads the frame's tags, nil when the host gave none.
func (p *project) readTags() []event.Tag {
	count := int32At(frameTagCount) - 1
	if count < 0 {
		return nil
	}
	p.tags = append(p.tags[:0], event.Tag{})[:0] // empty is not nil: the host gave an empty object
	pairs := records(int32At(frameAttributeCount), 2*count)
	for i := 0; i < len(pairs); i += 2 {
		tag := event.Tag{Key: pairs[i].text(), Value: pairs[i+1].value()}
		tag.Raw = tag.Value.Text // of Kind Other it is JSON
		p.tags = append(p.tags, tag)
	}
	return p.tags
}

// moment reads what tells the frame's event from others.
func moment() engine.Moment {
	return engine.Moment{UUID: textAt(frameUUID, 36), Timestamp: int64(float64At(frameTimestamp))}
}
