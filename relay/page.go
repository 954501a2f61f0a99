package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"sortition/relay/internal/site"
	"sortition/wasm/engine/datafile"
)

// openSite returns the site's files and whether they stay as they are.
func openSite(dir string) (files fs.FS, frozen bool, err error) {
	if dir == "" {
		return site.Embedded(), true, nil
	}
	if files, err = site.Folder(dir); err != nil {
		return nil, false, &settingError{setting: "site", err: err}
	}
	return files, false, nil
}

// pageConfig is what the page is told by /config.json.
type pageConfig struct {
	SDKKey        string            `json:"sdkKey"`
	ExperimentKey string            `json:"experimentKey"`
	EventKey      string            `json:"eventKey"`
	Sort          map[string]string `json:"sort"` // variation key to order

	sortIsSet bool // by --page-sort
}

// pageConfig returns the site's config.json with this relay and its settings in it, as it is served and as it is read.
func (s *settings) pageConfig(files fs.FS) (text json.RawMessage, read pageConfig) {
	config := map[string]any{
		"experimentKey": "item-sort",
		"eventKey":      "item_purchase",
		"sort":          map[string]string{"price": "price", "category": "category"},
	}
	if text, err := fs.ReadFile(files, "config.json"); err == nil {
		_ = json.Unmarshal(text, &config) // what is no JSON leaves the demo's settings
	}
	config["relayUrl"] = ""
	config["sdkKey"] = s.PageProject
	if s.PageExperiment != "" {
		config["experimentKey"] = s.PageExperiment
	}
	if s.PageEvent != "" {
		config["eventKey"] = s.PageEvent
	}
	if len(s.PageSort) > 0 {
		sort := map[string]string{}
		for _, o := range s.PageSort {
			sort[o.variation] = o.order
		}
		config["sort"] = sort
	}
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // it was JSON
	}
	read.sortIsSet = len(s.PageSort) > 0
	_ = json.Unmarshal(text, &read) // a site's own config.json may hold anything; what is not as expected is empty
	return text, read
}

// misfits tells what of the page's settings a datafile does not have, and what to set.
func (c pageConfig) misfits(project *datafile.Project) []string {
	misfits := c.experimentMisfits(project)
	if project.EventByKey(c.EventKey) == nil {
		var keys []string
		for _, e := range project.Events {
			keys = append(keys, e.Key)
		}
		misfits = append(misfits, fmt.Sprintf("there is no event %q, so purchases are not counted; --page-event may name %s", c.EventKey, listed(keys)))
	}
	return misfits
}

func (c pageConfig) experimentMisfits(project *datafile.Project) []string {
	experiment := project.ExperimentByKey(c.ExperimentKey)
	if experiment == nil || experiment.Rollout {
		var keys []string
		for _, e := range project.Experiments {
			if !e.Rollout {
				keys = append(keys, e.Key)
			}
		}
		return []string{fmt.Sprintf("there is no experiment %q, so the page shows its own order; --page-experiment may name %s", c.ExperimentKey, listed(keys))}
	}
	misfits := c.sortMisfits(experiment)
	if !experiment.Running {
		misfits = append(misfits, fmt.Sprintf("the experiment %q is %q, not Running, so the page shows its own order", experiment.Key, experiment.Status))
	}
	return misfits
}

// sortMisfits compares an experiment's variations with those that have an order.
func (c pageConfig) sortMisfits(experiment *datafile.Experiment) (misfits []string) {
	var keys []string
	for _, v := range experiment.Variations {
		keys = append(keys, v.Key)
		if c.Sort[v.Key] == "" {
			misfits = append(misfits, fmt.Sprintf("the variation %[1]q has no order, so it shows the page's own; set --page-sort %[1]s=ORDER, which is one of %[2]s", v.Key, orders))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.Sort)) {
		if c.sortIsSet && !slices.Contains(keys, key) {
			misfits = append(misfits, fmt.Sprintf("--page-sort has %q, which is no variation of %q; those are %s", key, experiment.Key, listed(keys)))
		}
	}
	return misfits
}

// listed is a list of keys for a sentence, cut where it gets long.
func listed(keys []string) string {
	const most = 8
	if len(keys) == 0 {
		return "none: the datafile has none"
	}
	text := fmt.Sprintf("%q", keys[:min(most, len(keys))])
	text = strings.ReplaceAll(strings.Trim(text, "[]"), `" "`, `", "`)
	if len(keys) > most {
		text += fmt.Sprintf(" and %d more", len(keys)-most)
	}
	return text
}
