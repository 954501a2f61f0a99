package decision

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// bucket reads the user's place off the traffic allocations: the group's first, when its policy is random, then the rule's.
func bucket(e *datafile.Experiment, u *User) datafile.Target {
	if e.Group != nil && !inGroup(e, u) {
		return datafile.Target{}
	}
	hash := u.Bucketing.Hash(e.ID)
	if u.Reasons != nil {
		u.Reasons.add(u, step{reason: assignedBucket, rule: e, hash: hash})
	}
	i := bucketing.Find(e.Allocation, bucketing.BucketOf(hash))
	if i < 0 || e.CMAB { // which a bandit's delivery rule shares out is for a service to say
		return datafile.Target{}
	}
	to := e.Targets[i]
	if to.Variation == nil && e.Allocation[i].EntityID != "" {
		u.why(invalidVariation, e, nil)
	}
	return to
}

// inGroup tells whether the experiment's exclusion group leaves the user to it.
func inGroup(e *datafile.Experiment, u *User) bool {
	g := e.Group
	if !g.Random {
		return true
	}
	hash := u.Bucketing.Hash(g.ID)
	i := bucketing.Find(g.Allocation, bucketing.BucketOf(hash))
	in := i >= 0 && g.Allocation[i].EntityID == e.ID
	if u.Reasons != nil {
		s := step{reason: notInExperimentOfGroup, rule: e, hash: hash}
		switch {
		case in:
			s.reason = inExperimentOfGroup
		case i < 0:
			s.reason = notInGroup
		}
		u.Reasons.add(u, s)
	}
	return in
}
