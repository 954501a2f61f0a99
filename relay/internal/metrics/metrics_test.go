package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"sortition/relay/internal/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRegistry(t *testing.T) {
	var r metrics.Registry
	r.Gauge("relay_pages", "Pages.", func() float64 { return 10_000_000 })
	r.Counter("relay_pushes_total", "Pushes.", func() float64 { return 3 })
	r.GaugeBy("sdk_key", "relay_age_seconds", "Age.", func() map[string]float64 { return map[string]float64{"b": 0.5, `a"\`: 1} })
	r.CounterBy("kind", "relay_bytes_total", "Bytes.", func() map[string]float64 { return nil })
	observe := r.Histogram("relay_push_seconds", "Time.", []float64{0.1, 1})
	observe(0.05)
	observe(7)

	recorder := httptest.NewRecorder()
	r.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	const want = `# HELP relay_pages Pages.
# TYPE relay_pages gauge
relay_pages 1e+07
# HELP relay_pushes_total Pushes.
# TYPE relay_pushes_total counter
relay_pushes_total 3
# HELP relay_age_seconds Age.
# TYPE relay_age_seconds gauge
relay_age_seconds{sdk_key="a\"\\"} 1
relay_age_seconds{sdk_key="b"} 0.5
# HELP relay_bytes_total Bytes.
# TYPE relay_bytes_total counter
# HELP relay_push_seconds Time.
# TYPE relay_push_seconds histogram
relay_push_seconds_bucket{le="0.1"} 1
relay_push_seconds_bucket{le="1"} 1
relay_push_seconds_bucket{le="+Inf"} 2
relay_push_seconds_sum 7.05
relay_push_seconds_count 2
`
	got := recorder.Body.String()
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%.900s\nwant\n%s", got, want)
	}
	for _, name := range []string{"process_resident_memory_bytes", "go_goroutines"} {
		if !strings.Contains(got, "\n"+name+" ") {
			t.Errorf("there is no %s", name)
		}
	}
}
