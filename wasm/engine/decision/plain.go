package decision

import "sortition/wasm/engine/datafile"

// Nearly every decision is plain: nothing is forced or remembered for the user, nobody asks why, and of each rule that is asked, audience
// and traffic alone decide. What follows makes these, has guarded.go make what is nearly as plain, and leaves all others to Flag and Experiment, which
// would answer the same. It is quick
// since it calls hardly anything: in WebAssembly Go takes all that a function has at hand through memory at each call, and Flag has to
// call for much that is seldom there.

// Plain decides a flag as Flag does, without what is to be said of holdouts and failures, of which there are none where ok.
func Plain(p *datafile.Project, f *datafile.Flag, u *User) (rule *datafile.Experiment, v *datafile.Variation, source Source, ok bool) {
	if !f.IsPlain || !u.isPlain() || len(p.GlobalHoldouts) != 0 {
		return guarded(p, f, u)
	}
	rules := f.Row
	for i := 0; i < len(rules); i++ {
		e := rules[i]
		if !e.Audience.Matches(&u.User) {
			continue
		}
		to := traffic(e, u)
		if delivers := i >= f.Deliveries; delivers {
			if to.Variation != nil {
				return e, to.Variation, Rollout, true
			}
			i = max(i, len(rules)-2) // on to the last rule, or off it
		} else if to.Variation != nil {
			return e, to.Own, FeatureTest, to.Own != nil // if it is not the rule's own, Flag looks whether it is the flag's
		}
	}
	return nil, nil, Rollout, true
}

// PlainExperiment decides an experiment as Experiment does.
func PlainExperiment(e *datafile.Experiment, u *User) (v *datafile.Variation, ok bool) {
	if !e.IsPlain || !u.isPlain() {
		return guardedExperiment(e, u)
	}
	if e.Running && e.Audience.Matches(&u.User) {
		v = traffic(e, u).Variation
	}
	return v, true
}

// isPlain tells whether there is nothing but an id and attributes.
func (u *User) isPlain() bool {
	return len(u.Forced)|len(u.Decisions) == 0 && u.Profile == nil && u.Reasons == nil
}
