package datafile

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/names"
)

// Flag is a feature flag: the experiments it runs, in order, the rollout that serves who is in none of them, and its variables.
type Flag struct {
	Index     int // in Project.Flags
	ID        string
	Key       string
	RolloutID string   // "" for none
	variables string   // as JSON
	Rollout   *Rollout // nil when the datafile has none with RolloutID

	// Experiments are those it lists. ListsExperiments tells whether it lists any, known or not, and HasList whether there is a list.
	Experiments      []*Experiment
	ListsExperiments bool
	HasList          bool

	Variables []*Variable

	isRead        bool // by LoadFlag
	experimentIDs []string
	all           []*Variation // of a flag with a feature rollout: its variations before later flags gave it theirs
}

// Rollout is a row of delivery rules; the last one is for everyone else.
type Rollout struct {
	ID    string
	Rules []*Experiment
}

// Variable is a value that a flag gives the application, by default or by the variation of a user.
type Variable struct {
	_       lean.Uncompared
	ID      string
	Key     string
	Type    string // boolean, integer, double, string or json; others are read as string
	Default string
}

func (d *decoder) flag() *Flag {
	if i, m := d.again(flags); i >= 0 {
		return d.flagAgain(i, &m)
	}
	f := d.flagBlocks.next()
	hasVariables := false
	d.read(flags,
		jsontext.Member{Name: "experimentIds", To: func() {
			requireList(d.parser)
			f.HasList = d.parser.Kind() == jsontext.Array
			f.experimentIDs = list(d.parser, (*jsontext.Parser).Text)
		}},
		jsontext.Member{Name: "id", To: &f.ID},
		jsontext.Member{Name: "key", To: &f.Key},
		jsontext.Member{Name: "rolloutId", To: &f.RolloutID},
		jsontext.Member{Name: "variables", To: func() {
			hasVariables = d.parser.Kind() == jsontext.Array
			f.variables = d.parser.Raw()
		}},
	)
	if !hasVariables {
		d.parser.Fail(`flag "` + f.Key + `" must have a list of variables`)
	}
	return f
}

// linkFlags finds what flags name by id, and gives feature rollouts what is theirs. It returns what one lacks, or "".
func (d *decoder) linkFlags() (lack Error) {
	p := d.project
	p.rolloutByID = names.Of(d.rollouts, func(r *Rollout) string { return r.ID }, d.earlier.rolloutByID)
	p.flagByKey = names.Of(p.Flags, func(f *Flag) string { return f.Key }, d.earlier.flagByKey)
	p.Rows = make([]Row, len(p.Flags))
	for i, f := range p.Flags {
		f.Index = i
		f.Rollout = p.rolloutByID.Find(f.RolloutID)
		f.ListsExperiments = len(f.experimentIDs) != 0
		rolled := false
		for _, id := range f.experimentIDs {
			if e := p.experimentByID.Find(id); e != nil {
				e.HasFlag = true
				f.Experiments = append(f.Experiments, e)
				rolled = rolled || e.Type == "fr"
			}
		}
		if rolled && lack == "" {
			lack = f.injectEveryoneElse()
		}
	}
	return lack
}

// injectEveryoneElse gives the traffic that feature rollouts leave over to the variation that everyone else gets: the first one of the
// last rule. It returns why a feature rollout cannot take it, or "". Few flags have any, and a page compiles this only for them.
//
//go:noinline
func (f *Flag) injectEveryoneElse() Error {
	if v := f.everyoneElses(); v != nil {
		for _, e := range f.Experiments {
			if e.Type == "fr" {
				if isFirst := len(e.Variations) == int(e.own); isFirst && !e.takesMore() {
					return Error(`feature rollout "` + e.Key + `" must have a list of variations and one of its traffic allocation`)
				}
				e.Variations = append(e.Variations, v)
				e.Allocation = append(e.Allocation, bucketing.Range{EntityID: v.ID, EndOfRange: bucketing.MaxTraffic})
			}
		}
	}
	f.eachVariation(func(_ int, v *Variation) { f.all = append(f.all, v) })
	return ""
}

// takesMore tells whether the rule has the lists to which a variation and its traffic can be added.
func (e *Experiment) takesMore() bool {
	var variations, traffic bool
	p := jsontext.New(e.source)
	isList := func(is *bool) func() {
		return func() {
			*is = p.Kind() == jsontext.Array
			p.Skip()
		}
	}
	p.Members(jsontext.Member{Name: "trafficAllocation", To: isList(&traffic)}, jsontext.Member{Name: "variations", To: isList(&variations)})
	return variations && traffic
}

// everyoneElses is the variation that everyone else gets, or nil.
func (f *Flag) everyoneElses() *Variation {
	if f.Rollout == nil || len(f.Rollout.Rules) == 0 {
		return nil
	}
	last := f.Rollout.Rules[len(f.Rollout.Rules)-1]
	if len(last.Variations) == 0 {
		return nil
	}
	return last.Variations[0]
}

// VariationByKey returns the variation with the key among those of all the flag's rules, or nil. The official SDK keeps them in an
// object by id: of two with one id the later one replaces the earlier one, ids that are array indexes come first, in ascending
// order, and the others in the order of the rules.
func (f *Flag) VariationByKey(key string) *Variation {
	var first *Variation
	least, earliest := uint64(notAnIndex), 0
	f.eachVariation(func(_ int, v *Variation) {
		if v.Key != key {
			return
		}
		place, last := f.variationByID(v.ID)
		if last != v {
			return
		}
		if index := arrayIndex(v.ID); first == nil || index < least || index == least && place < earliest {
			first, least, earliest = v, index, place
		}
	})
	return first
}

// variationByID returns the last of the flag's variations with an id, and the place of the first one.
func (f *Flag) variationByID(id string) (place int, last *Variation) {
	f.eachVariation(func(i int, v *Variation) {
		if v.ID != id {
			return
		}
		if last == nil {
			place = i
		}
		last = v
	})
	return place, last
}

// eachVariation visits the variations of all the flag's rules in order.
func (f *Flag) eachVariation(visit func(place int, v *Variation)) {
	place := 0
	each := func(variations []*Variation) {
		for _, v := range variations {
			visit(place, v)
			place++
		}
	}
	if f.all != nil {
		each(f.all)
		return
	}
	for _, rule := range f.Experiments {
		each(rule.Variations)
	}
	if f.Rollout != nil {
		for _, rule := range f.Rollout.Rules {
			each(rule.Variations)
		}
	}
}

// notAnIndex is greater than every array index of JavaScript.
const notAnIndex = 1<<32 - 1

// arrayIndex returns the array index that JavaScript takes a property name for, or notAnIndex.
func arrayIndex(name string) uint64 {
	if name == "" || len(name) > 10 || name[0] == '0' && len(name) > 1 {
		return notAnIndex
	}
	n := uint64(0)
	for i := 0; i < len(name); i++ {
		if name[i] < '0' || name[i] > '9' {
			return notAnIndex
		}
		n = n*10 + uint64(name[i]-'0')
	}
	return min(n, notAnIndex)
}
