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
	i := e.Line.Find(bucketing.BucketOf(hash))
	if u.Reasons != nil {
		tellBucket(e, hash, i, u)
	}
	if i < len(e.Targets) {
		return e.Targets[i]
	}
	return datafile.Target{}
}

// tellBucket records which range the user's place is in.
func tellBucket(e *datafile.Experiment, hash uint32, i int, u *User) {
	u.Reasons.add(u, assignedBucket, e, nil).hash = hash
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
