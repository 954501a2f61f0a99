package main

import (
	"net/url"

	"sortition/relay/internal/results"
	"sortition/relay/internal/server"
)

// accountant is the results as the server and the hub know them.
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

// Ready implements server.Results.
func (a accountant) Ready() <-chan struct{} { return a.results.Ready() }

// live is what the hub pushes: everything but the courses of the numbers, which a page asks for when it wants them.
func (a accountant) live(sdkKey string) ([]byte, bool) {
	object, ok, err := a.results.Results(sdkKey, results.Query{})
	return object, ok && err == nil
}
