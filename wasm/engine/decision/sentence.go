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

// sentence is what a step says, but for what differs from user to user: their id and the bucket.
type sentence struct {
	_         lean.Uncompared
	reason    reason
	flag      *datafile.Flag
	rule      *datafile.Experiment
	variation *datafile.Variation
	key       string // of something that need not exist
}

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

// Strings returns the sentences.
func (r *Reasons) Strings() []string {
	all := make([]string, 0, len(r.steps))
	for i := range r.steps {
		switch parts := r.steps[i].parts(); len(parts) {
		case 1:
			all = append(all, parts[0])
		case 2:
			all = append(all, parts[0]+r.user+parts[1])
		default:
			all = append(all, parts[0]+strconv.Itoa(bucketing.BucketOf(r.steps[i].hash))+parts[1]+r.user+parts[2])
		}
	}
	return all
}

// AppendNumbers appends two numbers for each step: that of its sentence, which AppendParts tells, and the bucket.
func (r *Reasons) AppendNumbers(dst []int32) []int32 {
	for i := range r.steps {
		s := &r.steps[i]
		dst = append(dst, int32(r.number(&s.sentence)), int32(bucketing.BucketOf(s.hash)))
	}
	return dst
}

// AppendParts appends the texts of a sentence around what differs from user to user as a JSON array: one around nothing, two around the
// user's id, three around the bucket and the id.
func (r *Reasons) AppendParts(dst []byte, number int) []byte {
	dst = append(dst, '[')
	for i, part := range r.numbered[number].parts() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsontext.AppendQuote(dst, part)
	}
	return append(dst, ']')
}

// number is a sentence's among all that there were. There are no more of them than a datafile has of what they are about, and a flag
// has few.
func (r *Reasons) number(s *sentence) int {
	place := 0
	if s.flag != nil {
		place = s.flag.Index + 1
	}
	for len(r.ofFlag) <= place {
		r.ofFlag = append(r.ofFlag, nil)
	}
	for _, number := range r.ofFlag[place] {
		if k := r.numbered[number]; k.reason == s.reason && k.rule == s.rule && k.variation == s.variation && k.key == s.key {
			return number
		}
	}
	number := len(r.numbered)
	known := *s
	r.numbered = append(r.numbered, &known)
	r.ofFlag[place] = append(r.ofFlag[place], number)
	return number
}

// parts are the texts of the sentence around the bucket and the user's id.
func (s *sentence) parts() (parts []string) {
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

// argument is what a letter of a sentence stands for, the user's id and the bucket apart.
func (s *sentence) argument(letter byte) string {
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
func (s *sentence) place() string {
	rules := s.flag.Rollout.Rules
	for i := range rules[:len(rules)-1] {
		if rules[i] == s.rule {
			return strconv.Itoa(i + 1)
		}
	}
	return "Everyone Else"
}
