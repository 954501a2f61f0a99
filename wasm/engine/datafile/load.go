package datafile

import (
	"math"

	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
)

// A page decides few of a datafile's flags. So what an entity has besides what others refer to is read when it is first asked for: of
// a rule its audience, traffic and whitelist, of a variation its values, of a flag its variables. Open has found the JSON well-formed,
// and nothing it may say here is wrong.

// Load reads everything that is unread. After that the project never changes.
func (p *Project) Load() {
	for _, f := range p.Flags {
		p.LoadFlag(f)
	}
	for _, rule := range p.Rules {
		p.LoadRule(rule)
	}
	for _, v := range p.Variations {
		v.load()
	}
	for _, a := range p.audiences.Entries {
		p.compile(a)
	}
}

// LoadFlag reads what is unread of a flag and its rules.
func (p *Project) LoadFlag(f *Flag) {
	if f.isRead {
		return
	}
	f.isRead = true
	parser := jsontext.New(f.variables)
	f.Variables = list(parser, variable)
	for _, e := range f.Experiments {
		p.LoadRule(e)
	}
	if f.Rollout != nil {
		for _, rule := range f.Rollout.Rules {
			p.LoadRule(rule)
		}
	}
	p.linkRow(f)
}

// LoadRule reads what is unread of an experiment, a delivery rule or a holdout.
func (p *Project) LoadRule(e *Experiment) {
	if e.isRead {
		return
	}
	e.isRead = true
	parser := jsontext.New(e.source)
	var audienceIDs, audienceConditions string
	injected := e.Allocation
	parser.Members(
		jsontext.Member{Name: "audienceConditions", To: func() { audienceConditions = truthy(parser) }},
		jsontext.Member{Name: "audienceIds", To: func() { audienceIDs = parser.Raw() }},
		jsontext.Member{Name: "cmab", To: func() { e.CMAB = truthy(parser) != "" }},
		jsontext.Member{Name: "forcedVariations", To: func() { e.whitelist(parser) }},
		jsontext.Member{Name: "trafficAllocation", To: func() { e.Allocation = append(allocation(parser), injected...) }},
	)
	if audienceConditions == "" {
		audienceConditions = audienceIDs
	}
	e.Audience = audience.Everyone("")
	if audienceConditions != "" {
		e.Audience = audience.CompileList(jsontext.New(audienceConditions), p.audience)
	}
	e.Line = bucketing.NewLine(e.Allocation)
	e.linkGuards()
	if !e.CMAB {
		for _, r := range e.Allocation {
			e.Targets = append(e.Targets, e.target(p.variationByID.Find(r.EntityID)))
		}
	}
	e.Digest = new(Digest)
	e.Digest.digest(e)
}

// maxShares is how many ranges Shares has bits for.
const maxShares = 64

// linkGuards makes what is asked of a rule besides its audience and its traffic.
func (e *Experiment) linkGuards() {
	e.IsPlain = len(e.LocalHoldouts) == 0
	g := e.Group
	if g == nil || !g.Random {
		return
	}
	e.IsPlain = e.IsPlain && len(g.Allocation) <= maxShares
	for i := range g.Allocation {
		if g.Allocation[i].EntityID == e.ID {
			e.Shares |= 1 << i
		}
	}
}

// Mark is one bit of 64 that a user's id has: of those who are not on a whitelist of a few, hardly any has one of its Marks.
func Mark(id string) uint64 {
	mark := len(id)
	if mark > 0 {
		mark += int(id[mark-1]) << 2
	}
	return 1 << (mark & 63)
}

func (e *Experiment) target(v *Variation) Target {
	if v == nil {
		return Target{}
	}
	return Target{Variation: v, Own: e.VariationByKey(v.Key)}
}

// load reads the values that a variation gives variables.
func (v *Variation) load() {
	if v.isRead {
		return
	}
	v.isRead = true
	parser := jsontext.New(v.source)
	v.values = list(parser, func(p *jsontext.Parser) (value VariableValue) {
		p.Members(jsontext.Member{Name: "id", To: &value.ID}, jsontext.Member{Name: "value", To: &value.Value})
		return value
	})
}

func variable(p *jsontext.Parser) *Variable {
	v := &Variable{}
	var subType string
	p.Members(
		jsontext.Member{Name: "defaultValue", To: &v.Default},
		jsontext.Member{Name: "id", To: &v.ID},
		jsontext.Member{Name: "key", To: &v.Key},
		jsontext.Member{Name: "subType", To: &subType},
		jsontext.Member{Name: "type", To: &v.Type},
	)
	if v.Type == "string" && subType == "json" {
		v.Type = "json"
	}
	return v
}

func (e *Experiment) whitelist(p *jsontext.Parser) {
	p.Object(func(user string) {
		if e.Whitelist == nil {
			e.Whitelist = map[string]string{}
		}
		e.Whitelist[user] = p.Text()
		e.Listed |= Mark(user)
	})
}

func allocation(p *jsontext.Parser) []bucketing.Range {
	return list(p, func(p *jsontext.Parser) (r bucketing.Range) {
		p.Members(
			jsontext.Member{Name: "endOfRange", To: func() { r.EndOfRange = endOfRange(p) }},
			jsontext.Member{Name: "entityId", To: &r.EntityID},
		)
		return r
	})
}

// endOfRange rounds up, as buckets are whole, and stays on the line.
func endOfRange(p *jsontext.Parser) int {
	switch n := bound(p); {
	case n > bucketing.MaxTraffic:
		return bucketing.MaxTraffic
	case n > 0:
		return int(math.Ceil(n))
	}
	return 0
}

// bound reads the number that JavaScript compares a bucket with: that of a text is the one it writes.
func bound(p *jsontext.Parser) float64 {
	if p.Kind() == jsontext.Number {
		return p.Number()
	}
	return oddBound(p)
}

//go:noinline
func oddBound(p *jsontext.Parser) float64 {
	switch {
	case p.Kind() == jsontext.String:
		return ecma.ToNumber(p.String())
	case p.Bool():
		return 1
	}
	return 0
}

// truthy returns the text of the next value, or "" where JavaScript takes the value for false.
func truthy(p *jsontext.Parser) string {
	if value := p.Raw(); isTrue(value) {
		return value
	}
	return ""
}

// isTrue tells whether JavaScript takes a value, or none, for true; an empty list is.
func isTrue(value string) bool {
	switch value {
	case "true":
		return true
	case "", "null", "false", `""`:
		return false
	}
	return isOtherThanZero(value)
}

// isOtherThanZero stands apart, as a page compiles it only for a datafile that has such a value.
//
//go:noinline
func isOtherThanZero(value string) bool {
	p := jsontext.New(value)
	return p.Kind() != jsontext.Number || p.Number() != 0
}
