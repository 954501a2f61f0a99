package results

import "sortition/wasm/engine/datafile"

// Report is a project's results. Its shape is that of Optimizely's REST API
// (GET /v2/experiments/{id}/results), so that what reads that can read this;
// what is our own begins with x_.
type Report struct {
	SDKKey      string       `json:"sdkKey"`
	Revision    string       `json:"revision"`
	Experiments []Experiment `json:"experiments"` // those of the datafile, in its order, delivery rules aside
}

// Experiment is the results of one. Variations are named by their ids.
type Experiment struct {
	ID      string   `json:"experiment_id"`
	Key     string   `json:"experiment_key"`
	Reach   Reach    `json:"reach"`
	Metrics []Metric `json:"metrics"` // for each event of the datafile: unique conversions, all conversions, revenue
	Health  Health   `json:"x_health"`
}

// Reach is how many visitors were exposed.
type Reach struct {
	TotalCount int                       `json:"total_count"`
	Variations map[string]VariationReach `json:"variations"`
}

// VariationReach is how many of them saw the variation first.
type VariationReach struct {
	Name  string  `json:"name"`
	Count int     `json:"count"`
	Share float64 `json:"variation_reach"` // of all, 0 to 1
}

// Metric is one number of each variation.
type Metric struct {
	Name       string             `json:"name"` // the event's key
	EventID    string             `json:"event_id"`
	Aggregator string             `json:"aggregator"` // unique: converters; count: conversions; sum: of Field
	Field      *string            `json:"field"`      // revenue, in cents; null unless Aggregator is sum
	Scope      string             `json:"scope"`      // always visitor
	Results    map[string]Outcome `json:"results"`
}

// Outcome is a metric of one variation.
type Outcome struct {
	Name       string  `json:"name"`
	IsBaseline bool    `json:"is_baseline"` // the experiment's first variation
	Samples    int     `json:"samples"`     // visitors
	Value      int64   `json:"value"`
	Rate       float64 `json:"rate"` // value per visitor; 0 without visitors
}

// Health is what one should know before one believes the rest.
type Health struct {
	Duplicates   int `json:"duplicates"`   // of the project's events, since the relay's start
	Unattributed int `json:"unattributed"` // conversions of visitors not exposed before them
	Crossovers   int `json:"crossovers"`   // visitors exposed to more than one variation
}

// Report returns a project's results, and false while the log is read for the
// first time or the project has no datafile.
func (r *Results) Report(sdkKey string) (*Report, bool) {
	projects := r.options.Projects()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.book == nil {
		return nil, false
	}
	for i, p := range projects {
		if p.SDKKey == sdkKey {
			duplicates := r.options.Duplicates(sdkKey, p.Datafile.ProjectID)
			if firstOf(projects, p.Datafile.ProjectID) == i {
				duplicates += r.options.Duplicates("", p.Datafile.ProjectID)
			}
			return newReport(p, r.book.tallies[sdkKey], duplicates), true
		}
	}
	return nil, false
}

// firstOf returns the index of the first project with the id: what was posted
// without an SDK key is its own.
func firstOf(projects []Project, projectID string) int {
	for i, p := range projects {
		if p.Datafile.ProjectID == projectID {
			return i
		}
	}
	return -1
}

func newReport(p Project, t *tally, duplicates int) *Report {
	if t == nil {
		t = newTally(0, nil)
	}
	report := &Report{SDKKey: p.SDKKey, Revision: p.Datafile.Revision, Experiments: []Experiment{}}
	for _, e := range p.Datafile.Experiments {
		if !e.Rollout {
			report.Experiments = append(report.Experiments, t.experiment(e, p.Datafile.Events, duplicates))
		}
	}
	return report
}

func (t *tally) experiment(e *datafile.Experiment, events []*datafile.Event, duplicates int) Experiment {
	x := &experiment{}
	if i, ok := t.experimentIndex[e.ID]; ok {
		x = t.experiments[i]
	}
	report := Experiment{
		ID:      e.ID,
		Key:     e.Key,
		Reach:   x.reach(e),
		Metrics: []Metric{},
		Health: Health{
			Duplicates:   duplicates + t.duplicates,
			Unattributed: t.own - x.attributed,
			Crossovers:   x.crossovers,
		},
	}
	for _, event := range events {
		report.Metrics = append(report.Metrics, t.metrics(x, e, event)...)
	}
	return report
}

func (x *experiment) reach(e *datafile.Experiment) Reach {
	reach := Reach{Variations: map[string]VariationReach{}}
	for _, v := range e.Variations {
		reach.TotalCount += x.variation(v.ID).visitors
	}
	for _, v := range e.Variations {
		count := x.variation(v.ID).visitors
		reach.Variations[v.ID] = VariationReach{Name: v.Key, Count: count, Share: ratio(int64(count), reach.TotalCount)}
	}
	return reach
}

// metrics returns those of one event.
func (t *tally) metrics(x *experiment, e *datafile.Experiment, event *datafile.Event) []Metric {
	revenue := "revenue"
	metrics := []Metric{{Aggregator: "unique"}, {Aggregator: "count"}, {Aggregator: "sum", Field: &revenue}}
	for i := range metrics {
		m := &metrics[i]
		m.Name, m.EventID, m.Scope, m.Results = event.Key, event.ID, "visitor", map[string]Outcome{}
	}
	for i, v := range e.Variations {
		arm := x.variation(v.ID)
		sum := t.totals(arm, event.ID)
		for j, value := range []int64{int64(sum.converters), int64(sum.conversions), sum.revenue} {
			metrics[j].Results[v.ID] = Outcome{
				Name:       v.Key,
				IsBaseline: i == 0,
				Samples:    arm.visitors,
				Value:      value,
				Rate:       ratio(value, arm.visitors),
			}
		}
	}
	return metrics
}

// variation returns the counts of a variation, empty ones if nobody saw it.
func (x *experiment) variation(id string) variation {
	if i, ok := x.variationIndex[id]; ok {
		return x.variations[i]
	}
	return variation{}
}

// totals returns the counts of an event, empty ones if it never came.
func (t *tally) totals(v variation, eventID string) totals {
	i, ok := t.eventIndex[eventID]
	if !ok || int(i) >= len(v.totals) {
		return totals{}
	}
	return v.totals[i]
}

func ratio(value int64, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(value) / float64(of)
}
