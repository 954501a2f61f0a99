package results

import (
	"bytes"
	"encoding/json"
)

// Live is a project's results as pages follow them: at the defaults, without the courses of the numbers, and in parts.
type Live struct {
	Revision    string
	Experiments []Part
}

// Part is an experiment of them: its JSON object, cut in two before the counts of its health. Those tell of the whole project too, and so
// they change with events that change nothing else of the experiment.
type Part struct {
	ID      string
	Numbers []byte // {"experiment_id":..., and so on to "x_health":{"srm":{...},
	Counts  []byte // "decisions":{...}, and so on to "strangers":0; what is missing is }}
}

// Live returns a project's results in parts, and false where [Results.Results] does. Numbers that have not changed are the same slice as
// the last time.
func (r *Results) Live(sdkKey string) (Live, bool) {
	report, ok, err := r.Report(sdkKey, Query{})
	if !ok || err != nil {
		return Live{}, false
	}
	return report.live(), true
}

// ReadLive takes apart all of a project's results at the defaults, as another relay has published them.
func ReadLive(object []byte) (Live, error) {
	var report Report
	if err := json.Unmarshal(object, &report); err != nil {
		return Live{}, err
	}
	for i := range report.Experiments {
		e := &report.Experiments[i]
		e.numbers = func() []byte { return numbersOf(e) }
	}
	return report.live(), nil
}

func (r *Report) live() Live {
	live := Live{Revision: r.Revision, Experiments: make([]Part, len(r.Experiments))}
	for i := range r.Experiments {
		e := &r.Experiments[i]
		live.Experiments[i] = Part{e.ID, e.numbers(), countsOf(&e.Health)}
	}
	return live
}

func numbersOf(e *Experiment) []byte {
	type split struct {
		Split Split `json:"srm"`
	}
	object := encoded(struct {
		*Experiment
		Health split `json:"x_health"` // hides the experiment's
	}{e, split{e.Health.Split}})
	return append(bytes.TrimSuffix(object, []byte("}}")), ',')
}

func countsOf(h *Health) []byte {
	object := encoded(struct {
		*Health
		Split *Split `json:"srm,omitempty"` // hides the health's
	}{Health: h})
	return object[1 : len(object)-1]
}

// encoded writes what always can be: reports have no numbers that JSON has not.
func encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
