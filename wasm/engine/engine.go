package engine

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// Engine answers for one datafile.
type Engine struct {
	project *datafile.Project
}

// New parses a datafile. The error says what is wrong with it and where.
func New(text string) (*Engine, error) {
	project, err := datafile.Parse(text)
	if err != nil {
		return nil, err
	}
	return &Engine{project: project}, nil
}

// Project returns what the datafile says. It is shared: read it only.
func (e *Engine) Project() *datafile.Project { return e.project }

// GetVariation returns the user's variation of an experiment, or nil when there is none: the user is outside of it, or the key is
// unknown or a rollout rule's. It allocates nothing.
func (e *Engine) GetVariation(experimentKey string, u *User) *datafile.Variation {
	variation, _ := e.Decide(experimentKey, u)
	return variation
}

// Decide is GetVariation with the rule that decided.
func (e *Engine) Decide(experimentKey string, u *User) (variation *datafile.Variation, reason decision.Reason) {
	experiment := e.project.ExperimentByKey(experimentKey)
	if experiment == nil || experiment.Rollout {
		return nil, decision.UnknownExperiment
	}
	return decision.Experiment(experiment, &u.User)
}
