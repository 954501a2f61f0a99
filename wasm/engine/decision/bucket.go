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
	place := u.Bucketing.Bucket(e.ID)
	if u.Reasons != nil {
		u.Reasons.add(u, step{reason: assignedBucket, bucket: place})
	}
	i := bucketing.Find(e.Allocation, place)
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
	i := bucketing.Find(g.Allocation, u.Bucketing.Bucket(g.ID))
	in := i >= 0 && g.Allocation[i].EntityID == e.ID
	if i < 0 {
		u.why(notInGroup, e, nil)
	} else {
		u.whether(in, inExperimentOfGroup, notInExperimentOfGroup, e, nil)
	}
	return in
}
