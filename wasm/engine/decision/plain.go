package decision

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// Nearly every decision is plain: nothing is forced or remembered for the user, nobody asks why, and they are on no whitelist and in no holdout, so
// that audiences, groups and traffic decide. What follows makes these and leaves all others to Flag and Experiment, which would answer the
// same. It is quick since it calls hardly anything: in WebAssembly Go takes all that a function has at hand through memory at each call, and
// Flag has to call for much that is seldom there.

// Plain decides a flag by its index as Flag does, without what is to be said of holdouts and failures, of which there are none where ok: it
// returns the indexes of the rule and of the variation.
func Plain(p *datafile.Project, flag int, u *User) (rule, variation int32, source Source, ok bool) {
	row := &p.Rows[flag]
	if !row.IsPlain || !u.isPlain() || mayBeListed(row.Listed, u) || len(p.GlobalHoldouts) != 0 && mayBeHeldOut(p.GlobalHoldouts, u) {
		return None, None, 0, false
	}
	rules := row.Rules
	for begin := int32(0); ; {
		i := row.Walk.First(&u.User, begin)
		if uint(i) >= uint(len(rules)) {
			return None, None, Rollout, true
		}
		r := &rules[i]
		if variation = lead(r, u); variation != None {
			source = FeatureTest
			if r.Delivers {
				source = Rollout
			}
			return r.Index, variation, source, variation != datafile.Foreign
		}
		begin = r.Next
	}
}

// PlainExperiment decides an experiment as Experiment does: it returns the index of the variation.
func PlainExperiment(e *datafile.Experiment, u *User) (variation int32, ok bool) {
	if !e.IsPlain || !u.isPlain() || mayBeListed(e.Listed, u) {
		return None, false
	}
	if e.Running && e.Audience.Walk.First(&u.User, 0) >= 0 {
		return lead(e.Digest, u), true
	}
	return None, true
}

// lead is where the user's place on the rule's line leads, if its group leaves them to it.
func lead(r *datafile.Digest, u *User) (variation int32) {
	if r.IsShared && !isShare(r.Rule, u) {
		return None
	}
	return r.Lead(bucketing.BucketOf(u.Bucketing.Hash(r.Hashed())))
}

// isShare is inGroup of a group that shares out users.
//
//go:noinline
func isShare(e *datafile.Experiment, u *User) bool {
	return e.Shares>>e.Group.Line.Find(bucketing.BucketOf(u.Bucketing.Hash(e.Group.ID)))&1 != 0
}

// isPlain tells whether there is nothing but an id and attributes.
func (u *User) isPlain() bool {
	return len(u.Forced)|len(u.Decisions) == 0 && u.Profile == nil && u.Reasons == nil
}

// mayBeListed tells whether the user may be among those of whom Listed has the Marks.
func mayBeListed(listed uint64, u *User) bool { return listed != 0 && listed&datafile.Mark(u.ID) != 0 }

// mayBeHeldOut tells whether one of the holdouts keeps the user; which one, and from what, is for Flag to say.
//
//go:noinline
func mayBeHeldOut(holdouts []*datafile.Experiment, u *User) bool {
	for _, h := range holdouts {
		if h.Running && h.Audience.Walk.First(&u.User, 0) >= 0 && lead(h.Digest, u) != None {
			return true
		}
	}
	return false
}
