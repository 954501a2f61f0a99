package decision

import "sortition/wasm/engine/bucketing"

// StepSize is the number of integers a step is told in.
const StepSize = 5

// AppendSteps appends the steps as integers, for those who want to show rather than quote them, StepSize for each: the reason's number,
// the indexes of the rule and the variation (None for none), the hash, and the bucket value that comes of it. The last two mean
// something only where the reason is about a place on a line of traffic.
func (r *Reasons) AppendSteps(dst []int32) []int32 {
	for i := range r.steps {
		s := &r.steps[i]
		dst = append(dst, int32(s.reason), ruleIndex(s.rule), VariationIndex(s.variation), int32(s.hash), int32(bucketing.BucketOf(s.hash)))
	}
	return dst
}
