package decision

import "sortition/wasm/engine/datafile"

// Row decides one experiment for a row of users who differ in their ids alone, and of whom nothing is forced, remembered or asked. What
// they have in common, the audience above all, is asked once.
type Row struct {
	experiment *datafile.Experiment
	isOpen     bool // to users who are not listed
}

// NewRow returns the row of users like u.
func NewRow(e *datafile.Experiment, u *User) Row {
	return Row{experiment: e, isOpen: e.Running && !e.CMAB && e.Audience.Matches(&u.User)}
}

// Experiment is the function of that name for one of them.
func (r *Row) Experiment(u *User) *datafile.Variation {
	e := r.experiment
	if e.Running && len(e.Whitelist) != 0 {
		if v := whitelisted(e, u); v != nil {
			return v
		}
	}
	if !r.isOpen {
		return nil
	}
	return bucket(e, u).Variation
}
