package decision

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/datafile"
)

// inAudience tells whether the user meets the experiment's conditions; unknown is no.
func inAudience(e *datafile.Experiment, u *User) bool {
	return e.Audience.Eval(&u.User) == audience.True
}
