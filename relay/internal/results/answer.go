package results

import (
	"encoding/json"
	"slices"
)

// stepEntries is how many entries of a timeline are worked out in one go:
// while that lasts nobody else can count, or ask. After so many steps the rest
// is done at once, whatever arrives meanwhile.
const (
	stepEntries = 1 << 14
	maxSteps    = 1000
)

// Results answers a query for a project's results, as JSON or CSV, and false
// while the log is read for the first time or the project has no datafile. An
// error is a *QueryError.
func (r *Results) Results(sdkKey string, q Query) (answer []byte, ok bool, err error) {
	report, ok, err := r.Report(sdkKey, q)
	if !ok || err != nil {
		return nil, ok, err
	}
	if q.CSV {
		return report.csv(), true, nil
	}
	answer, err = json.Marshal(report)
	return answer, err == nil, err
}

// Report answers a query for a project's results. See [Results.Results].
func (r *Results) Report(sdkKey string, q Query) (*Report, bool, error) {
	for step := 0; step < maxSteps && !r.approach(sdkKey, q); step++ {
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	projects := r.options.Projects()
	i := slices.IndexFunc(projects, func(p Project) bool { return p.SDKKey == sdkKey })
	if r.book == nil || i < 0 {
		return nil, false, nil
	}
	r.book.begin(projects)
	p, t := projects[i], r.book.tallies[sdkKey]
	if err := q.check(t); err != nil {
		return nil, true, err
	}
	return newReport(p, t, r.dropped(sdkKey), q), true, nil
}

// approach works out a part of what a query asks for, and tells whether nothing
// is left.
func (r *Results) approach(sdkKey string, q Query) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.book == nil || r.book.tallies[sdkKey] == nil {
		return true
	}
	return r.book.tallies[sdkKey].approach(q, stepEntries)
}
