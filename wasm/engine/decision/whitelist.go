package decision

import "sortition/wasm/engine/datafile"

// whitelisted returns the variation the datafile forces this user into, or nil; a key the experiment does not have is passed over.
func whitelisted(e *datafile.Experiment, u *User) *datafile.Variation {
	key, listed := e.Whitelist[u.ID]
	if !listed {
		return nil
	}
	return e.VariationByKey(key)
}
