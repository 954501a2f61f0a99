package decision

import "sortition/wasm/engine/datafile"

// rollout decides what a flag delivers to a user who is in none of its experiments: it walks the delivery rules. Status, whitelist,
// profile and forced variations are nothing to them.
func rollout(d *Decision, f *datafile.Flag, u *User) {
	d.Source = Rollout
	var rules []*datafile.Experiment
	if f.RolloutID != "" && f.Rollout != nil {
		rules = f.Rollout.Rules
	}
	if len(rules) == 0 && u.Reasons != nil {
		u.Reasons.add(u, whyNothingDelivered(f), nil, nil)
	}
	last := len(rules) - 1
	for i := 0; i <= last; i++ {
		rule := rules[i]
		if hasBefore(rule, u) && beforeRule(d, f, rule, Rollout, u) {
			break
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
			break
		}
		i = max(i, last-1) // on to the last rule, or off it
	}
	u.whether(d.Variation != nil, inRollout, notInRollout, nil, nil)
}

// whyNothingDelivered tells what a flag lacks that has no delivery rules.
func whyNothingDelivered(f *datafile.Flag) reason {
	switch {
	case f.RolloutID == "":
		return noRollout
	case f.Rollout == nil:
		return unknownRollout
	default:
		return emptyRollout
	}
}
