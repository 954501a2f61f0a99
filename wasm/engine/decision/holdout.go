package decision

import "sortition/wasm/engine/datafile"

// heldOut returns the variation of the holdout that the user is in, or nil. Held-out users are a sample that gets nothing new.
func heldOut(h *datafile.Experiment, u *User) *datafile.Variation {
	if !h.Running {
		u.why(holdoutNotRunning, h, nil)
		return nil
	}
	in := h.Audience.Matches(&u.User)
	if u.Reasons != nil {
		u.Reasons.addAudience(u, in, audienceAsked, audienceTrue, audienceFalse, h)
		u.Reasons.addOne(u, in, holdoutMet, holdoutMismatch, h, nil)
	}
	if !in {
		return nil
	}
	v := bucket(h, u).Variation
	u.whether(v != nil, holdoutBucketed, holdoutNotBucketed, h, v)
	return v
}
