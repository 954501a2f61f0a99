package decision

import (
	"slices"
	"strconv"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// Reasons are the steps of decisions of one user in order, in the official SDK's words. The zero Reasons has none.
type Reasons struct {
	steps []step
	user  string
	flag  *datafile.Flag // that is being decided
	first int            // of its steps
}

// step is something that happened on the way to a decision, and what it was about.
type step struct {
	_         lean.Uncompared
	reason    reason
	flag      *datafile.Flag
	rule      *datafile.Experiment
	variation *datafile.Variation
	key       string // of something that need not exist
	hash      uint32 // of the reasons that are about a place on a line of traffic
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

// sentences are the official ones, with a letter after each % for what stands there: the user's id, the keys of the flag (f), the
// rule and the variation (v), an unknown key, the id of the group or the rollout (o), the bucket, the audience conditions, the
// place of a delivery rule (n). What they say is not always quite what happened; they are quoted, not corrected.
var sentences = [...]string{
	flagForced:        "Variation (%v) is mapped to flag (%f) and user (%u) in the forced decision map.",
	flagForcedInvalid: "Invalid variation is mapped to flag (%f) and user (%u) in the forced decision map.",
	ruleForced:        "Variation (%v) is mapped to flag (%f), rule (%r) and user (%u) in the forced decision map.",
	ruleForcedInvalid: "Invalid variation is mapped to flag (%f), rule (%r) and user (%u) in the forced decision map.",

	holdoutNotRunning:  "Holdout %r is not running.",
	holdoutMet:         "User %u meets conditions for holdout %r.",
	holdoutMismatch:    "User %u does not meet conditions for holdout %r.",
	holdoutBucketed:    "User %u is in variation %r of holdout %v.", // swapped, as officially
	holdoutNotBucketed: "User %u is in no holdout variation.",
	deliveriesGoOn:     `Holdout "%r" has excludeTargetedDeliveries enabled, continuing to rollout evaluation.`,

	noExperiments:          "Feature %f is not attached to any experiments.",
	notRunning:             "Experiment %r is not running.",
	forcedVariation:        "Variation %v is mapped to experiment %r and user %u in the forced variation map.",
	isWhitelisted:          "User %u is forced in variation %v.",
	whitelistedInvalid:     "Variation key %k is not in datafile. Not activating user %u.",
	remembered:             `Returning previously activated variation "%v" of experiment "%r" for user "%u" from user profile.`,
	audienceAsked:          `Evaluating audiences for experiment "%r": %c.`,
	audienceTrue:           "Audiences for experiment %r collectively evaluated to TRUE.",
	audienceFalse:          "Audiences for experiment %r collectively evaluated to FALSE.",
	audienceMismatch:       "User %u does not meet conditions to be in experiment %r.",
	notInGroup:             "User %u is not in any experiment of group %g.",
	notInExperimentOfGroup: "User %u is not in experiment %r of group %g.",
	inExperimentOfGroup:    "User %u is in experiment %r of group %g.",
	assignedBucket:         "Assigned bucket %b to user with bucketing ID %u.",
	invalidVariation:       "Bucketed into an invalid variation ID. Returning null.",
	notBucketed:            "User %u is in no variation of experiment %r.",
	bucketed:               "User %u is in variation %v of experiment %r.",
	banditSkipped:          "CMAB is not supported in sync mode.",

	noRollout:           "There is no rollout of feature %f.",
	unknownRollout:      "Invalid rollout ID %o attached to feature %f",
	emptyRollout:        "Rollout of feature %o has no experiments",
	deliveryAsked:       `Evaluating audiences for rule "%n": %c.`,
	deliveryTrue:        "Audiences for rule %n collectively evaluated to TRUE.",
	deliveryFalse:       "Audiences for rule %n collectively evaluated to FALSE.",
	deliveryMet:         "User %u meets conditions for targeting rule %n.",
	deliveryMismatch:    "User %u does not meet conditions for targeting rule %n.",
	deliveryBucketed:    "User %u bucketed into targeting rule %n.",
	deliveryNotBucketed: "User %u not bucketed into targeting rule %n due to traffic allocation. Trying everyone rule.",
	inRollout:           "User %u is in rollout of feature %f.",
	notInRollout:        "User %u is not in rollout of feature %f.",
}

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

// Strings returns the sentences.
func (r *Reasons) Strings() []string {
	all := make([]string, 0, len(r.steps))
	for i := range r.steps {
		switch texts := r.steps[i].texts(); len(texts) {
		case 1:
			all = append(all, texts[0])
		case 2:
			all = append(all, texts[0]+r.user+texts[1])
		default:
			all = append(all, texts[0]+strconv.Itoa(bucketing.BucketOf(r.steps[i].hash))+texts[1]+r.user+texts[2])
		}
	}
	return all
}

// AppendJSON appends the sentences as a JSON array, each as an array of the texts around what differs from user to user: one text
// around nothing, two around the user's id, three around the bucket and the id.
func (r *Reasons) AppendJSON(dst []byte) []byte {
	dst = text.Append(dst, "[")
	for i := range r.steps {
		if i > 0 {
			dst = text.Append(dst, ",")
		}
		for j, part := range r.steps[i].texts() {
			before := ","
			if j == 0 {
				before = "["
			}
			dst = jsontext.AppendQuote(text.Append(dst, before), part)
		}
		dst = text.Append(dst, "]")
	}
	return text.Append(dst, "]")
}

// texts are the parts of the sentence around the user's id and the bucket.
func (s *step) texts() (parts []string) {
	var part []byte
	rest := sentences[s.reason]
	for {
		before, after, more := text.Cut(rest, '%')
		part = text.Append(part, before)
		if !more {
			return append(parts, string(part))
		}
		if letter := after[0]; letter == 'u' || letter == 'b' {
			parts, part = append(parts, string(part)), part[:0]
		} else {
			part = text.Append(part, s.argument(letter))
		}
		rest = after[1:]
	}
}

// argument is what a letter of the sentences stands for, the user's id and the bucket apart.
func (s *step) argument(letter byte) string {
	switch letter {
	case 'f':
		return s.flag.Key
	case 'r':
		return s.rule.Key
	case 'v':
		return s.variation.Key
	case 'k':
		return s.key
	case 'g':
		return s.rule.Group.ID
	case 'o':
		return s.flag.RolloutID
	case 'c':
		return string(ecma.AppendStringified(nil, s.rule.Audience.Source))
	default:
		return s.place()
	}
}

// place names a delivery rule by where it stands.
func (s *step) place() string {
	rules := s.flag.Rollout.Rules
	for i := range rules[:len(rules)-1] {
		if rules[i] == s.rule {
			return strconv.Itoa(i + 1)
		}
	}
	return "Everyone Else"
}
