package results

import (
	"math"
	"slices"
	"sync"
	"time"

	"sortition/relay/internal/stats"
)

// Report is a project's results. Its shape is that of Optimizely's REST API
// (GET /v2/experiments/{id}/results), so that what reads that can read this;
// what is our own begins with x_.
type Report struct {
	SDKKey      string       `json:"sdkKey"`
	Revision    string       `json:"revision"`
	Experiments []Experiment `json:"experiments"` // those of the datafile, in its order, delivery rules aside; then those it dropped
}

// Experiment is the results of one. Variations are named by their ids.
type Experiment struct {
	ID                  string      `json:"experiment_id"`
	Key                 string      `json:"experiment_key"`
	ConfidenceThreshold float64     `json:"confidence_threshold"`
	StartTime           *time.Time  `json:"start_time"` // of the first event that counts; null before it
	EndTime             *time.Time  `json:"end_time"`   // of the last one
	IsStale             bool        `json:"is_stale"`   // always false
	StatsConfig         StatsConfig `json:"stats_config"`
	Reach               Reach       `json:"reach"`
	Metrics             []Metric    `json:"metrics"` // for each event of the datafile: unique conversions, all conversions, revenue, value
	Epochs              []Epoch     `json:"x_epochs"`
	Variations          []string    `json:"x_variations"`        // ids in the datafile's order
	Gone                bool        `json:"x_gone,omitempty"`    // the newest datafile does not have it any more
	Crossovers          string      `json:"x_crossovers_policy"` // first or exclude
	StartFilter         *time.Time  `json:"x_start,omitempty"`   // what was asked for
	EndFilter           *time.Time  `json:"x_end,omitempty"`     //
	Status              string      `json:"x_status"`            // winner, loser, inconclusive or collecting, by the primary metric
	Trustworthy         bool        `json:"x_trustworthy"`       // false when the visitors are not split as they should be
	Method              string      `json:"x_method"`            // always msprt
	Health              Health      `json:"x_health"`            // last, see [Part]

	numbers func() []byte // see [Part]; made when they are first pushed
}

// StatsConfig says how the numbers are to be read.
type StatsConfig struct {
	ConfidenceLevel float64 `json:"confidence_level"`
	DifferenceType  string  `json:"difference_type"` // always relative
	EpochEnabled    bool    `json:"epoch_enabled"`   // always true
}

// Reach is how many visitors were exposed.
type Reach struct {
	TotalCount int64                     `json:"total_count"`
	Variations map[string]VariationReach `json:"variations"`
}

// VariationReach is how many of them saw the variation first.
type VariationReach struct {
	Name    string  `json:"name"`
	Count   int64   `json:"count"`
	Share   float64 `json:"variation_reach"`     // of all, 0 to 1
	Removed bool    `json:"x_removed,omitempty"` // the newest datafile does not have it any more
}

// Metric is one number of each variation.
type Metric struct {
	Name             string             `json:"name"` // the event's key
	EventID          string             `json:"event_id"`
	Aggregator       string             `json:"aggregator"` // unique: converters; count: conversions; sum: of Field
	Field            *string            `json:"field"`      // revenue, in cents, or value; null unless Aggregator is sum
	Scope            string             `json:"scope"`      // always visitor
	WinningDirection string             `json:"winning_direction"`
	Tier             string             `json:"x_tier"` // primary, secondary or monitoring
	Conclusion       Conclusion         `json:"conclusion"`
	Results          map[string]Outcome `json:"results"`
}

// Conclusion names the variations that are clearly better and worse than the
// baseline: of several the one furthest from it.
type Conclusion struct {
	Winner *string `json:"winner"`
	Loser  *string `json:"loser"`
}

// Outcome is a metric of one variation.
type Outcome struct {
	Name       string  `json:"name"`
	IsBaseline bool    `json:"is_baseline"`
	Samples    int64   `json:"samples"` // visitors
	Value      float64 `json:"value"`
	Rate       float64 `json:"rate"`     // value per visitor; 0 without visitors
	Variance   float64 `json:"variance"` // of a visitor's number
	NonZero    int64   `json:"x_converters"`
	Status     string  `json:"x_status"`             // baseline, collecting, winner, loser, inconclusive or removed
	Lift       *Lift   `json:"lift,omitempty"`       // none of the baseline
	Timeseries []Point `json:"timeseries,omitempty"` // where it was asked for
}

// Lift compares with the baseline. What is unknown or unbounded is null.
type Lift struct {
	Value              *float64    `json:"value"`
	Significance       float64     `json:"significance"`        // 1 - q
	ConfidenceInterval [2]*float64 `json:"confidence_interval"` // of Value
	IsSignificant      bool        `json:"is_significant"`
	IsMostConclusive   bool        `json:"is_most_conclusive"`
	LiftStatus         string      `json:"lift_status"` // better, worse or equal
	VisitorsRemaining  *int64      `json:"visitors_remaining"`

	P                  float64     `json:"x_p_value"` // smallest so far, always valid
	Q                  float64     `json:"x_q_value"` // corrected for the tier's number of comparisons
	LnLambda           float64     `json:"x_ln_lambda"`
	Ready              bool        `json:"x_ready"`  // past the burn-in
	Resets             int         `json:"x_resets"` // how often the course started over
	Difference         *float64    `json:"x_difference"`
	DifferenceInterval [2]*float64 `json:"x_absolute_ci"`
	Level              float64     `json:"x_ci_alpha"` // of the intervals
	Current            Current     `json:"x_current"`
}

// Current is what the counts of this moment say by themselves, without those
// of the moments before.
type Current struct {
	P                  float64     `json:"p_value"`
	NaiveP             float64     `json:"naive_p_value"` // of an ordinary z-test, which looking often makes worthless
	ConfidenceInterval [2]*float64 `json:"confidence_interval"`
	NaiveCalledAt      *int64      `json:"naive_called_at"`         // visitors of both when a z-test would first have called it; null: never
	ChanceToBeat       float64     `json:"chance_to_beat_baseline"` // not safe to look at often either
}

// Point is an outcome at an earlier moment.
type Point struct {
	Time     time.Time  `json:"time"`
	Samples  int64      `json:"samples"`
	Value    float64    `json:"value"`
	Rate     float64    `json:"rate"`
	Variance float64    `json:"variance"`
	Lift     *PointLift `json:"lift,omitempty"`
}

// PointLift is a lift at an earlier moment.
type PointLift struct {
	Value              *float64    `json:"value"`
	Significance       float64     `json:"significance"`
	ConfidenceInterval [2]*float64 `json:"confidence_interval"`
	NaiveP             float64     `json:"x_naive_p_value"`
	Reset              bool        `json:"x_reset,omitempty"`
}

// Health is what one should know before one believes the rest. What is not of
// one experiment is of the whole project.
type Health struct {
	Split        Split `json:"srm"` // first, see [Part]
	Decisions    Check `json:"decisions"`
	Crossovers   int64 `json:"crossovers"`   // visitors exposed to more than one variation
	Duplicates   int64 `json:"duplicates"`   // of the project's events
	Unattributed int64 `json:"unattributed"` // conversions of visitors not exposed before them
	Late         int64 `json:"late"`         // events of the project that came an hour or more after they happened
	Ahead        int64 `json:"ahead"`        // events of the project from the future: a wrong clock
	Amounts      int64 `json:"amounts"`      // revenues and values of the project that were no usable numbers
	Strangers    int64 `json:"strangers"`    // exposures to experiments that the project never had
}

// Split is whether the visitors are split as the datafile says, watched all
// the time.
type Split struct {
	P           float64            `json:"p"`
	LnBF        float64            `json:"ln_bf"`
	Status      string             `json:"status"` // ok, warning or mismatch
	ChiSquaredP float64            `json:"chi2_p"` // of this moment alone
	Expected    map[string]float64 `json:"expected"`
	Observed    map[string]float64 `json:"observed"`
}

// Epoch is a period in which the traffic was split in one way.
type Epoch struct {
	Since      time.Time          `json:"since"`     // when the relay first had the datafile
	Revisions  []string           `json:"revisions"` // of those datafiles: the first, and the last 99
	Allocation map[string]float64 `json:"allocation"`
	Visitors   int64              `json:"visitors"`
}

// maxMoment is the last second that RFC 3339 can tell, in milliseconds: the
// end of the year 9999.
const maxMoment = 253_402_300_799_000

// timeOf is a moment as reports tell it: one beyond what they can is drawn in.
func timeOf(ms int64) time.Time {
	return time.UnixMilli(max(0, min(ms, maxMoment))).UTC()
}

func newReport(p Project, t *tally, duplicates int64, q Query) *Report {
	report := &Report{SDKKey: p.SDKKey, Revision: p.Datafile.Revision, Experiments: []Experiment{}}
	for _, e := range p.Datafile.Experiments {
		if x := t.experiment(e.ID); !e.Rollout && x != nil && x.epochs.described() && q.wants(&x.epochs.Design) {
			report.Experiments = append(report.Experiments, t.report(x, p, duplicates, q))
		}
	}
	for _, x := range t.experiments {
		d := &x.epochs.Design
		if x.epochs.described() && p.Datafile.ExperimentByID(d.ID) == nil && !x.timeline.empty() && q.wants(d) {
			report.Experiments = append(report.Experiments, t.report(x, p, duplicates, q))
		}
	}
	return report
}

// approach works out a part of what a query asks for, and tells whether that
// was all of it.
func (t *tally) approach(q Query, most int) bool {
	for _, x := range t.experiments {
		if x.epochs.described() && q.wants(&x.epochs.Design) && !x.timeline.approach(t, x, q.filter(), most) {
			return false
		}
	}
	return true
}

// report returns the results of one experiment.
func (t *tally) report(x *experiment, p Project, duplicates int64, q Query) Experiment {
	e, attributed := t.worked(x, p, q)
	e.Health.Crossovers = x.crossovers
	e.Health.Decisions = x.check
	e.Health.Duplicates = duplicates + t.noted.Duplicates
	e.Health.Unattributed = t.noted.Own - attributed
	e.Health.Late, e.Health.Ahead = t.noted.Late, t.noted.Ahead
	e.Health.Amounts, e.Health.Strangers = t.noted.Amounts, t.noted.Strangers
	return e
}

// cachedReport is what was worked out last for a query: of many experiments
// most have not changed since a page last asked.
type cachedReport struct {
	query      Query
	project    Project
	version    uint64
	report     Experiment // shared: read only
	attributed int64
}

// maxCached bounds the reports kept of an experiment, and the filters whose
// counts are kept.
const maxCached = 4

// worked returns the part of the results that depends on the timeline alone,
// and how many conversions are attributed.
func (t *tally) worked(x *experiment, p Project, q Query) (e Experiment, attributed int64) {
	i := slices.IndexFunc(x.reports, func(c cachedReport) bool { return c.query == q })
	if i >= 0 {
		if c := &x.reports[i]; c.project == p && c.version == x.timeline.version {
			return c.report, c.attributed
		}
		x.reports = slices.Delete(x.reports, i, i+1)
	}
	e, attributed = t.work(x, p, q)
	if len(x.reports) == maxCached {
		x.reports = slices.Delete(x.reports, 0, 1)
	}
	x.reports = append(x.reports, cachedReport{q, p, x.timeline.version, e, attributed})
	return e, attributed
}

func (t *tally) work(x *experiment, p Project, q Query) (e Experiment, attributed int64) {
	f := q.filter()
	ledger := x.timeline.catchUp(t, x, f)
	attributed = x.timeline.everybody().now.attributed
	if f.end == 0 { // else those of other times are not unattributed
		attributed = ledger.now.attributed
	}
	a := newAnalysis(t, x, p, ledger, q)
	e = Experiment{
		ID: x.epochs.Design.ID, Key: x.epochs.Design.Key,
		ConfidenceThreshold: 1 - q.alpha(),
		StatsConfig:         StatsConfig{ConfidenceLevel: 1 - q.alpha(), DifferenceType: "relative", EpochEnabled: true},
		Reach:               a.reach(),
		Metrics:             a.metrics(),
		Health:              Health{Split: a.split()},
		Epochs:              a.epochs(),
		Variations:          a.ids(),
		Gone:                p.Datafile.ExperimentByID(x.epochs.Design.ID) == nil,
		Crossovers:          "first",
		Method:              "msprt",
	}
	if q.Crossovers != "" {
		e.Crossovers = q.Crossovers
	}
	if n := len(a.looks); n > 0 {
		start, end := timeOf(ledger.first), timeOf(a.looks[n-1].at)
		e.StartTime, e.EndTime = &start, &end
	}
	if !q.Start.IsZero() {
		e.StartFilter = &q.Start
	}
	if !q.End.IsZero() {
		e.EndFilter = &q.End
	}
	e.Trustworthy = e.Health.Split.Status != "mismatch"
	e.Status = conclusionOf(e.Metrics)
	own := e
	e.numbers = sync.OnceValue(func() []byte { return numbersOf(&own) })
	return e, attributed
}

// conclusionOf is that of the primary metric.
func conclusionOf(metrics []Metric) string {
	status := "collecting"
	if len(metrics) == 0 {
		return status
	}
	if c := metrics[0].Conclusion; c.Winner != nil {
		return "winner"
	}
	for _, o := range metrics[0].Results {
		switch o.Status {
		case "loser":
			return o.Status
		case "inconclusive":
			status = o.Status
		}
	}
	return status
}

func ratio(value, of float64) float64 {
	if of == 0 {
		return 0
	}
	return value / of
}

// ends gives an interval's, null for those that are not finite.
func ends(i stats.Interval) (pair [2]*float64) {
	for side, end := range []float64{i.Low, i.High} {
		if !math.IsInf(end, 0) && !math.IsNaN(end) {
			pair[side] = &end
		}
	}
	return pair
}

// spread returns at most n of the indices below total, evenly, with the last.
func spread(total, n int) (indices []int) {
	for i := range min(total, n) {
		indices = append(indices, (i+1)*total/min(total, n)-1)
	}
	return slices.Compact(indices)
}
