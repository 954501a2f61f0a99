// Package decision applies the rules of Optimizely's engine in their order, one file each: status, whitelist, audience, traffic.
//
// A decision is a function of an immutable project and a user. Nothing is logged, counted or remembered; why a user got no
// variation is returned as a Reason, an enumeration, because that is expected and no error. Nothing here allocates.
//
// The order for one experiment (the official JavaScript SDK's; its Go SDK differs):
//
//	status   the experiment runs, else NotRunning
//	whitelist  the user is listed by id, else go on
//	audience   the user meets the conditions, else AudienceMismatch
//	group      of a random group, the user's bucket belongs to this experiment, else NotInGroup
//	traffic    the user's bucket belongs to a variation, else NotBucketed
package decision

import (
	"sortition/wasm/engine/audience"
	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
)

// Reason says which rule decided.
type Reason uint8

// The reasons, in the order of the rules. Their numbers cross to JavaScript: public/sdk/engine/reasons.js is the twin.
const (
	Bucketed Reason = iota
	Whitelisted
	NotRunning
	AudienceMismatch
	NotInGroup
	NotBucketed
	UnknownExperiment // not of Experiment, which is given one: for callers that look experiments up by key
)

// User is who a decision is for. Attributes are by the project's slots, so a User belongs to one Project.
type User struct {
	ID        string
	Bucketing bucketing.Prefix // of the bucketing id: the user's id unless the attribute $opt_bucketing_id replaces it
	audience.User
}

// Experiment decides one experiment for a user. The variation is nil unless the reason is Bucketed or Whitelisted; it may be
// another experiment's, as the official SDK allows a traffic range to name any variation of the datafile.
func Experiment(e *datafile.Experiment, u *User) (*datafile.Variation, Reason) {
	if !e.Running {
		return nil, NotRunning
	}
	if len(e.Whitelist) != 0 {
		if v := whitelisted(e, u); v != nil {
			return v, Whitelisted
		}
	}
	if !inAudience(e, u) {
		return nil, AudienceMismatch
	}
	return bucket(e, u)
}
