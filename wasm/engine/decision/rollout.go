package decision

import "sortition/wasm/engine/datafile"

// rollout decides what a flag delivers to a user who is in none of its experiments.
func rollout(d *Decision, f *datafile.Flag, u *User) {
	d.Source = Rollout
	switch {
	case f.RolloutID == "":
		u.why(noRollout, nil, nil)
	case f.Rollout == nil:
		u.why(unknownRollout, nil, nil)
	case len(f.Rollout.Rules) == 0:
		u.why(emptyRollout, nil, nil)
	default:
		deliver(d, f.Rollout.Rules, f, u)
	}
	u.whether(d.Variation != nil, inRollout, notInRollout, nil, nil)
}

// deliver walks the delivery rules. Status, whitelist, profile and forced variations are nothing to them.
func deliver(d *Decision, rules []*datafile.Experiment, f *datafile.Flag, u *User) {
	last := len(rules) - 1
	for i := 0; i <= last; i++ {
		rule := rules[i]
		if hasBefore(rule, u) && beforeRule(d, f, rule, Rollout, u) {
			return
		}
		met := rule.Audience.Matches(&u.User)
		if u.Reasons != nil {
			u.Reasons.addAudience(u, met, deliveryAsked, deliveryTrue, deliveryFalse, rule)
			u.Reasons.addOne(u, met, deliveryMet, deliveryMismatch, rule, nil)
		}
		if !met {
			continue
		}
		v := bucket(rule, u).Variation
		if v != nil || i != last {
			u.whether(v != nil, deliveryBucketed, deliveryNotBucketed, rule, v)
		}
		if v != nil {
			d.set(rule, v, Rollout)
			return
		}
		i = max(i, last-1) // on to the last rule, or off it
	}
}
