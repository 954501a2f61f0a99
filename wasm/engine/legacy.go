package engine

import (
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// GetVariation returns the user's variation of an experiment, or nil when there is none: the user is outside of it, or the key is
// unknown or a delivery rule's. It allocates nothing, unless the user asks for reasons.
func (e *Engine) GetVariation(experimentKey string, u *User) *datafile.Variation {
	experiment := e.project.ExperimentByKey(experimentKey)
	if experiment == nil || experiment.Rollout {
		return nil
	}
	return decision.Experiment(experiment, &u.User)
}
