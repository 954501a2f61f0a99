//go:build wasip1

package main

import (
	"unsafe"

	"sortition/wasm/engine"
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// project is an open datafile with the user of its last call: an instance has one thread, so one is enough.
type project struct {
	data         *datafile.Project
	engine       *engine.Engine // of data
	user         decision.User
	reasons      decision.Reasons
	profile      decision.Profile
	answers      []decision.Answer // of the last call that decided flags
	steps        []int32           // of the last decision with reasons, as decision.Reasons tells them
	given        []int32           // the slots of the user's attributes, as many as count says
	count        int
	special      []byte // what few users have, which further users may have too
	isRebucketed bool   // an attribute replaces the user's id in the hash
	options      int32  // of the last decision, but for goesOn
}

// projects are the open ones by handle; a closed one's place is nil and taken again.
var projects []*project

func newProject(text string) (*project, error) {
	data, err := datafile.Open(text, likest(text))
	if err != nil {
		return nil, err
	}
	p := &project{data: data, engine: engine.Of(data)}
	keys := data.AttributeKeys
	p.user.Attributes = make([]audience.Value, len(keys))
	p.given = make([]int32, len(keys))
	p.answers = make([]decision.Answer, 1+len(data.Flags))
	return p, nil
}

// likest is the open project whose datafile begins most like a text, or nil: most likely the same project's.
func likest(text string) (data *datafile.Project) {
	most := -1
	for _, p := range projects {
		if p == nil {
			continue
		}
		same := 0
		for same < min(len(text), len(p.data.Text), enoughToTell) && text[same] == p.data.Text[same] {
			same++
		}
		if same > most {
			most, data = same, p.data
		}
	}
	return data
}

// enoughToTell is how far datafiles of different projects, whose ids differ, are hardly ever the same.
const enoughToTell = 4096

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

// plainly returns the project whose decision may be a plain one, for which nothing has to be prepared, or nil.
func plainly(handle, options int32) *project {
	if uint(handle) >= uint(len(projects)) {
		return nil
	}
	p := projects[handle]
	if p == nil || options|p.options != 0 {
		return nil
	}
	return p
}

// prepare reads the user of decisions and does what their options say before they are made.
func (p *project) prepare(options, user int32) {
	if user != asBefore && !p.readUser(user) {
		panic("no user") // the host's mistake
	}
	if options&withReasons != 0 {
		p.reasons.Reset()
	}
	if options&(withProfile|goesOn) == withProfile {
		p.profile.Restart()
	}
	if options &^= goesOn; options != p.options { // which is rare, and setting pointers is dear
		p.options = options
		p.user.Reasons, p.user.Profile = nil, nil
		if options&withReasons != 0 {
			p.user.Reasons = &p.reasons
		}
		if options&withProfile != 0 {
			p.user.Profile = &p.profile
		}
	}
}

// readSpecial replaces what users have of what few of them have.
func (p *project) readSpecial(text string) {
	p.user.Segments, p.user.Decisions, p.user.Forced = p.user.Segments[:0], p.user.Decisions[:0], p.user.Forced[:0]
	p.profile.Variations, p.profile.Changes = p.profile.Variations[:0], p.profile.Changes[:0]
	if text == "" {
		return
	}
	p.special = append(p.special[:0], text...)
	if !p.user.ReadSpecial(unsafe.String(&p.special[0], len(text)), p.data, &p.profile) {
		panic("no rows of texts") // the host's mistake
	}
}

// experiment is the one with an index, ready to be decided.
func (p *project) experiment(index int32) *datafile.Experiment {
	data := p.data
	e := data.Experiments[index]
	data.LoadRule(e)
	return e
}

// decision puts together what a host says was decided.
func (p *project) decision(flag, rule, variation, source int32) engine.Decision {
	data := p.data
	d := engine.Decision{Flag: data.Flags[flag]}
	data.LoadFlag(d.Flag)
	d.Source = decision.Source(source)
	if rule != decision.None {
		d.Rule = data.Rules[rule]
	}
	if variation != decision.None {
		d.Variation = data.Variations[variation]
	}
	return d
}

// shown is what an impression tells: of no flag, an activation's, else what decide answered.
func (p *project) shown(flag, rule, variation, source int32) engine.Shown {
	if flag == decision.None {
		data := p.data
		return engine.Activated(data.Experiments[rule], data.Variations[variation])
	}
	d := p.decision(flag, rule, variation, source)
	return d.Shown()
}
