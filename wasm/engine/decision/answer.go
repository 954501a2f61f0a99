package decision

import "sortition/wasm/engine/datafile"

// Answer is a flag's decision in integers, as it crosses to a page: 4 × (index of the variation + 2, or 0 for none) + source, or Failed;
// then the indexes of the rule, of the holdout that the user is in besides, and of its variation.
type Answer [4]int32

// None stands for no rule, variation or flag where one is named by its index, and Failed for a decision that there is none of.
const (
	None   = -2
	Failed = -1
)

// Answers decides flags for a user, whatever is unread of them.
func Answers(p *datafile.Project, flags []*datafile.Flag, u *User, answers []Answer) {
	var d Decision
	for i, f := range flags {
		p.LoadFlag(f)
		Flag(&d, p, f, u)
		a := &answers[i]
		a[0] = Failed
		if !d.Failed {
			a[0] = (VariationIndex(d.Variation)-None)<<2 | int32(d.Source)
		}
		a[1], a[2], a[3] = ruleIndex(d.Rule), ruleIndex(d.Holdout), VariationIndex(d.HoldoutVariation)
	}
}

func ruleIndex(rule *datafile.Experiment) int32 {
	if rule == nil {
		return None
	}
	return int32(rule.Index)
}

// VariationIndex is the index of a variation, or None.
func VariationIndex(variation *datafile.Variation) int32 {
	if variation == nil {
		return None
	}
	return int32(variation.Index)
}
