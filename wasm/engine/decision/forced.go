package decision

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/lean"
)

// Forced is a decision that the application has made for a user: a variation for a flag, or for one of its rules.
type Forced struct {
	_         lean.Uncompared
	Flag      *datafile.Flag
	Rule      string              // key of an experiment or delivery rule
	HasRule   bool                // false: for the flag as a whole
	Variation *datafile.Variation // nil: one that the flag does not have, which decides nothing
}

// Force adds what is forced for a flag or one of its rules, unless there is no such flag.
func (u *User) Force(f Forced, variationKey string) {
	if f.Flag != nil {
		f.Variation = f.Flag.VariationByKey(variationKey)
		u.Decisions = append(u.Decisions, f)
	}
}

// forcedFlag returns the variation that is forced for the flag as a whole, or nil.
func forcedFlag(f *datafile.Flag, u *User) *datafile.Variation {
	for i := range u.Decisions {
		forced := &u.Decisions[i]
		if forced.Flag != f || forced.HasRule {
			continue
		}
		v := forced.Variation
		u.whether(v != nil, flagForced, flagForcedInvalid, nil, v)
		return v
	}
	return nil
}

// forcedRule returns the variation that is forced for a rule of the flag, or nil.
func forcedRule(f *datafile.Flag, rule *datafile.Experiment, u *User) *datafile.Variation {
	for i := range u.Decisions {
		forced := &u.Decisions[i]
		if forced.Flag != f || !forced.HasRule || forced.Rule != rule.Key {
			continue
		}
		v := forced.Variation
		u.whether(v != nil, ruleForced, ruleForcedInvalid, rule, v)
		return v
	}
	return nil
}
