package decision

import (
	"slices"

	"sortition/wasm/engine/datafile"
)

// Reasons are the steps of decisions of one user in order, in the official SDK's words. The zero Reasons has none.
type Reasons struct {
	steps    []step
	user     string
	flag     *datafile.Flag // that is being decided
	first    int            // of its steps
	numbered []*sentence    // that there were
	ofFlag   [][]int        // their numbers, by the index of the flag they are about, behind those about none
}

// step is something that happened on the way to a decision, and what it was about.
type step struct {
	sentence
	hash uint32 // of the reasons that are about a place on a line of traffic
}

// reason numbers the sentences. The numbers cross to JavaScript: public/sdk/engine/steps.js is the twin.
type reason uint8

const (
	flagForced reason = iota
	flagForcedInvalid
	ruleForced
	ruleForcedInvalid

	holdoutNotRunning
	holdoutMet
	holdoutMismatch
	holdoutBucketed
	holdoutNotBucketed
	deliveriesGoOn

	noExperiments
	notRunning
	forcedVariation
	isWhitelisted
	whitelistedInvalid
	remembered
	audienceAsked
	audienceTrue
	audienceFalse
	audienceMismatch
	notInGroup
	notInExperimentOfGroup
	inExperimentOfGroup
	assignedBucket
	invalidVariation
	notBucketed
	bucketed
	banditSkipped

	noRollout
	unknownRollout
	emptyRollout
	deliveryAsked
	deliveryTrue
	deliveryFalse
	deliveryMet
	deliveryMismatch
	deliveryBucketed
	deliveryNotBucketed
	inRollout
	notInRollout
)

// why records a step, when reasons are asked for.
func (u *User) why(r reason, rule *datafile.Experiment, variation *datafile.Variation) {
	if u.Reasons != nil {
		u.Reasons.add(u, r, rule, variation)
	}
}

// whether records one of two steps.
func (u *User) whether(yes bool, is, isNot reason, rule *datafile.Experiment, variation *datafile.Variation) {
	if u.Reasons != nil {
		u.Reasons.addOne(u, yes, is, isNot, rule, variation)
	}
}

//go:noinline
func (r *Reasons) addOne(u *User, yes bool, is, isNot reason, rule *datafile.Experiment, variation *datafile.Variation) {
	if yes {
		isNot = is
	}
	r.add(u, isNot, rule, variation)
}

// addAudience adds that a rule's audience was asked, and what it said.
//
//go:noinline
func (r *Reasons) addAudience(u *User, yes bool, asked, is, isNot reason, rule *datafile.Experiment) {
	r.add(u, asked, rule, nil)
	r.addOne(u, yes, is, isNot, rule, nil)
}

// add adds a step and returns it, for what else there is to say of it. It is set member by member: Go leaves the copy of a struct to a
// call out of WebAssembly.
//
//go:noinline
func (r *Reasons) add(u *User, why reason, rule *datafile.Experiment, variation *datafile.Variation) *step {
	r.user = u.ID
	n := len(r.steps)
	if n == cap(r.steps) {
		r.steps = slices.Grow(r.steps, n+1)
	}
	r.steps = r.steps[:n+1]
	s := &r.steps[n]
	s.reason, s.flag, s.rule, s.variation, s.key, s.hash = why, r.flag, rule, variation, "", 0
	return s
}

// begin says which flag the steps from here on are about.
func (r *Reasons) begin(f *datafile.Flag) { r.flag, r.first = f, len(r.steps) }

// double adds the flag's steps once more: so does the official SDK for a holdout that excludes targeted deliveries.
func (r *Reasons) double() { r.steps = append(r.steps, r.steps[r.first:]...) }

// Reset forgets all steps.
func (r *Reasons) Reset() { r.steps = r.steps[:0] }
