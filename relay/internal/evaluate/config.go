package evaluate

import (
	"encoding/json"
	"fmt"

	"sortition/wasm/engine/datafile"
	"sortition/wasm/engine/view"
)

// Config is a project as an application may look through it: the official SDKs' OptimizelyConfig, in Agent's form. Audiences are in
// words, and what shares a key is the last one with it.
type Config struct {
	EnvironmentKey text                        `json:"environmentKey"`
	SDKKey         text                        `json:"sdkKey"`
	Revision       text                        `json:"revision"`
	ExperimentsMap map[string]ConfigExperiment `json:"experimentsMap"`
	FeaturesMap    map[string]ConfigFeature    `json:"featuresMap"`
	Attributes     []ConfigAttribute           `json:"attributes"`
	Audiences      []ConfigAudience            `json:"audiences"`
	Events         []ConfigEvent               `json:"events"`
}

// ConfigExperiment is an experiment or a delivery rule.
type ConfigExperiment struct {
	ID            text                       `json:"id"`
	Key           text                       `json:"key"`
	Audiences     string                     `json:"audiences"` // such as `"Gold" OR "Staff"`
	VariationsMap map[string]ConfigVariation `json:"variationsMap"`
}

// ConfigVariation is a variation, with what its flag's variables are in it.
type ConfigVariation struct {
	ID             text                      `json:"id"`
	Key            text                      `json:"key"`
	FeatureEnabled bool                      `json:"featureEnabled"`
	VariablesMap   map[string]ConfigVariable `json:"variablesMap"`
}

// ConfigVariable is a variable with its value as text.
type ConfigVariable struct {
	ID    text `json:"id"`
	Key   text `json:"key"`
	Type  text `json:"type"`
	Value text `json:"value"`
}

// ConfigFeature is a flag.
type ConfigFeature struct {
	ID              text                        `json:"id"`
	Key             text                        `json:"key"`
	ExperimentRules []*ConfigExperiment         `json:"experimentRules"`
	DeliveryRules   []ConfigExperiment          `json:"deliveryRules"`
	VariablesMap    map[string]ConfigVariable   `json:"variablesMap"`
	ExperimentsMap  map[string]ConfigExperiment `json:"experimentsMap"`
}

// ConfigAttribute is an attribute that the datafile knows.
type ConfigAttribute struct {
	ID  text `json:"id"`
	Key text `json:"key"`
}

// ConfigAudience is an audience with its conditions as JSON.
type ConfigAudience struct {
	ID         text   `json:"id"`
	Name       text   `json:"name"`
	Conditions string `json:"conditions"`
}

// ConfigEvent is a conversion that can be tracked.
type ConfigEvent struct {
	ID            text   `json:"id"`
	Key           text   `json:"key"`
	ExperimentIDs []text `json:"experimentIds"`
}

// text is a string of a datafile, which may write ids and revisions as numbers.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(source []byte) error {
	if source[0] == '"' {
		return json.Unmarshal(source, (*string)(t))
	}
	if string(source) != "null" {
		*t = text(source)
	}
	return nil
}

// linked is a Config as view.Config writes it: with each experiment once, and its place in that list wherever it is shown.
type linked struct {
	Experiments []*ConfigExperiment
	Config      struct {
		Config
		ExperimentsMap map[string]int `json:"experimentsMap"`
		FeaturesMap    map[string]*struct {
			ConfigFeature
			ExperimentRules []int          `json:"experimentRules"`
			ExperimentsMap  map[string]int `json:"experimentsMap"`
		} `json:"featuresMap"`
	}
}

// NewConfig reads a Config out of a datafile.
func NewConfig(project *datafile.Project) (*Config, error) {
	var l linked
	source, err := view.Config(project)
	if err == nil {
		err = json.Unmarshal(source, &l)
	}
	if err != nil {
		return nil, fmt.Errorf("the datafile of revision %s: %w", project.Revision, err)
	}
	c := &l.Config.Config
	c.ExperimentsMap, c.FeaturesMap = l.at(l.Config.ExperimentsMap), map[string]ConfigFeature{}
	for key, f := range l.Config.FeaturesMap {
		f.ConfigFeature.ExperimentRules = []*ConfigExperiment{}
		for _, place := range f.ExperimentRules {
			if place >= 0 { // a rule that is an experiment
				f.ConfigFeature.ExperimentRules = append(f.ConfigFeature.ExperimentRules, l.Experiments[place])
			}
		}
		f.ConfigFeature.ExperimentsMap = l.at(f.ExperimentsMap)
		c.FeaturesMap[key] = f.ConfigFeature
	}
	if c.Events == nil {
		c.Events = []ConfigEvent{}
	}
	return c, nil
}

// at returns the experiments at places, under the same keys.
func (l *linked) at(places map[string]int) map[string]ConfigExperiment {
	experiments := make(map[string]ConfigExperiment, len(places))
	for key, place := range places {
		experiments[key] = *l.Experiments[place]
	}
	return experiments
}
