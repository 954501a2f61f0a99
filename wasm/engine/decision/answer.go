package decision

import "sortition/wasm/engine/datafile"

// Answer is a flag's decision in integers, as it crosses to a page: 4 × (index of the variation + 2, or 0 for none) + source, or Failed;
// then the indexes of the rule, of the holdout that the user is in besides, and of its variation.
type Answer [4]int32

// None stands for no rule, variation or flag where one is named by its index, and Failed for a decision that there is none of.
const (
	None   = datafile.None
	Failed = -1
)

// Answers decides flags for a user, whatever is unread of them.
func Answers(p *datafile.Project, flags []*datafile.Flag, u *User, answers []Answer) {
	for i, f := range flags {
		if rule, variation, source, ok := Plain(p, f.Index, u); ok {
			answers[i].Set(rule, variation, source)
		} else {
			answers[i].decide(p, f, u)
		}
	}
}

// Set answers with a plain decision.
func (a *Answer) Set(rule, variation int32, source Source) {
	a[0] = (variation-None)<<2 | int32(source)
	a[1], a[2], a[3] = rule, None, None
}

// decide answers with any decision.
func (a *Answer) decide(p *datafile.Project, f *datafile.Flag, u *User) {
	p.LoadFlag(f)
	var d Decision
	Flag(&d, p, f, u)
	a.Set(ruleIndex(d.Rule), VariationIndex(d.Variation), d.Source)
	if d.Failed {
		a[0] = Failed
	}
	a[2], a[3] = ruleIndex(d.Holdout), VariationIndex(d.HoldoutVariation)
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
