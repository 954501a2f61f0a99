package decision

import "sortition/wasm/engine/datafile"

// whitelisted returns the variation the datafile forces this user into, or nil; a key the experiment does not have is passed over.
// Few are on a whitelist, and a page compiles this only for them.
//
//go:noinline
func whitelisted(e *datafile.Experiment, u *User) *datafile.Variation {
	key, listed := e.Whitelist[u.ID]
	if !listed {
		return nil
	}
	v := e.VariationByKey(key)
	if v != nil {
		u.why(isWhitelisted, e, v)
	} else if u.Reasons != nil {
		u.Reasons.add(u, whitelistedInvalid, e, nil).key = key
	}
	return v
}
