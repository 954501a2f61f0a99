package results

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query asks for a part of a project's results. The zero value asks for all
// of them, at a confidence of 0.9.
type Query struct {
	Experiment string    // an experiment's key or id; "" for all
	Baseline   string    // a variation's id or key; "" for the first of each experiment
	Confidence float64   // 0.9, 0.95 or 0.99; 0 means 0.9
	Start, End time.Time // visitors first exposed from Start on, and what happened before End; zero: no such bound
	Crossovers string    // first: visitors of several variations count in the one they saw first; exclude: in none. "" means first
	Timeseries bool      // with the course of each number
	CSV        bool
}

// QueryError says which parameter cannot be understood, and why.
type QueryError struct{ Field, Message string }

func (e *QueryError) Error() string { return e.Field + " " + e.Message }

// FieldName names the parameter.
func (e *QueryError) FieldName() string { return e.Field }

// What one may ask for.
var (
	parameters  = []string{"experiment", "baseline", "confidence", "start", "end", "crossovers", "timeseries", "format"}
	confidences = []float64{0.9, 0.95, 0.99}
)

// ParseQuery reads the parameters experiment, baseline, confidence, start, end,
// crossovers, timeseries and format. An error is a *QueryError.
func ParseQuery(values url.Values) (q Query, err error) {
	for name := range values {
		if !slices.Contains(parameters, name) {
			return q, &QueryError{name, "is no parameter of results"}
		}
	}
	q.Experiment, q.Baseline = values.Get("experiment"), values.Get("baseline")
	if q.Confidence, err = confidence(values.Get("confidence")); err != nil {
		return q, err
	}
	if q.Start, err = moment("start", values.Get("start")); err != nil {
		return q, err
	}
	if q.End, err = moment("end", values.Get("end")); err != nil {
		return q, err
	}
	if !q.End.IsZero() && !q.Start.Before(q.End) {
		return q, &QueryError{"end", "must be after start"}
	}
	q.Crossovers = values.Get("crossovers")
	if !slices.Contains([]string{"", "first", "exclude"}, q.Crossovers) {
		return q, &QueryError{"crossovers", "must be first or exclude"}
	}
	if q.Timeseries, err = strconv.ParseBool(cmp.Or(values.Get("timeseries"), "true")); err != nil {
		return q, &QueryError{"timeseries", "must be true or false"}
	}
	switch values.Get("format") {
	case "", "json":
	case "csv":
		q.CSV, q.Timeseries = true, false
	default:
		return q, &QueryError{"format", "must be json or csv"}
	}
	return q, nil
}

func confidence(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	asked, err := strconv.ParseFloat(text, 64)
	if err != nil || !slices.Contains(confidences, asked) {
		return 0, &QueryError{"confidence", "must be 0.9, 0.95 or 0.99"}
	}
	return asked, nil
}

// moment reads milliseconds since 1970, or a time as RFC 3339 writes it. It is
// told in UTC: queries are compared with ==, which minds the zone, and a report
// that says what was asked for cannot tell a year beyond four digits.
func moment(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 0 && ms <= maxMoment {
		return time.UnixMilli(ms).UTC(), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if at = at.UTC(); err != nil || at.Year() < 0 || at.Year() > 9999 {
		return at, &QueryError{field, "must be a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970"}
	}
	return at, nil
}

func (q Query) alpha() float64 {
	confidence := q.Confidence
	if confidence == 0 {
		confidence = confidences[0]
	}
	return math.Round((1-confidence)*100) / 100
}

// filter is the part of it that leaves visitors out.
func (q Query) filter() filter {
	f := filter{excludeCrossovers: q.Crossovers == "exclude"}
	if !q.Start.IsZero() || !q.End.IsZero() {
		f.start, f.end = math.MinInt64, math.MaxInt64
		if !q.Start.IsZero() {
			f.start = q.Start.UnixMilli()
		}
		if !q.End.IsZero() {
			f.end = q.End.UnixMilli()
		}
	}
	return f
}

// check finds a name that the project does not have.
func (q Query) check(t *tally) error {
	var asked []*experiment
	for _, x := range t.experiments {
		if x.epochs.described() && q.wants(&x.epochs.Design) {
			asked = append(asked, x)
		}
	}
	if len(asked) == 0 && q.Experiment != "" {
		return &QueryError{"experiment", fmt.Sprintf("%q is none of the project's experiments", clip(q.Experiment))}
	}
	if q.Baseline == "" || slices.ContainsFunc(asked, func(x *experiment) bool { return x.epochs.Design.find(q.Baseline) != nil }) {
		return nil
	}
	return &QueryError{"baseline", fmt.Sprintf("%q is no variation of the experiments asked for", clip(q.Baseline))}
}

func (q Query) wants(d *design) bool {
	return q.Experiment == "" || q.Experiment == d.ID || q.Experiment == d.Key
}

// find returns a variation by its id or key, or nil.
func (d *design) find(name string) *named {
	for i := range d.Variations {
		if v := &d.Variations[i]; v.ID == name || v.Key == name {
			return v
		}
	}
	return nil
}

// clip shortens what a sender made up.
func clip(text string) string {
	if len(text) > 60 {
		return strings.ToValidUTF8(text[:60], "") + "…"
	}
	return text
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
