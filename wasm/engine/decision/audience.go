package decision

import "sortition/wasm/engine/datafile"

// inAudience tells whether the user meets the experiment's conditions; unknown is no.
func inAudience(e *datafile.Experiment, u *User) bool {
	return e.Audience.Matches(&u.User)
}
