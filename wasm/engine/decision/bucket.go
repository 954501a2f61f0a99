package decision

import (
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// bucket reads the user's place off the traffic allocations: the group's first, when its policy is random, then the experiment's.
func bucket(e *datafile.Experiment, u *User) (*datafile.Variation, Reason) {
	if g := e.Group; g != nil && g.Random {
		i := bucketing.Find(g.Allocation, u.Bucketing.Bucket(g.ID))
		if i < 0 || g.Allocation[i].EntityID != e.ID {
			return nil, NotInGroup
		}
	}
	i := bucketing.Find(e.Allocation, u.Bucketing.Bucket(e.ID))
	if i < 0 || e.Targets[i] == nil {
		return nil, NotBucketed
	}
	return e.Targets[i], Bucketed
}
