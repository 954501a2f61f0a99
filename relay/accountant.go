package main

import (
	"context"
	"net/url"

	"sortition/relay/internal/hub"
	"sortition/relay/internal/results"
	"sortition/relay/internal/server"
)

// resultsConsumer is the name under which the results read the event log.
const resultsConsumer = "results"

// counts are the results as the other parts know them: this relay's own, or those of the fleet's relay that counts.
type counts interface {
	server.Results
	// live is what the hub pushes: everything but the courses of the numbers, which a page asks for when it wants them.
	live(sdkKey string) (hub.Results, bool)
	// Revise takes note that a project has another datafile.
	Revise()
	Run(ctx context.Context) error
}

func (r *relay) newCounts() counts {
	if r.fleet != nil {
		return r.newSharedResults()
	}
	return accountant{r.newResults(func(sdkKeys []string) {
		for _, key := range sdkKeys {
			r.hub.ResultsChanged(key)
		}
	})}
}

// newResults makes results that count the event log and tell of what changes.
func (r *relay) newResults(changed func(sdkKeys []string)) *results.Results {
	return results.New(results.Options{
		Log:        r.events,
		Projects:   r.counted,
		Duplicates: r.events.Duplicates,
		MaxBehind:  int(r.settings.MaxBacklog) / 8,
		Changed:    changed,
		Logger:     r.log,
	})
}

// accountant is results that this relay counts, as the server and the hub know them.
type accountant struct{ results *results.Results }

// Results implements server.Results.
func (a accountant) Results(sdkKey string, query url.Values) (answer server.ResultsAnswer, ok bool, err error) {
	q, err := results.ParseQuery(query)
	if err != nil {
		return answer, true, err
	}
	answer.Body, ok, err = a.results.Results(sdkKey, q)
	answer.ContentType = "application/json"
	if q.CSV {
		answer.ContentType, answer.FileName = "text/csv; charset=utf-8", "results-"+sdkKey+".csv"
	}
	return answer, ok, err
}

func (a accountant) live(sdkKey string) (hub.Results, bool) {
	live, ok := a.results.Live(sdkKey)
	return pushed(live), ok
}

// pushed are results as the hub knows them.
func pushed(live results.Live) hub.Results {
	r := hub.Results{Revision: live.Revision, Experiments: make([]hub.Experiment, len(live.Experiments))}
	for i, part := range live.Experiments {
		r.Experiments[i] = hub.Experiment(part)
	}
	return r
}

// Ready implements server.Results.
func (a accountant) Ready() <-chan struct{} { return a.results.Ready() }

// Revise implements counts.
func (a accountant) Revise() { a.results.Revise() }

// Run implements counts.
func (a accountant) Run(ctx context.Context) error { return a.results.Run(ctx) }
