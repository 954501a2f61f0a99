package enginetest

import (
	"encoding/json"
	"slices"
	"testing"
)

// ExperimentCase is what getVariation must answer, derived from a golden decision: a flag that got a variation from one of its
// experiments got it from that experiment, and a flag that got nothing from its experiments got nothing from any of them.
type ExperimentCase struct {
	Name       string
	Datafile   string
	Experiment string // key
	UserID     string
	Attributes map[string]any
	Variation  string // key; "" for none
}

// MustExperimentCases returns the cases that golden decisions hold for single experiments: those that no flag-level rule (holdout,
// forced decision, feature rollout, bandit) has a part in.
func MustExperimentCases(tb testing.TB) []ExperimentCase {
	tb.Helper()
	var cases []ExperimentCase
	for _, d := range MustVectors(tb).Decisions.Cases {
		if d.SetForcedVariation == nil && d.ForcedDecisions == nil {
			cases = append(cases, d.experimentCases(tb)...)
		}
	}
	if len(cases) < 25 {
		tb.Fatalf("only %d cases in the golden decisions: the reader has gone blind", len(cases))
	}
	return cases
}

// flags is the part of a datafile that tells which experiments a flag's answer came from.
type flags struct {
	Experiments  []experiment
	Groups       []struct{ Experiments []experiment }
	FeatureFlags []struct {
		Key           string
		ExperimentIDs []string
	}
	Holdouts      []json.RawMessage
	LocalHoldouts []json.RawMessage
}

type experiment struct {
	ID, Key, Type     string
	CMAB              json.RawMessage
	Variations        []struct{ ID string }
	TrafficAllocation []Range
}

// foreign tells whether a traffic range names another experiment's variation: getVariation takes it, a flag does not.
func (e experiment) foreign(variations map[string]bool) bool {
	own := map[string]bool{}
	for _, v := range e.Variations {
		own[v.ID] = true
	}
	return slices.ContainsFunc(e.TrafficAllocation, func(r Range) bool { return variations[r.EntityID] && !own[r.EntityID] })
}

func (d Decision) experimentCases(tb testing.TB) (cases []ExperimentCase) {
	var f flags
	if err := json.Unmarshal(d.Datafile, &f); err != nil {
		tb.Fatal(err)
	}
	if len(f.Holdouts)+len(f.LocalHoldouts) > 0 {
		return nil
	}
	byID, keys, variations := map[string]experiment{}, map[string]int{}, map[string]bool{}
	for _, e := range f.all() {
		byID[e.ID] = e
		keys[e.Key]++
		for _, v := range e.Variations {
			variations[v.ID] = true
		}
	}
	attributes := map[string]any{}
	for key, raw := range d.Attributes {
		attributes[key] = Value(tb, raw)
	}
	for _, flag := range f.FeatureFlags {
		answer, asked := d.Expected.Decisions[flag.Key]
		for _, id := range flag.ExperimentIDs {
			e := byID[id]
			if !asked || keys[e.Key] != 1 || e.Type == "fr" || e.CMAB != nil || e.foreign(variations) {
				break
			}
			won := answer.RuleKey != nil && *answer.RuleKey == e.Key
			c := ExperimentCase{Name: d.Name + ", " + e.Key, Datafile: string(d.Datafile), Experiment: e.Key, UserID: d.UserID, Attributes: attributes}
			if won {
				c.Variation = *answer.VariationKey
			}
			cases = append(cases, c)
			if won {
				break // later experiments were not asked
			}
		}
	}
	return cases
}

func (f flags) all() []experiment {
	all := f.Experiments
	for _, g := range f.Groups {
		all = append(all, g.Experiments...)
	}
	return all
}
