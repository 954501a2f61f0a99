// Package decision applies the rules of Optimizely's engine in their order, one file each: forced decisions, holdouts, experiments
// (status, forced variation, whitelist, profile, audience, traffic), rollouts.
//
// A decision is a function of an immutable project and a user. Nothing is logged or counted; what is remembered goes into the
// user's Profile, and why a user got what they got into their Reasons, both only where the caller put one. Nothing here allocates
// unless reasons are asked for.
//
// The order for one flag (the official JavaScript SDK's; its Go SDK differs):
//
//	forced      the user's forced decision for the flag
//	holdouts    the first global holdout that the user is in; one that excludes targeted deliveries leaves them the rollout
//	experiments each one of the flag: forced decision, local holdouts, then Experiment
//	rollout     each delivery rule: forced decision, local holdouts, audience, traffic; who falls out of the traffic of a rule
//	            whose audience they meet goes on to the last rule, everyone else's
//
// and for one experiment:
//
//	status      it runs
//	forced      the application forced a variation for this user
//	whitelist   the user is listed by id
//	profile     the user has had a variation before
//	audience    the user meets the conditions
//	group       of a random group, the user's bucket belongs to this experiment
//	traffic     the user's bucket belongs to a variation
package decision

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// Source says what sort of rule a decision came from. Its numbers cross to JavaScript: public/sdk/engine/sources.js is the twin.
type Source uint8

// The sources, as events and notifications name them.
const (
	FeatureTest Source = iota
	Rollout
	Holdout
)

// String returns the source's name on the wire.
func (s Source) String() string { return [...]string{"feature-test", "rollout", "holdout"}[s] }

// User is who a decision is for. Attributes, Forced and Profile are by the project's slots and indexes, so a User belongs to one
// Project.
type User struct {
	ID        string
	Bucketing bucketing.Prefix // of the bucketing id: the user's id unless the attribute $opt_bucketing_id replaces it
	audience.User

	Forced    []Assignment // what the application forced with setForcedVariation
	Decisions []Forced     // what it forced for flags and their rules
	Profile   *Profile     // nil: nothing is remembered
	Reasons   *Reasons     // nil: nobody asks why
}

// Decision is what one flag came to.
type Decision struct {
	Rule      *datafile.Experiment // nil when none decided, or the flag's forced decision did
	Variation *datafile.Variation  // nil for none
	Source    Source

	// Failed says that the flag has no list of experiments, on which the official SDK throws an error.
	Failed bool

	// Holdout and HoldoutVariation are the global holdout that the user is in besides, one that excludes targeted deliveries.
	Holdout          *datafile.Experiment
	HoldoutVariation *datafile.Variation
}

// set says who decided for what, and leaves who holds the user out besides.
func (d *Decision) set(rule *datafile.Experiment, v *datafile.Variation, source Source) {
	d.Rule, d.Variation, d.Source = rule, v, source
}

// clear makes a zero Decision. Field by field, as Go has what is larger than four words cleared by a call out of WebAssembly.
func (d *Decision) clear() {
	d.set(nil, nil, FeatureTest)
	d.Failed = false
	d.Holdout, d.HoldoutVariation = nil, nil
}

// Enabled tells whether the decision switches its flag on.
func (d *Decision) Enabled() bool { return d.Variation != nil && d.Variation.Enabled }
