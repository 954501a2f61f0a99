package decision

import "sortition/wasm/engine/bucketing"

// StepSize is the number of integers a step is told in.
const StepSize = 5

// Unknown stands for a variation that the datafile lacks: its key is told by nothing but the sentence.
const Unknown = -1

// AppendSteps appends the steps as integers, for who wants to show rather than quote them, and to tell them from each other, StepSize
// for each: the reason's number, the indexes of the rule and the variation (or None, or Unknown), the hash, and the bucket that comes of it.
// The last two mean something only where the reason is about a place on a line of traffic.
func (r *Reasons) AppendSteps(dst []int32) []int32 {
	for i := range r.steps {
		s := &r.steps[i]
		variation := VariationIndex(s.variation)
		if s.key != "" {
			variation = Unknown
		}
		dst = append(dst, int32(s.reason), ruleIndex(s.rule), variation, int32(s.hash), int32(bucketing.BucketOf(s.hash)))
	}
	return dst
}
