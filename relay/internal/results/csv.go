package results

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
)

// csv writes a report as a table: one line for each variation of each metric.
func (r *Report) csv() []byte {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write([]string{ // a buffer takes everything
		"experiment_id", "experiment_key", "metric", "aggregator", "field", "tier", "variation_id", "variation", "is_baseline", "status",
		"visitors", "value", "rate", "variance", "lift", "ci_low", "ci_high", "significance", "p_value", "visitors_remaining", "srm_p",
	})
	for i := range r.Experiments {
		e := &r.Experiments[i]
		for j := range e.Metrics {
			for _, id := range e.shown(&e.Metrics[j]) {
				_ = w.Write(e.line(&e.Metrics[j], id))
			}
		}
	}
	w.Flush()
	return text.Bytes()
}

// shown are the ids of a metric's variations: the datafile's in its order, then removed ones.
func (e *Experiment) shown(m *Metric) (ids []string) {
	ids = append(ids, e.Variations...)
	for _, id := range sortedKeys(m.Results) {
		if m.Results[id].Status == "removed" {
			ids = append(ids, id)
		}
	}
	return ids
}

func (e *Experiment) line(m *Metric, id string) []string {
	o := m.Results[id]
	field := ""
	if m.Field != nil {
		field = *m.Field
	}
	line := []string{
		e.ID, e.Key, m.Name, m.Aggregator, field, m.Tier, id, o.Name, strconv.FormatBool(o.IsBaseline), o.Status,
		strconv.FormatInt(o.Samples, 10), decimal(&o.Value), decimal(&o.Rate), decimal(&o.Variance),
	}
	if l := o.Lift; l != nil {
		remaining := ""
		if l.VisitorsRemaining != nil {
			remaining = strconv.FormatInt(*l.VisitorsRemaining, 10)
		}
		line = append(line, decimal(l.Value), decimal(l.ConfidenceInterval[0]), decimal(l.ConfidenceInterval[1]),
			decimal(&l.Significance), decimal(&l.P), remaining)
	} else {
		line = append(line, "", "", "", "", "", "")
	}
	line = append(line, decimal(&e.Health.Split.P))
	for i, text := range line[:10] {
		line[i] = harmless(text)
	}
	return line
}

func decimal(n *float64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatFloat(*n, 'g', -1, 64)
}

// harmless keeps a spreadsheet from taking a name for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
