package evaluate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sortition/wasm/engine/datafile"
)

// Config is a project as an application may look through it: the official SDKs' OptimizelyConfig, in Agent's form. Audiences are in
// words, and what shares a key is the last one with it.
type Config struct {
	EnvironmentKey string                      `json:"environmentKey"`
	SDKKey         string                      `json:"sdkKey"`
	Revision       string                      `json:"revision"`
	ExperimentsMap map[string]ConfigExperiment `json:"experimentsMap"`
	FeaturesMap    map[string]ConfigFeature    `json:"featuresMap"`
	Attributes     []ConfigAttribute           `json:"attributes"`
	Audiences      []ConfigAudience            `json:"audiences"`
	Events         []ConfigEvent               `json:"events"`
}

// ConfigExperiment is an experiment or a delivery rule.
type ConfigExperiment struct {
	ID            string                     `json:"id"`
	Key           string                     `json:"key"`
	Audiences     string                     `json:"audiences"` // such as `"Gold" OR "Staff"`
	VariationsMap map[string]ConfigVariation `json:"variationsMap"`
}

// ConfigVariation is a variation, with what its flag's variables are in it.
type ConfigVariation struct {
	ID             string                    `json:"id"`
	Key            string                    `json:"key"`
	FeatureEnabled bool                      `json:"featureEnabled"`
	VariablesMap   map[string]ConfigVariable `json:"variablesMap"`
}

// ConfigVariable is a variable with its value as text.
type ConfigVariable struct {
	ID    string `json:"id"`
	Key   string `json:"key"`
	Type  string `json:"type"`
	Value string `json:"value"`
}

// ConfigFeature is a flag.
type ConfigFeature struct {
	ID              string                      `json:"id"`
	Key             string                      `json:"key"`
	ExperimentRules []ConfigExperiment          `json:"experimentRules"`
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
	ID         string `json:"id"`
	Name       string `json:"name"`
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

// What a Config needs of a datafile. The engine keeps none of these names.
type (
	sourceProject struct {
		SDKKey         text              `json:"sdkKey"`
		EnvironmentKey text              `json:"environmentKey"`
		Revision       text              `json:"revision"`
		Attributes     []ConfigAttribute `json:"attributes"`
		Audiences      []sourceAudience  `json:"audiences"`
		TypedAudiences []sourceAudience  `json:"typedAudiences"`
		Events         []ConfigEvent     `json:"events"`
		Experiments    []sourceRule      `json:"experiments"`
		Groups         []sourceRules     `json:"groups"`
		Rollouts       []sourceRules     `json:"rollouts"`
		Flags          []sourceFlag      `json:"featureFlags"`
	}
	sourceAudience struct {
		ID         text            `json:"id"`
		Name       text            `json:"name"`
		Conditions json.RawMessage `json:"conditions"`
	}
	sourceRules struct {
		ID    text         `json:"id"`
		Rules []sourceRule `json:"experiments"`
	}
	sourceRule struct {
		ID         text            `json:"id"`
		Key        text            `json:"key"`
		Conditions json.RawMessage `json:"audienceConditions"`
		Variations []struct {
			ID        text             `json:"id"`
			Key       text             `json:"key"`
			Enabled   bool             `json:"featureEnabled"`
			Variables []sourceVariable `json:"variables"`
		} `json:"variations"`
	}
	sourceFlag struct {
		ID            text             `json:"id"`
		Key           text             `json:"key"`
		RolloutID     text             `json:"rolloutId"`
		ExperimentIDs []text           `json:"experimentIds"`
		Variables     []sourceVariable `json:"variables"`
	}
	sourceVariable struct {
		ID      text `json:"id"`
		Key     text `json:"key"`
		Type    text `json:"type"`
		SubType text `json:"subType"`
		Default text `json:"defaultValue"`
		Value   text `json:"value"` // in a variation
	}
)

// NewConfig reads a Config out of a datafile.
func NewConfig(project *datafile.Project) (*Config, error) {
	var source sourceProject
	if err := json.Unmarshal([]byte(project.Text), &source); err != nil {
		return nil, fmt.Errorf("the datafile of revision %s: %w", project.Revision, err)
	}
	b := configBuilder{names: map[text]text{}, variables: map[text]sourceVariable{}, shown: map[text]ConfigExperiment{}}
	c := &Config{EnvironmentKey: string(source.EnvironmentKey), SDKKey: string(source.SDKKey), Revision: string(source.Revision),
		ExperimentsMap: map[string]ConfigExperiment{}, FeaturesMap: map[string]ConfigFeature{},
		Attributes: orEmpty(source.Attributes), Events: orEmpty(source.Events), Audiences: b.audiences(&source)}
	b.experiments(&source, c)
	for i := range source.Flags {
		flag := b.feature(&source, &source.Flags[i])
		c.FeaturesMap[flag.Key] = flag
	}
	return c, b.err
}

// configBuilder keeps what was seen of a datafile. Its error is the first.
type configBuilder struct {
	names     map[text]text // of audiences, by id
	variables map[text]sourceVariable
	shown     map[text]ConfigExperiment // by id
	err       error
}

// audiences lists the typed ones, then the older ones that none of them replaces.
func (b *configBuilder) audiences(source *sourceProject) []ConfigAudience {
	listed := []ConfigAudience{}
	for _, a := range slices.Concat(source.Audiences, source.TypedAudiences) {
		b.names[a.ID] = a.Name
	}
	seen := map[text]bool{"$opt_dummy_audience": true}
	for i, a := range slices.Concat(source.TypedAudiences, source.Audiences) {
		if isOlder := i >= len(source.TypedAudiences); isOlder && seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		conditions := []byte(a.Conditions)
		if len(conditions) > 0 && conditions[0] == '"' { // older ones are JSON within a string
			var within text
			b.keep(json.Unmarshal(conditions, &within))
			conditions = []byte(within)
		}
		var compact bytes.Buffer
		b.keep(json.Compact(&compact, conditions))
		listed = append(listed, ConfigAudience{string(a.ID), string(a.Name), compact.String()})
	}
	return listed
}

// experiments shows all but delivery rules. The variables of an experiment are those of the first flag that lists it.
func (b *configBuilder) experiments(source *sourceProject, c *Config) {
	all := slices.Clone(source.Experiments)
	for _, group := range source.Groups {
		all = append(all, group.Rules...)
	}
	ofExperiment := map[text][]sourceVariable{}
	for _, flag := range source.Flags {
		for _, v := range flag.Variables {
			b.variables[v.ID] = v
		}
		for _, id := range flag.ExperimentIDs {
			if _, ok := ofExperiment[id]; !ok {
				ofExperiment[id] = flag.Variables
			}
		}
	}
	for i := range all {
		shown := b.rule(&all[i], ofExperiment[all[i].ID])
		b.shown[all[i].ID] = shown
		c.ExperimentsMap[shown.Key] = shown
	}
}

func (b *configBuilder) feature(source *sourceProject, flag *sourceFlag) ConfigFeature {
	f := ConfigFeature{ID: string(flag.ID), Key: string(flag.Key), ExperimentRules: []ConfigExperiment{}, DeliveryRules: []ConfigExperiment{},
		VariablesMap: map[string]ConfigVariable{}, ExperimentsMap: map[string]ConfigExperiment{}}
	for _, id := range flag.ExperimentIDs {
		if shown, ok := b.shown[id]; ok {
			f.ExperimentRules = append(f.ExperimentRules, shown)
			f.ExperimentsMap[shown.Key] = shown
		}
	}
	for _, rollout := range source.Rollouts {
		if rollout.ID != flag.RolloutID {
			continue
		}
		for i := range rollout.Rules {
			f.DeliveryRules = append(f.DeliveryRules, b.rule(&rollout.Rules[i], flag.Variables))
		}
	}
	for i := range flag.Variables {
		v := variable(&flag.Variables[i], flag.Variables[i].Default)
		f.VariablesMap[v.Key] = v
	}
	return f
}

func (b *configBuilder) rule(rule *sourceRule, variables []sourceVariable) ConfigExperiment {
	shown := ConfigExperiment{ID: string(rule.ID), Key: string(rule.Key), Audiences: b.words(rule.Conditions), VariationsMap: map[string]ConfigVariation{}}
	for _, v := range rule.Variations {
		variation := ConfigVariation{ID: string(v.ID), Key: string(v.Key), FeatureEnabled: v.Enabled, VariablesMap: map[string]ConfigVariable{}}
		for i := range variables {
			one := variable(&variables[i], variables[i].Default)
			variation.VariablesMap[one.Key] = one
		}
		for _, set := range v.Variables {
			declared, ok := b.variables[set.ID]
			if !ok {
				b.keep(fmt.Errorf("variation %s sets the variable %s, which no flag has", v.Key, set.ID))
				continue
			}
			value := declared.Default
			if v.Enabled {
				value = set.Value
			}
			one := variable(&declared, value)
			variation.VariablesMap[one.Key] = one
		}
		shown.VariationsMap[variation.Key] = variation
	}
	return shown
}

func variable(declared *sourceVariable, value text) ConfigVariable {
	kind := declared.Type
	if kind == "string" && declared.SubType == "json" {
		kind = "json"
	}
	return ConfigVariable{string(declared.ID), string(declared.Key), string(kind), string(value)}
}

// words writes the audience conditions of a rule: names in quotes, joined by the operator that came last.
func (b *configBuilder) words(conditions json.RawMessage) string {
	if len(conditions) == 0 || string(conditions) == "null" {
		return ""
	}
	var items []json.RawMessage
	b.keep(json.Unmarshal(conditions, &items))
	var words strings.Builder
	operator := "OR"
	for _, item := range items {
		var name string
		if item[0] == '[' {
			name = "(" + b.words(item) + ")"
		} else {
			var id text
			b.keep(id.UnmarshalJSON(item))
			if id == "and" || id == "or" || id == "not" {
				operator = strings.ToUpper(string(id))
				continue
			}
			if named, ok := b.names[id]; ok {
				id = named
			}
			name = `"` + string(id) + `"`
		}
		switch {
		case words.Len() > 0:
			words.WriteString(" " + operator + " ")
		case operator == "NOT":
			words.WriteString("NOT ")
		}
		words.WriteString(name)
	}
	return words.String()
}

func (b *configBuilder) keep(err error) {
	if b.err == nil {
		b.err = err
	}
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
