package engine

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// Decision is what a flag came to for a user: the rule, the variation and the source, and the flag itself.
type Decision struct {
	Flag *datafile.Flag // nil: the datafile has no such flag, and nothing was decided
	decision.Decision
}

// Decide decides a flag for a user. It allocates nothing, unless the user has forced decisions or asks for reasons.
func (e *Engine) Decide(flagKey string, u *User) (d Decision) {
	d.Flag = e.project.FlagByKey(flagKey)
	if d.Flag != nil {
		decision.Flag(&d.Decision, e.project, d.Flag, &u.User)
	}
	return d
}

// GetVariation returns the user's variation of an experiment, or nil when there is none: the user is outside of it, or the key is
// unknown or a delivery rule's. It allocates nothing, unless the user asks for reasons.
func (e *Engine) GetVariation(experimentKey string, u *User) *datafile.Variation {
	experiment := e.project.ExperimentByKey(experimentKey)
	if experiment == nil || experiment.Rollout {
		return nil
	}
	return decision.Experiment(e.project, experiment, &u.User)
}

// VariationKey returns the key of the variation, "" for none.
func (d *Decision) VariationKey() string {
	if d.Variation == nil {
		return ""
	}
	return d.Variation.Key
}

// RuleKey returns the key of the experiment, delivery rule or holdout that decided, "" for none.
func (d *Decision) RuleKey() string {
	if d.Rule == nil {
		return ""
	}
	return d.Rule.Key
}

// SendsImpression tells whether the decision is told to the event API: those of experiments and holdouts always are, those of rollouts
// where the datafile says so.
func (e *Engine) SendsImpression(d *Decision) bool {
	return d.Source != decision.Rollout || e.project.SendFlagDecisions
}
