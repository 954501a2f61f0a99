package decision

import (
	"strconv"

	"sortition/wasm/engine/bucketing"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/internal/ecma"
	"sortition/wasm/engine/internal/jsontext"
	"sortition/wasm/engine/internal/lean"
	"sortition/wasm/engine/internal/text"
)

// Reasons are the steps of decisions in order, in the official SDK's words. The zero Reasons has none.
type Reasons struct {
	steps []step
	flag  *datafile.Flag // that is being decided
	first int            // of its steps
}

// step is something that happened on the way to a decision, and what it was about.
type step struct {
	_         lean.Uncompared
	reason    reason
	user      string
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

// add adds a step and returns it, for what else there is to say of it.
//
//go:noinline
func (r *Reasons) add(u *User, why reason, rule *datafile.Experiment, variation *datafile.Variation) *step {
	r.steps = append(r.steps, step{reason: why, user: u.ID, flag: r.flag, rule: rule, variation: variation})
	return &r.steps[len(r.steps)-1]
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
		all = append(all, string(r.steps[i].appendText(nil)))
	}
	return all
}

// AppendJSON appends the sentences as a JSON array.
func (r *Reasons) AppendJSON(dst []byte) []byte {
	dst = text.Append(dst, "[")
	var sentence []byte
	for i := range r.steps {
		if i > 0 {
			dst = text.Append(dst, ",")
		}
		sentence = r.steps[i].appendText(sentence[:0])
		dst = jsontext.AppendQuote(dst, string(sentence))
	}
	return text.Append(dst, "]")
}

func (s *step) appendText(dst []byte) []byte {
	rest := sentences[s.reason]
	for {
		before, after, more := text.Cut(rest, '%')
		dst = text.Append(dst, before)
		if !more {
			return dst
		}
		dst = text.Append(dst, s.argument(after[0]))
		rest = after[1:]
	}
}

// argument is what a letter of the sentences stands for.
func (s *step) argument(letter byte) string {
	switch letter {
	case 'u':
		return s.user
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
	case 'b':
		return strconv.Itoa(bucketing.BucketOf(s.hash))
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
