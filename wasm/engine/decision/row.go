package decision

import "sortition/wasm/engine/datafile"

// Row decides one experiment for a row of users who differ in their ids alone, and of whom nothing is forced, remembered or asked. What
// they have in common, the audience above all, is asked once.
type Row struct {
	experiment *datafile.Experiment
	decide     decider // in one call, as calls are dear in WebAssembly
}

type decider func(*datafile.Experiment, *User) datafile.Target

// NewRow returns the row of users like u.
func NewRow(e *datafile.Experiment, u *User) Row {
	r := Row{experiment: e, decide: nobody}
	if e.Running && !e.CMAB && e.Audience.Matches(&u.User) {
		r.decide = bucket
	}
	if e.Running && len(e.Whitelist) != 0 {
		r.decide = listedOr(r.decide)
	}
	return r
}

// Experiment is the function of that name for one of them.
func (r *Row) Experiment(u *User) *datafile.Variation { return r.decide(r.experiment, u).Variation }

func nobody(*datafile.Experiment, *User) (to datafile.Target) { return to }

// listedOr decides for those on the experiment's whitelist.
func listedOr(others decider) decider {
	return func(e *datafile.Experiment, u *User) datafile.Target {
		if v := whitelisted(e, u); v != nil {
			return datafile.Target{Variation: v}
		}
		return others(e, u)
	}
}
