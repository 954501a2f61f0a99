package decision

import "sortition/wasm/engine/datafile"

// Flag decides a flag for a user.
func Flag(p *datafile.Project, f *datafile.Flag, u *User) Decision {
	if u.Reasons != nil {
		u.Reasons.begin(f)
	}
	if len(u.Decisions) != 0 {
		if v := forcedFlag(f, u); v != nil {
			return Decision{Variation: v, Source: FeatureTest}
		}
	}
	for _, h := range p.GlobalHoldouts {
		v := heldOut(h, u)
		switch {
		case v == nil:
		case !h.ExcludeTargetedDeliveries:
			return Decision{Rule: h, Variation: v, Source: Holdout}
		default:
			return besides(h, v, f, u)
		}
	}
	if d, decided := experiments(f, u); decided {
		return d
	}
	return rollout(f, u)
}

// besides decides for a user whom a holdout keeps from experiments, but not from what is delivered.
func besides(h *datafile.Experiment, v *datafile.Variation, f *datafile.Flag, u *User) Decision {
	u.why(deliveriesGoOn, h, nil)
	if u.Reasons != nil {
		u.Reasons.double()
	}
	d := rollout(f, u)
	d.Holdout, d.HoldoutVariation = h, v
	return d
}

// experiments asks the flag's experiments, in order, until one gives the user a variation. One whose variation is neither its own
// nor another one of the flag ends the row without a decision.
func experiments(f *datafile.Flag, u *User) (d Decision, decided bool) {
	if !f.HasList {
		return Decision{Failed: true}, true
	}
	if !f.ListsExperiments {
		u.why(noExperiments, nil, nil)
	}
	for _, e := range f.Experiments {
		if hasBefore(e, u) {
			if d, decided := beforeRule(f, e, FeatureTest, u); decided {
				return d, true
			}
		}
		to := experiment(e, u)
		if to.Variation == nil {
			continue
		}
		v := to.Own
		if v == nil {
			v = f.VariationByKey(to.Variation.Key)
		}
		return Decision{Rule: e, Variation: v, Source: FeatureTest}, v != nil
	}
	return Decision{}, false
}

// hasBefore tells whether there is anything for beforeRule to ask, which is rare, and a call is dear in WebAssembly.
func hasBefore(rule *datafile.Experiment, u *User) bool {
	return len(u.Decisions) != 0 || len(rule.LocalHoldouts) != 0
}

// beforeRule asks what comes before an experiment or a delivery rule: a forced decision for it, and its local holdouts.
func beforeRule(f *datafile.Flag, rule *datafile.Experiment, source Source, u *User) (d Decision, decided bool) {
	if len(u.Decisions) != 0 {
		if v := forcedRule(f, rule, u); v != nil {
			if own := rule.VariationByKey(v.Key); own != nil && source == FeatureTest {
				v = own
			}
			return Decision{Rule: rule, Variation: v, Source: source}, true
		}
	}
	for _, h := range rule.LocalHoldouts {
		if v := heldOut(h, u); v != nil {
			return Decision{Rule: h, Variation: v, Source: Holdout}, true
		}
	}
	return Decision{}, false
}
