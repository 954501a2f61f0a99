package hub_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sortition/relay/internal/hub"
)

// experiment is one whose parts tell how often each has changed.
func experiment(id string, numbers, counts int) hub.Experiment {
	return hub.Experiment{
		ID:      id,
		Numbers: fmt.Appendf(nil, `{"experiment_id":%q,"n":%d,"x_health":{"srm":{},`, id, numbers),
		Counts:  fmt.Appendf(nil, `"late":%d`, counts),
	}
}

// mustArrive waits until one page more was sent the results of demo.
func mustArrive(tb testing.TB, url, name string) {
	tb.Helper()
	conn := MustDial(tb, url)
	MustSay(tb, conn, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"]}`)
	if got := MustHear(tb, conn); !strings.HasPrefix(got, `text {"type":"results",`) {
		tb.Fatalf("%s: on arrival: %s", name, got)
	}
}

func TestAPageThatAsksForChangesIsSentWhatChanged(t *testing.T) {
	var now atomic.Pointer[hub.Results]
	h, url := MustServe(t, hub.Options{
		Results:         func(sdkKey string) (hub.Results, bool) { return *now.Load(), sdkKey == "demo" },
		ResultsInterval: time.Millisecond,
	})
	stand := func(experiments ...hub.Experiment) { now.Store(&hub.Results{Revision: "7", Experiments: experiments}) }
	stand(experiment("1", 0, 0), experiment("2", 0, 0))
	const (
		arrival = `text {"type":"results","sdkKey":"demo","revision":"7","experiments":[` +
			`{"experiment_id":"1","n":0,"x_health":{"srm":{},"late":0}},{"experiment_id":"2","n":0,"x_health":{"srm":{},"late":0}}]}`
		changes = `text {"type":"changes","sdkKey":"demo","revision":"7","experiments":[`
	)
	asks, other := MustDial(t, url), MustDial(t, url)
	MustSay(t, asks, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"],"changes":true}`)
	if got := MustHear(t, asks); got != arrival {
		t.Fatalf("on arrival: %s", got)
	}
	MustSay(t, other, `{"type":"hello","protocol":1,"sdkKey":"demo","have":null,"topics":["results"]}`)
	if got := MustHear(t, other); got != arrival {
		t.Fatalf("on arrival, without asking: %s", got)
	}
	for _, step := range []struct {
		name        string
		experiments []hub.Experiment
		want        string // for a page that asks
		whole       string // for any other
	}{
		{
			"one is counted", []hub.Experiment{experiment("1", 0, 0), experiment("2", 1, 1)},
			changes + `{"experiment_id":"2","n":1,"x_health":{"srm":{},"late":1}}],"health":{}}`,
			`{"experiment_id":"1","n":0,"x_health":{"srm":{},"late":0}},{"experiment_id":"2","n":1,"x_health":{"srm":{},"late":1}}`,
		},
		{
			"only the health changes", []hub.Experiment{experiment("1", 0, 1), experiment("2", 1, 2)},
			changes + `],"health":{"1":{"late":1},"2":{"late":2}}}`,
			`{"experiment_id":"1","n":0,"x_health":{"srm":{},"late":1}},{"experiment_id":"2","n":1,"x_health":{"srm":{},"late":2}}`,
		},
		{
			"nothing changes", []hub.Experiment{experiment("1", 0, 1), experiment("2", 1, 2)}, "", "",
		},
		{
			"one vanishes", []hub.Experiment{experiment("2", 1, 2)},
			`text {"type":"results","sdkKey":"demo","revision":"7","experiments":[{"experiment_id":"2","n":1,"x_health":{"srm":{},"late":2}}]}`,
			`{"experiment_id":"2","n":1,"x_health":{"srm":{},"late":2}}`,
		},
		{
			"one is reset", []hub.Experiment{experiment("2", 0, 0)},
			changes + `{"experiment_id":"2","n":0,"x_health":{"srm":{},"late":0}}],"health":{}}`,
			`{"experiment_id":"2","n":0,"x_health":{"srm":{},"late":0}}`,
		},
	} {
		stand(step.experiments...)
		h.ResultsChanged("demo")
		if step.want == "" {
			mustArrive(t, url, step.name) // since then all have been told
			continue                      // what they hear next is of the next step
		}
		if got := MustHear(t, other); got != `text {"type":"results","sdkKey":"demo","revision":"7","experiments":[`+step.whole+`]}` {
			t.Fatalf("%s: whoever does not ask hears %s", step.name, got)
		}
		if got := MustHear(t, asks); got != step.want {
			t.Fatalf("%s: got %s", step.name, got)
		}
	}
}
