package decision

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// bucket reads the user's place off the traffic allocations: the group's first, when its policy is random, then the experiment's.
func bucket(e *datafile.Experiment, u *User) (*datafile.Variation, Reason) {
	if e.Group != nil && !inGroup(e, u) {
		return nil, NotInGroup
	}
	i := bucketing.Find(e.Allocation, u.Bucketing.Bucket(e.ID))
	if i < 0 || e.Targets[i] == nil {
		return nil, NotBucketed
	}
	return e.Targets[i], Bucketed
}

// inGroup tells whether the experiment's exclusion group leaves the user to it.
func inGroup(e *datafile.Experiment, u *User) bool {
	g := e.Group
	if !g.Random {
		return true
	}
	i := bucketing.Find(g.Allocation, u.Bucketing.Bucket(g.ID))
	return i >= 0 && g.Allocation[i].EntityID == e.ID
}
