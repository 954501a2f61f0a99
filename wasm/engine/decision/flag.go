package decision

import "sortition/wasm/engine/datafile"

// Flag decides a flag for a user, into d: it is handed on from rule to rule, and copies of it were a tenth of a decision.
func Flag(d *Decision, p *datafile.Project, f *datafile.Flag, u *User) {
	d.clear()
	if rule, variation, source, ok := Plain(p, f.Index, u); ok {
		if rule != None {
			d.Rule = p.Rules[rule]
		}
		d.Variation, d.Source = variationOf(p, variation), source
		return
	}
	if u.Reasons != nil {
		u.Reasons.begin(f)
	}
	if len(u.Decisions) != 0 {
		if v := forcedFlag(f, u); v != nil {
			d.Variation = v
			return
		}
	}
	for _, h := range p.GlobalHoldouts {
		v := heldOut(h, u)
		switch {
		case v == nil:
		case !h.ExcludeTargetedDeliveries:
			d.set(h, v, Holdout)
			return
		default:
			besides(d, h, v, f, u)
			return
		}
	}
	if !experiments(d, f, u) {
		rollout(d, f, u)
	}
}

// besides decides for a user whom a holdout keeps from experiments, but not from what is delivered.
func besides(d *Decision, h *datafile.Experiment, v *datafile.Variation, f *datafile.Flag, u *User) {
	u.why(deliveriesGoOn, h, nil)
	if u.Reasons != nil {
		u.Reasons.double()
	}
	rollout(d, f, u)
	d.Holdout, d.HoldoutVariation = h, v
}

// experiments asks the flag's experiments, in order, until one gives the user a variation, and tells whether one did. One whose
// variation is neither its own nor another one of the flag ends the row without a decision.
func experiments(d *Decision, f *datafile.Flag, u *User) (decided bool) {
	if !f.HasList {
		d.Failed = true
		return true
	}
	if !f.ListsExperiments {
		u.why(noExperiments, nil, nil)
	}
	for _, e := range f.Experiments {
		if hasBefore(e, u) && beforeRule(d, f, e, FeatureTest, u) {
			return true
		}
		to := experiment(e, u)
		if to.Variation == nil {
			continue
		}
		v := to.Own
		if v == nil {
			v = f.VariationByKey(to.Variation.Key)
		}
		if v != nil {
			d.set(e, v, FeatureTest)
		}
		return v != nil
	}
	return false
}

// hasBefore tells whether there is anything for beforeRule to ask, which is rare, and a call is dear in WebAssembly.
func hasBefore(rule *datafile.Experiment, u *User) bool {
	return len(u.Decisions) != 0 || len(rule.LocalHoldouts) != 0
}

// beforeRule asks what comes before an experiment or a delivery rule, a forced decision for it and its local holdouts, and tells
// whether that decided.
func beforeRule(d *Decision, f *datafile.Flag, rule *datafile.Experiment, source Source, u *User) bool {
	if len(u.Decisions) != 0 {
		if v := forcedRule(f, rule, u); v != nil {
			if own := rule.VariationByKey(v.Key); own != nil && source == FeatureTest {
				v = own
			}
			d.set(rule, v, source)
			return true
		}
	}
	for _, h := range rule.LocalHoldouts {
		if v := heldOut(h, u); v != nil {
			d.set(h, v, Holdout)
			return true
		}
	}
	return false
}
