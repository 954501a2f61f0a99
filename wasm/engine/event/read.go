package event

import (
	"strconv"

	"sortition/wasm/engine/audience"
)

func (r *reader) visitor() (v Visitor) {
	if !r.plainVisitor(&v) {
		v.Raw = r.Source(func() { r.visitorMembers(&v) })
	}
	return v
}

func (r *reader) visitorMembers(v *Visitor) {
	var id, snapshots bool
	r.object(func(key string) {
		switch key {
		case "visitor_id":
			r.once(&id, key)
			v.ID = r.text(key)
		case "snapshots":
			r.once(&snapshots, key)
			v.Snapshots = readList(r, key, &r.snapshots, (*reader).snapshot)
		case "attributes":
			// Only the results read them, so an odd one is not worth refusing a conversion for.
			r.Array(func(int) { r.keep(v, r.attribute()) })
		default:
			r.Skip()
		}
	})
	r.require(id, "visitor_id")
	r.require(snapshots, "snapshots")
}

// keep keeps an attribute, unless a batch has too many.
func (r *reader) keep(v *Visitor, a Attribute) {
	if r.attributed < r.most() {
		v.Attributes = append(v.Attributes, a)
		r.attributed++
	}
}

func (r *reader) attribute() (a Attribute) {
	r.Object(func(key string) {
		switch key {
		case "entity_id":
			a.EntityID = r.Text()
		case "key":
			a.Key = r.Text()
		case "value":
			a.Value = audience.ReadValue(r.Parser)
		default:
			r.Skip()
		}
	})
	return a
}

func (r *reader) snapshot() (s Snapshot) {
	var decisions, events bool
	r.object(func(key string) {
		switch key {
		case "decisions":
			r.once(&decisions, key)
			if r.null() {
				return
			}
			s.Decisions = readList(r, key, &r.decisions, (*reader).decision)
		case "events":
			r.once(&events, key)
			s.Events = readList(r, key, &r.events, (*reader).event)
		default:
			r.Skip()
		}
	})
	r.require(events, "events")
	return s
}

func (r *reader) decision() (d Decision) {
	if r.decided++; r.decided > r.most() {
		r.fail("", "is one too many: a batch of its size has at most "+strconv.Itoa(r.most())+" decisions")
		return d
	}
	r.object(func(key string) {
		switch key {
		case "campaign_id":
			d.CampaignID = r.id(key)
		case "experiment_id":
			d.ExperimentID = r.id(key)
		case "variation_id":
			d.VariationID = r.id(key)
		case "metadata":
			d.Metadata = r.metadata()
		default:
			r.Skip()
		}
	})
	return d
}

func (r *reader) metadata() (m Metadata) {
	r.Object(func(key string) {
		switch key {
		case "flag_key":
			m.FlagKey = r.String()
		case "rule_key":
			m.RuleKey = r.String()
		case "rule_type":
			m.RuleType = r.String()
		case "variation_key":
			m.VariationKey = r.String()
		case "enabled":
			m.Enabled = r.Bool()
		case "cmab_uuid":
			m.CmabUUID = r.String()
		default:
			r.Skip()
		}
	})
	return m
}

func (r *reader) event() (e Event) {
	e.Raw = r.Source(func() { r.eventMembers(&e) })
	e.fillAmounts()
	return e
}

func (r *reader) eventMembers(e *Event) {
	var key, uuid, timestamp bool
	r.object(func(name string) {
		switch name {
		case "entity_id":
			e.EntityID = r.id(name)
		case "key":
			r.once(&key, name)
			e.Key = r.filledText(name)
		case "uuid":
			r.once(&uuid, name)
			e.UUID = r.uuid(name)
		case "timestamp":
			r.once(&timestamp, name)
			e.Timestamp = r.integer(name)
		case "revenue":
			e.Revenue = r.amount()
		case "value":
			e.Value = r.amount()
		case "tags":
			e.Tags = r.tags()
		default:
			r.Skip()
		}
	})
	r.require(key, "key")
	r.require(uuid, "uuid")
	r.require(timestamp, "timestamp")
}
