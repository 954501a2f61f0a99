package evaluate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"sortition/wasm/engine"
	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/decision"
)

// Activation is what Agent says of one flag or experiment that was activated.
type Activation struct {
	UserID        string          `json:"userId"`
	ExperimentKey string          `json:"experimentKey"`
	FeatureKey    string          `json:"featureKey"`
	VariationKey  string          `json:"variationKey"` // "" for none
	Type          string          `json:"type"`         // feature or experiment; "" with an Error
	Variables     json.RawMessage `json:"variables,omitempty"`
	Enabled       bool            `json:"enabled"`
	Error         string          `json:"error,omitempty"`
}

// Activations are what Agent says of several flags and experiments.
type Activations []Activation

// WriteJSON implements Answer.
func (a Activations) WriteJSON(w *bufio.Writer) {
	writeArray(w, len(a), func(i int) {
		one, err := json.Marshal(&a[i])
		if err != nil {
			panic(err) // the engine's variables are JSON
		}
		_, _ = w.Write(one)
	})
}

// Activate answers POST /v1/activate with the flags and experiments that the query names, by key or by type.
func Activate(project *datafile.Project, body string, query url.Values) (answer Activations, events string, err error) {
	_, v, err := readAgent(project, body)
	if err != nil {
		return nil, "", err
	}
	experiments, flags, err := activated(project, query)
	if err != nil {
		return nil, "", err
	}
	keys := slices.Concat(experiments, flags)
	if err := checkRepeats(keys, body); err != nil {
		return nil, "", err
	}
	a := activator{v, project, query.Get("disableTracking") == "true"}
	answer = Activations{}
	for i, key := range keys {
		activate := a.flag
		if i < len(experiments) {
			activate = a.experiment
		}
		one := activate(key)
		if err := a.checkEvents(); err != nil {
			return nil, "", err
		}
		if keeps(query.Get("enabled"), one.Enabled) {
			answer = append(answer, one)
		}
	}
	return answer, a.events(), nil
}

// activated are the keys of what a query names, each once.
func activated(project *datafile.Project, query url.Values) (experiments, flags []string, err error) {
	for _, kind := range query["type"] {
		switch kind {
		case "experiment":
			for _, x := range project.Experiments {
				if !x.Rollout {
					experiments = append(experiments, x.Key)
				}
			}
		case "feature":
			flags = append(flags, flagKeys(project)...)
		default:
			return nil, nil, &FieldError{"type", fmt.Sprintf("type %q not supported", kind)}
		}
	}
	return unique(append(experiments, query["experimentKey"]...)), unique(append(flags, query["featureKey"]...)), nil
}

// keeps tells whether the parameter enabled lets an answer through.
func keeps(filter string, enabled bool) bool {
	return filter != "true" && filter != "false" || enabled == (filter == "true")
}

// activator makes the activations of one request.
type activator struct {
	*visitor
	project *datafile.Project
	untold  bool // no impressions are wanted
}

func (a *activator) flag(key string) Activation {
	d := a.engine.Decide(key, a.user)
	if d.Flag == nil {
		return Activation{UserID: a.user.ID, FeatureKey: key, Error: "featureKey not found"}
	}
	answer := Activation{UserID: a.user.ID, FeatureKey: key, Type: "feature", Enabled: d.Enabled(), Variables: a.variables(&d)}
	if d.Source != decision.Rollout {
		answer.ExperimentKey, answer.VariationKey = d.RuleKey(), d.VariationKey()
	}
	if !a.untold {
		a.tell(&d)
	}
	return answer
}

func (a *activator) experiment(key string) Activation {
	x := a.project.ExperimentByKey(key)
	if x == nil || x.Rollout {
		return Activation{UserID: a.user.ID, ExperimentKey: key, Error: "experimentKey not found"}
	}
	answer := Activation{UserID: a.user.ID, ExperimentKey: key, Type: "experiment"}
	variation := a.engine.GetVariation(key, a.user)
	if variation == nil {
		return answer
	}
	answer.VariationKey, answer.Enabled = variation.Key, true
	if !a.untold {
		a.impression(engine.Activated(x, variation))
	}
	return answer
}
