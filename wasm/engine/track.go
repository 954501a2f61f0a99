package engine

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
	"sortition/wasm/engine/event"
	"sortition/wasm/engine/internal/jsontext"
)

// Client names the SDK that sends events, as batches tell it.
type Client struct{ Name, Version string }

// Moment tells an event from every other one. The engine has neither clock nor randomness, so its caller brings both.
type Moment struct {
	UUID      string
	Timestamp int64 // milliseconds since 1970
}

// AppendEnvelope appends the JSON of an event batch up to and including `"visitors":[`. After it go the visitors that
// AppendImpression and AppendConversion write, with commas between them, and event.End.
func (e *Engine) AppendEnvelope(dst []byte, c Client) []byte {
	p := e.project
	return event.AppendEnvelope(dst, &event.Batch{
		AccountID: p.AccountID, ProjectID: p.ProjectID, Revision: p.Revision, RevisionJSON: p.RevisionJSON,
		ClientName: c.Name, ClientVersion: c.Version,
		AnonymizeIPJSON: p.AnonymizeIP, EnrichDecisions: true,
	})
}

// Shown is what an impression tells: a variation of a rule, for a flag or by itself.
type Shown struct {
	Flag      *datafile.Flag       // nil for an experiment that was asked for by key
	Rule      *datafile.Experiment // nil for none
	Variation *datafile.Variation  // nil for none
	Source    string               // the rule's type on the wire
	Enabled   string               // as JSON
}

// Activated is what activate tells of the variation it found. A traffic range may have named another experiment's variation; the
// official SDK then tells of this one's of that key, or of none.
func Activated(x *datafile.Experiment, variation *datafile.Variation) Shown {
	return Shown{Rule: x, Variation: x.VariationByKey(variation.Key), Source: "experiment", Enabled: "true"}
}

// Shown is what Decide tells of its decision.
func (d *Decision) Shown() Shown {
	return Shown{Flag: d.Flag, Rule: d.Rule, Variation: d.Variation, Source: d.Source.String(), Enabled: d.Variation.EnabledJSON()}
}

// ShownHoldout is what Decide tells besides of a holdout that excludes targeted deliveries, when the decision has one.
func (d *Decision) ShownHoldout() Shown {
	v := d.HoldoutVariation
	return Shown{Flag: d.Flag, Rule: d.Holdout, Variation: v, Source: decision.Holdout.String(), Enabled: v.EnabledJSON()}
}

// AppendImpression appends the JSON of the visitor object that tells what v was shown. Of v it takes ID and Attributes; Attributes may
// be appended to.
func (e *Engine) AppendImpression(dst []byte, s *Shown, v *event.Visitor, at Moment) []byte {
	e.addBotFiltering(v)
	d := e.told(s)
	return event.AppendImpression(dst, v, &d, at.UUID, at.Timestamp)
}

// told is what an impression of s says of it.
func (e *Engine) told(s *Shown) event.Decision {
	d := event.Decision{Metadata: event.Metadata{RuleType: s.Source, EnabledJSON: s.Enabled}}
	if s.Flag != nil {
		d.Metadata.FlagKey = s.Flag.Key
	}
	if x := s.Rule; x != nil {
		d.ExperimentID, d.CampaignID = x.ID, e.project.Rules[x.Slot].LayerID
		d.Metadata.RuleKey = x.Key
	}
	if s.Variation != nil {
		d.VariationID, d.Metadata.VariationKey = s.Variation.ID, s.Variation.Key
	}
	return d
}

// AppendConversion appends the JSON of the visitor object by which track tells of a conversion. Of v it takes ID and Attributes;
// Attributes may be appended to. nil tags are left out of the event, others sent even when empty.
func (e *Engine) AppendConversion(dst []byte, conversion *datafile.Event, v *event.Visitor, tags []event.Tag, at Moment) []byte {
	e.addBotFiltering(v)
	return event.AppendConversion(dst, v, happened(conversion, at), tags)
}

// AppendBlankImpression appends what all impressions of s have in common: see event.AppendBlankImpression.
func (e *Engine) AppendBlankImpression(dst []byte, s *Shown) []byte {
	d := e.told(s)
	return event.AppendBlankImpression(dst, e.nobody(), &d)
}

// AppendBlankConversion appends what all conversions have in common: see event.AppendBlankConversion.
func (e *Engine) AppendBlankConversion(dst []byte, conversion *datafile.Event) []byte {
	return event.AppendBlankConversion(dst, e.nobody(), happened(conversion, Moment{}))
}

// nobody is a visitor who has what all have.
func (e *Engine) nobody() *event.Visitor {
	v := new(event.Visitor)
	e.addBotFiltering(v)
	return v
}

func happened(conversion *datafile.Event, at Moment) *event.Event {
	return &event.Event{EntityID: conversion.ID, Key: conversion.Key, UUID: at.UUID, Timestamp: at.Timestamp}
}

func (e *Engine) addBotFiltering(v *event.Visitor) {
	if e.project.HasBotFiltering {
		v.Attributes = append(v.Attributes, event.BotFiltering(e.project.BotFiltering))
	}
}

// AppendEntityIDs appends a JSON list of the ids that events name attributes by, in the order of AttributeKeys; one that is not sent
// has the id "".
func (e *Engine) AppendEntityIDs(dst []byte) []byte {
	dst = append(dst, '[')
	for i, key := range e.project.AttributeKeys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsontext.AppendQuote(dst, e.attributeOf(key).EntityID)
	}
	return append(dst, ']')
}

// attributeOf names an attribute as events do. One that the datafile does not know, and that is not of Optimizely's own, gets no
// EntityID and is not sent.
func (e *Engine) attributeOf(key string) event.Attribute {
	id := ""
	if slot, ok := e.project.AttributeSlot(key); ok {
		id = e.project.AttributeIDs[slot]
	}
	return event.Attribute{EntityID: event.EntityID(id, key), Key: key}
}

// ReadAttributes names the attributes of a JSON object as events do, in its order. Of one that ReadUser refuses it names what it can.
func (e *Engine) ReadAttributes(object string) (attributes []event.Attribute) {
	_ = audience.ReadMembers(object, func(key string, value audience.Value, _ string) {
		a := e.attributeOf(key)
		a.Value = value
		attributes = append(attributes, a)
	})
	return attributes
}
