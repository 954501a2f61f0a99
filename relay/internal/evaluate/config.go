package evaluate

import (
	"encoding/json"
	"fmt"
	"slices"

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

// NewConfig reads a Config out of a datafile.
func NewConfig(project *datafile.Project) (*Config, error) {
	c := &Config{}
	source, err := view.Config(project)
	if err == nil {
		err = json.Unmarshal(source, c)
	}
	if err != nil {
		return nil, fmt.Errorf("the datafile of revision %s: %w", project.Revision, err)
	}
	if c.Events == nil {
		c.Events = []ConfigEvent{}
	}
	for key, f := range c.FeaturesMap { // of a rule that is no experiment there is null
		f.ExperimentRules = slices.DeleteFunc(f.ExperimentRules, func(e *ConfigExperiment) bool { return e == nil })
		c.FeaturesMap[key] = f
	}
	return c, nil
}
