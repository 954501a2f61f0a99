package decision

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// A guarded rule has a whitelist, or its group has a say, and a project's holdouts guard all of its flags. Most users pass: who is on no whitelist
// that is asked, and in no holdout, is decided for here, as Plain does and on the same terms.

// guarded decides a flag as Plain does.
//
//go:noinline
func guarded(p *datafile.Project, f *datafile.Flag, u *User) (rule *datafile.Experiment, v *datafile.Variation, source Source, ok bool) {
	if !f.IsPlain && !f.IsGuarded || !u.isPlain() || mayBeHeldOut(p.GlobalHoldouts, u) {
		return nil, nil, 0, false
	}
	mark := datafile.Mark(u.ID)
	for i := 0; i < len(f.Row); i++ {
		e := f.Row[i]
		if e.Listed&mark != 0 {
			return nil, nil, 0, false
		}
		if !admits(e, u) {
			continue
		}
		to := traffic(e, u)
		switch {
		case i < f.Deliveries && to.Variation != nil:
			return e, to.Own, FeatureTest, to.Own != nil
		case i >= f.Deliveries && to.Variation != nil:
			return e, to.Variation, Rollout, true
		case i >= f.Deliveries:
			i = max(i, len(f.Row)-2)
		}
	}
	return nil, nil, Rollout, true
}

// guardedExperiment decides an experiment as PlainExperiment does.
//
//go:noinline
func guardedExperiment(e *datafile.Experiment, u *User) (v *datafile.Variation, ok bool) {
	if !e.IsGuarded || !u.isPlain() || e.Listed&datafile.Mark(u.ID) != 0 {
		return nil, false
	}
	if e.Running && admits(e, u) {
		v = traffic(e, u).Variation
	}
	return v, true
}

// mayBeHeldOut tells whether one of the holdouts keeps the user; which one, and from what, is for Flag to say.
func mayBeHeldOut(holdouts []*datafile.Experiment, u *User) bool {
	for _, h := range holdouts {
		if h.Running && h.Audience.Matches(&u.User) && traffic(h, u).Variation != nil {
			return true
		}
	}
	return false
}

// admits tells whether the user is in the audience, and in a range of the group that is the rule's.
func admits(e *datafile.Experiment, u *User) bool {
	if !e.Audience.Matches(&u.User) {
		return false
	}
	if !e.IsShared {
		return true
	}
	g := e.Group
	return e.Shares>>g.Line.Find(bucketing.BucketOf(u.Bucketing.Hash(g.ID)))&1 != 0
}
