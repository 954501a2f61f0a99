package decision

import "sortition/wasm/engine/datafile"

// Experiment decides one experiment for a user. The variation may be another experiment's: the official SDK allows a traffic range
// to name any variation of the datafile.
func Experiment(p *datafile.Project, e *datafile.Experiment, u *User) *datafile.Variation {
	if variation, ok := PlainExperiment(e, u); ok {
		return variationOf(p, variation)
	}
	return experiment(e, u).Variation
}

// variationOf is the variation with an index, or nil for None.
func variationOf(p *datafile.Project, index int32) *datafile.Variation {
	if index == None {
		return nil
	}
	return p.Variations[index]
}

// experiment is Experiment that also tells the experiment's own variation of the same key.
func experiment(e *datafile.Experiment, u *User) (to datafile.Target) {
	if !e.Running {
		u.why(notRunning, e, nil)
		return to
	}
	if len(u.Forced) != 0 {
		if v := assigned(u.Forced, e.KeySlot); v != nil {
			u.why(forcedVariation, e, v)
			return target(e, v)
		}
	}
	if len(e.Whitelist) != 0 {
		if v := whitelisted(e, u); v != nil {
			return datafile.Target{Variation: v, Own: v}
		}
	}
	if u.Profile != nil {
		if v := assigned(u.Profile.Variations, e.Slot); v != nil {
			u.why(remembered, e, v)
			return target(e, v)
		}
	}
	in := e.Audience.Matches(&u.User)
	if u.Reasons != nil {
		u.Reasons.addAudience(u, in, audienceAsked, audienceTrue, audienceFalse, e)
	}
	if !in {
		u.why(audienceMismatch, e, nil)
		return to
	}
	if e.CMAB {
		u.why(banditSkipped, e, nil)
	} else {
		to = bucket(e, u)
	}
	u.whether(to.Variation != nil, bucketed, notBucketed, e, to.Variation)
	if to.Variation != nil && u.Profile != nil {
		u.Profile.remember(e, to.Variation)
	}
	return to
}

// target is where a variation that was not read off the experiment's traffic leads. It is seldom called too.
//
//go:noinline
func target(e *datafile.Experiment, v *datafile.Variation) datafile.Target {
	return datafile.Target{Variation: v, Own: e.VariationByKey(v.Key)}
}
