// Package metrics writes the relay's numbers in Prometheus' text format. The parts count for themselves and know nothing of
// it: main names their numbers here and hands in functions that read them, which are called at each scrape.
//
// Histograms, and the numbers of the process and of Go's runtime, are VictoriaMetrics/metrics'.
package metrics

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/VictoriaMetrics/metrics"
)

// Registry is a list of metrics. It is filled before it serves, and safe for concurrent scrapes afterwards. Names follow
// Prometheus' custom: units in the name, _total at a counter's end.
type Registry struct{ families []family }

// family is every sample of one name.
type family struct {
	name, kind, help string
	write            func(w io.Writer)
}

// Gauge is a number that goes up and down.
func (r *Registry) Gauge(name, help string, read func() float64) {
	r.add(name, "gauge", help, func(w io.Writer) { sample(w, name, "", "", read()) })
}

// Counter is a number that only grows while the relay runs.
func (r *Registry) Counter(name, help string, read func() float64) {
	r.add(name, "counter", help, func(w io.Writer) { sample(w, name, "", "", read()) })
}

// GaugeBy is a gauge for each value of a label.
func (r *Registry) GaugeBy(label, name, help string, read func() map[string]float64) {
	r.add(name, "gauge", help, func(w io.Writer) { samples(w, name, label, read()) })
}

// CounterBy is a counter for each value of a label.
func (r *Registry) CounterBy(label, name, help string, read func() map[string]float64) {
	r.add(name, "counter", help, func(w io.Writer) { samples(w, name, label, read()) })
}

// Histogram counts values by their size, up to each of the ascending bounds. The function it returns takes a value; it is
// safe for concurrent use.
func (r *Registry) Histogram(name, help string, bounds []float64) (observe func(float64)) {
	set := metrics.NewSet()
	histogram := set.NewPrometheusHistogramExt(name, bounds)
	r.add(name, "histogram", help, set.WritePrometheus)
	return histogram.Update
}

func (r *Registry) add(name, kind, help string, write func(io.Writer)) {
	r.families = append(r.families, family{name, kind, help, write})
}

// ServeHTTP answers a scrape.
func (r *Registry) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	var page bytes.Buffer
	for _, f := range r.families {
		fmt.Fprintf(&page, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
		f.write(&page)
	}
	metrics.WriteProcessMetrics(&page)
	metrics.WriteFDMetrics(&page)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(page.Bytes()) // whoever scraped may be gone
}

func samples(w io.Writer, name, label string, values map[string]float64) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		sample(w, name, label, key, values[key])
	}
}

// escape is the text format's for a label's value.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func sample(w io.Writer, name, label, key string, value float64) {
	if label != "" {
		name += "{" + label + `="` + escape.Replace(key) + `"}`
	}
	fmt.Fprintf(w, "%s %s\n", name, strconv.FormatFloat(value, 'g', -1, 64))
}
