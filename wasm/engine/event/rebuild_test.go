package event

import (
	"strings"
	"testing"
)

const twoVisitors = `{"account_id":"1", "visitors": [` +
	`{"visitor_id":"a","odd":1,"snapshots":[{"decisions":[{"experiment_id":"7"}],"events":[ {"uuid":"1","key":"k","timestamp":1} ]},{"events":[{"uuid":"2","key":"k","timestamp":1},{"uuid":"3","key":"k","timestamp":1}],"note":"n"}]},` +
	`{"visitor_id":"b","snapshots":[{"events":[{"uuid":"4","key":"k","timestamp":1}]}]},` +
	`{"visitor_id":"c","snapshots":[]}` +
	`], "revision" :"2"}`

func TestRebuiltBatchHoldsTheKeptEvents(t *testing.T) {
	const (
		header = `{"account_id":"1","revision":"2","visitors":[`
		a      = `{"visitor_id":"a","odd":1,"snapshots":[{"decisions":[{"experiment_id":"7"}],"events":[ {"uuid":"1","key":"k","timestamp":1} ]},{"events":[{"uuid":"2","key":"k","timestamp":1},{"uuid":"3","key":"k","timestamp":1}],"note":"n"}]}`
		b      = `{"visitor_id":"b","snapshots":[{"events":[{"uuid":"4","key":"k","timestamp":1}]}]}`
		c      = `{"visitor_id":"c","snapshots":[]}`
	)
	for name, test := range map[string]struct{ drop, want string }{
		"nothing dropped":                      {"", a + "," + b},
		"all dropped":                          {"1 2 3 4", ""},
		"a whole visitor dropped":              {"4", a},
		"a whole snapshot dropped":             {"1 4", `{"visitor_id":"a","odd":1,"snapshots":[{"events":[{"uuid":"2","key":"k","timestamp":1},{"uuid":"3","key":"k","timestamp":1}],"note":"n"}]}`},
		"one event of a snapshot dropped":      {"2 4", `{"visitor_id":"a","odd":1,"snapshots":[{"decisions":[{"experiment_id":"7"}],"events":[ {"uuid":"1","key":"k","timestamp":1} ]},{"events":[{"uuid":"3","key":"k","timestamp":1}],"note":"n"}]}`},
		"a snapshot and an event of the other": {"1 3", `{"visitor_id":"a","odd":1,"snapshots":[{"events":[{"uuid":"2","key":"k","timestamp":1}],"note":"n"}]},` + b},
	} {
		t.Run(name, func(t *testing.T) {
			batch := mustDecode(t, twoVisitors)
			var asked []string
			got := string(append(batch.AppendVisitors(batch.AppendHeader(nil), func(e *Event) bool {
				asked = append(asked, e.UUID)
				return !strings.Contains(test.drop, e.UUID)
			}), End...))
			if want := header + test.want + End; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if order := strings.Join(asked, " "); order != "1 2 3 4" {
				t.Errorf("keep was asked about %s", order)
			}
		})
	}
	t.Run("no choice keeps visitors without events", func(t *testing.T) {
		batch := mustDecode(t, twoVisitors)
		if got, want := string(batch.AppendVisitors(nil, nil)), a+","+b+","+c; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func TestBatchesOfOneContextMerge(t *testing.T) {
	one := mustDecode(t, `{"account_id":"1","visitors":[{"visitor_id":"a","snapshots":[{"events":[{`+soundEvent+`}]}]}],"revision":"2"}`)
	two := mustDecode(t, `{"account_id":"1","revision":"2","visitors":[{"visitor_id":"b","snapshots":[{"events":[{`+soundEvent+`}]}]}]}`)
	if one.Context() != two.Context() {
		t.Fatalf("contexts differ: %s and %s", one.Context(), two.Context())
	}
	merged := one.AppendHeader(nil)
	merged = one.AppendVisitors(merged, nil)
	merged = two.AppendVisitors(merged, nil)
	b := mustDecode(t, string(append(merged, End...)))
	if len(b.Visitors) != 2 || b.Visitors[0].ID != "a" || b.Visitors[1].ID != "b" || b.Revision != "2" {
		t.Errorf("merged to %s", merged)
	}
}

func TestContextTellsEverythingButVisitors(t *testing.T) {
	base := mustDecode(t, `{"account_id":"1","anonymize_ip":true,"visitors":[]}`).Context()
	for _, body := range []string{
		`{"account_id":"2","anonymize_ip":true,"visitors":[]}`,
		`{"account_id":"1","anonymize_ip":false,"visitors":[]}`,
		`{"account_id":"1","anonymize_ip":true,"region":"EU","visitors":[]}`,
		`{"account_id":"1","anonymize_ip":true,"x":1,"visitors":[]}`,
	} {
		if mustDecode(t, body).Context() == base {
			t.Errorf("%s has the context of another", body)
		}
	}
}
