package decision

import (
	"sortition/wasm/engine/bucketing"
)

// StepSize is the number of integers a step is told in.
const StepSize = 5

// NoIndex stands for no rule or variation where one is told by its index.
const NoIndex = -2

// AppendSteps appends the steps as integers, for who wants to show rather than quote them, StepSize for each: the reason's number, the
// indexes of the rule and the variation (NoIndex for none), the hash, and the bucket value that comes of it. The last two mean
// something only where the reason is about a place on a line of traffic.
func (r *Reasons) AppendSteps(dst []int32) []int32 {
	for i := range r.steps {
		s := &r.steps[i]
		rule, variation := int32(NoIndex), int32(NoIndex)
		if s.rule != nil {
			rule = int32(s.rule.Index)
		}
		if s.variation != nil {
			variation = int32(s.variation.Index)
		}
		dst = append(dst, int32(s.reason), rule, variation, int32(s.hash), int32(bucketing.BucketOf(s.hash)))
	}
	return dst
}
