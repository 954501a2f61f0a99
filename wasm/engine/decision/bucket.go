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
	if u.Reasons != nil {
		tellBucket(e, u)
	}
	return traffic(e, u)
}

// traffic is where the user's place on the rule's line leads.
func traffic(e *datafile.Experiment, u *User) (to datafile.Target) {
	if i := e.Line.Find(bucketing.BucketOf(u.Bucketing.Hash(e.ID))); i < len(e.Targets) {
		to = e.Targets[i]
	}
	return to
}

// tellBucket records which range the user's place is in.
func tellBucket(e *datafile.Experiment, u *User) {
	hash := u.Bucketing.Hash(e.ID)
	u.Reasons.add(u, assignedBucket, e, nil).hash = hash
	i := e.Line.Find(bucketing.BucketOf(hash))
	if i < len(e.Targets) && e.Targets[i].Variation == nil && e.Allocation[i].EntityID != "" {
		u.Reasons.add(u, invalidVariation, e, nil)
	}
}

// inGroup tells whether the experiment's exclusion group leaves the user to it.
func inGroup(e *datafile.Experiment, u *User) bool {
	g := e.Group
	if !g.Random {
		return true
	}
	hash := u.Bucketing.Hash(g.ID)
	i := g.Line.Find(bucketing.BucketOf(hash))
	in := i < len(g.Allocation) && g.Allocation[i].EntityID == e.ID
	if u.Reasons != nil {
		why := notInExperimentOfGroup
		switch {
		case in:
			why = inExperimentOfGroup
		case i == len(g.Allocation):
			why = notInGroup
		}
		u.Reasons.add(u, why, e, nil).hash = hash
	}
	return in
}
