package event

import (
	"strconv"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/text"
)

// plain reads a visitor, or what a batch says before its visitors, whose JSON is as SDKs write it: no white space, no escapes, and no
// members but those that are read.
// Whatever else it meets is odd, and then it has read nothing: the reader, which takes everything and says what is wrong, begins anew.
// It takes half the time, which is what a relay spends most of on a batch.
type plain struct {
	*reader
	text string // from the visitor on
	at   int
	odd  bool
}

// readPlain returns a plain that begins at what is next.
func (r *reader) readPlain() *plain {
	if r.plain == nil {
		r.plain = &plain{reader: r} // one for all of a batch
	}
	r.plain.text, r.plain.at, r.plain.odd = r.Rest(), 0, false
	return r.plain
}

// plainHeader reads the members of a batch that come before its visitors, consumes nothing, and returns how many bytes there are up to
// the visitors' value. It returns 0 when there is anything odd before them.
func (r *reader) plainHeader(b *Batch) int {
	p := r.readPlain()
	for ok := p.enter('{'); ok; ok = p.more('}') {
		start := p.at
		switch {
		case p.is(`"account_id":`):
			b.AccountID = p.quoted()
		case p.is(`"project_id":`):
			b.ProjectID = p.quoted()
		case p.is(`"revision":`):
			value := p.at
			b.Revision = p.quoted()
			b.RevisionJSON = p.text[value:p.at]
		case p.is(`"client_name":`):
			b.ClientName = p.quoted()
		case p.is(`"client_version":`):
			b.ClientVersion = p.quoted()
		case p.is(`"region":`):
			b.Region = p.quoted()
		case p.is(`"anonymize_ip":`):
			b.AnonymizeIP = p.truth()
		case p.is(`"enrich_decisions":`):
			b.EnrichDecisions = p.truth()
		case p.is(`"visitors":`):
			b.header = p.text[:start]
			return p.at
		default:
			p.fail()
		}
	}
	*b = Batch{Visitors: b.Visitors}
	return 0
}

// plainVisitor reads the next visitor, or consumes nothing and returns false.
func (r *reader) plainVisitor(v *Visitor) bool {
	p, before := r.readPlain(), r.slabs
	if p.visitor(v); p.odd {
		*v, r.slabs = Visitor{}, before
		return false
	}
	r.Advance(p.at)
	return true
}

func (p *plain) visitor(v *Visitor) {
	var id, snapshots bool
	for ok := p.enter('{'); ok; ok = p.more('}') {
		switch {
		case p.is(`"visitor_id":`):
			p.once(&id)
			v.ID = p.quoted()
		case p.is(`"snapshots":`):
			p.once(&snapshots)
			v.Snapshots = plainList(p, &p.snapshots, (*plain).snapshot)
		case p.is(`"attributes":`):
			for ok := p.enter('['); ok; ok = p.more(']') {
				p.keep(v, p.attribute())
			}
		default:
			p.fail()
		}
	}
	p.must(id && snapshots)
	v.Raw = p.text[:p.at]
}

func (p *plain) attribute() (a Attribute) {
	for ok := p.enter('{'); ok; ok = p.more('}') {
		switch {
		case p.is(`"entity_id":`):
			a.EntityID = p.quoted()
		case p.is(`"key":`):
			a.Key = p.quoted()
		case p.is(`"type":`):
			p.quoted()
		case p.is(`"value":`):
			a.Value = p.value()
		default:
			p.fail()
		}
	}
	return a
}

func (p *plain) snapshot(s *Snapshot) {
	var decisions, events bool
	for ok := p.enter('{'); ok; ok = p.more('}') {
		switch {
		case p.is(`"decisions":`):
			p.once(&decisions)
			if !p.is("null") {
				s.Decisions = plainList(p, &p.decisions, (*plain).decision)
			}
		case p.is(`"events":`):
			p.once(&events)
			s.Events = plainList(p, &p.events, (*plain).event)
		default:
			p.fail()
		}
	}
	p.must(events)
}

func (p *plain) decision(d *Decision) {
	p.decided++
	p.must(p.decided <= p.most())
	for ok := p.enter('{'); ok; ok = p.more('}') {
		switch {
		case p.is(`"campaign_id":`):
			d.CampaignID = p.quoted()
		case p.is(`"experiment_id":`):
			d.ExperimentID = p.quoted()
		case p.is(`"variation_id":`):
			d.VariationID = p.quoted()
		case p.is(`"metadata":`):
			d.Metadata = p.metadata()
		default:
			p.fail()
		}
	}
}

func (p *plain) metadata() (m Metadata) {
	for ok := p.enter('{'); ok; ok = p.more('}') {
		switch {
		case p.is(`"flag_key":`):
			m.FlagKey = p.quoted()
		case p.is(`"rule_key":`):
			m.RuleKey = p.quoted()
		case p.is(`"rule_type":`):
			m.RuleType = p.quoted()
		case p.is(`"variation_key":`):
			m.VariationKey = p.quoted()
		case p.is(`"enabled":`):
			m.Enabled = p.truth()
		default:
			p.fail()
		}
	}
	return m
}

func (p *plain) event(e *Event) {
	start := p.at
	var key, uuid, timestamp bool
	for ok := p.enter('{'); ok; ok = p.more('}') {
		switch {
		case p.is(`"entity_id":`):
			e.EntityID = p.quoted()
		case p.is(`"key":`):
			p.once(&key)
			e.Key = p.quoted()
		case p.is(`"uuid":`):
			p.once(&uuid)
			e.UUID = p.quoted()
		case p.is(`"timestamp":`):
			p.once(&timestamp)
			e.Timestamp = p.digits()
		case p.is(`"revenue":`):
			e.Revenue = finite(p.number())
		case p.is(`"value":`):
			e.Value = finite(p.number())
		case p.is(`"tags":`):
			e.Tags = p.tags()
		default:
			p.fail()
		}
	}
	p.must(e.Key != "" && e.UUID != "" && len(e.UUID) <= maxUUID && timestamp)
	e.Raw = p.text[start:p.at]
	e.fillAmounts()
}

func (p *plain) tags() string {
	start := p.at
	for ok := p.enter('{'); ok; ok = p.more('}') {
		p.quoted()
		p.consume(':')
		p.value()
	}
	return p.text[start:p.at]
}

// plainList is readList of a plain list.
func plainList[T any](p *plain, slab *[]T, element func(*plain, *T)) []T {
	start := begin(slab)
	for ok := p.enter('['); ok; ok = p.more(']') {
		*slab = append(*slab, *new(T))
		element(p, &(*slab)[len(*slab)-1])
		p.must(len(*slab)-start <= maxElements)
	}
	return since(*slab, start)
}

// must gives up unless something holds.
func (p *plain) must(hold bool) {
	if !hold {
		p.fail()
	}
}

func (p *plain) once(seen *bool) {
	p.must(!*seen)
	*seen = true
}

// fail gives up: nothing comes behind what is odd.
func (p *plain) fail() { p.odd, p.at = true, len(p.text) }

// peek is the next byte, 0 at the end and after anything odd.
func (p *plain) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// is consumes what is next if it is a certain text, and tells whether it was.
func (p *plain) is(next string) bool {
	if !text.HasPrefix(p.text[p.at:], next) {
		return false
	}
	p.at += len(next)
	return true
}

// enter consumes the beginning of an object or array, or all of it when it is empty, and tells whether there is something in it.
func (p *plain) enter(begin byte) bool {
	p.consume(begin)
	if end := begin + 2; p.peek() == end { // in ASCII there is a byte between { and }, and [ and ]
		p.at++
		return false
	}
	return !p.odd
}

// more consumes the comma before a further member or element, or else the end of its container.
func (p *plain) more(end byte) bool {
	if p.peek() == ',' {
		p.at++
		return true
	}
	p.consume(end)
	return false
}

func (p *plain) consume(c byte) {
	if p.peek() != c {
		p.fail()
		return
	}
	p.at++
}

func (p *plain) quoted() string {
	p.consume('"')
	start := p.at
	p.at = jsontext.PlainEnd(p.text, start)
	s := p.text[start:p.at]
	p.consume('"')
	return s
}

// digits reads a number of at most 15 of them, which any float can hold.
func (p *plain) digits() (n int64) {
	start := p.at
	for ; '0' <= p.peek() && p.peek() <= '9'; p.at++ {
		n = n*10 + int64(p.text[p.at]-'0')
	}
	length := p.at - start
	p.must(length == 1 || length > 1 && length <= 15 && p.text[start] != '0')
	return n
}

// number reads digits, and a fraction if there is one.
func (p *plain) number() float64 {
	start := p.at
	n := p.digits()
	if p.peek() != '.' {
		return float64(n)
	}
	p.at++
	p.must('0' <= p.peek() && p.peek() <= '9')
	for '0' <= p.peek() && p.peek() <= '9' {
		p.at++
	}
	f, _ := strconv.ParseFloat(p.text[start:p.at], 64) // of digits, it always is one
	return f
}

func (p *plain) truth() bool {
	if p.is("true") {
		return true
	}
	p.must(p.is("false"))
	return false
}

func (p *plain) value() audience.Value {
	switch p.peek() {
	case '"':
		return audience.OfText(p.quoted())
	case 't', 'f':
		return audience.OfBool(p.truth())
	}
	return audience.OfNumber(p.number())
}
