package dispatcher

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

func TestRequestsKeepToTheirBounds(t *testing.T) {
	one := len(relaytest.Conversion("visitor", "9", "bought", "a", 1000, 0))
	header := len(body()) - len("]}")
	for name, test := range map[string]struct {
		records  []string // uuids of each, - is another project's record
		bytes    int
		visitors int
		want     string // visitors and end of each request
	}{
		"all fit":                            {[]string{"ab", "c"}, 10_000, 10, "abc@2"},
		"too many visitors":                  {[]string{"a", "b", "c"}, 10_000, 2, "ab@2 c@3"},
		"too many bytes":                     {[]string{"a", "b", "c"}, header + 2*one + 10, 10, "ab@2 c@3"},
		"a record larger than a request":     {[]string{"abcde"}, 10_000, 2, "ab@0 cd@0 e@1"},
		"a request ends within a record":     {[]string{"a", "bc", "d"}, 10_000, 2, "ab@1 cd@3"},
		"a visitor larger than a request":    {[]string{"a", "b"}, 1, 10, "a@1 b@2"},
		"others between":                     {[]string{"-", "a", "-", "b", "-"}, 10_000, 10, "ab@5"},
		"others behind a request that ended": {[]string{"a", "-", "b", "-"}, 10_000, 1, "a@2 b@4"},
		"only others":                        {[]string{"-", "-"}, 10_000, 10, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := planner{maxBytes: test.bytes, maxVisitors: test.visitors}
			for i, record := range test.records {
				if at := eventlog.Position(i + 1); record == "-" {
					p.pass(at)
				} else {
					batch := eventlogtest.MustDecode(t, "", body(strings.Split(record, "")...))
					p.add(eventlog.Record{Position: at}, batch.Events, batch.Events.Parts())
				}
			}
			var got []string
			for _, r := range p.requests {
				sent := eventlogtest.MustDecode(t, "", string(r.body()))
				uuids := strings.Join(eventlogtest.UUIDs(t, []eventlog.Record{{Body: sent.Body}}), "")
				got = append(got, fmt.Sprintf("%s@%d", uuids, uint64(r.end)))
				if len(r.visitors) > 1 && len(r.body()) > test.bytes {
					t.Errorf("a request of %d bytes", len(r.body()))
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("requests: %q, want %q", got, test.want)
			}
		})
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-7":                            0,
		"soon":                          0,
		"99999999999999999999":          time.Hour, // no int64, as little as
		"-99999999999999999999":         0,
		"-9223372037":                   0, // no time.Duration
		"999999999":                     time.Hour,
		"Fri, 01 May 2026 12:00:30 GMT": 30 * time.Second,
		"Fri, 01 May 2026 11:00:00 GMT": 0,
		"Fri, 01 May 2027 12:00:00 GMT": time.Hour,
	} {
		if got := parseRetryAfter(value, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", value, got, want)
		}
	}
}

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	for attempt, limit := range map[int]time.Duration{0: 500 * time.Millisecond, 1: time.Second, 5: 16 * time.Second, 10: time.Minute, 1000: time.Minute} {
		longest := time.Duration(0)
		for range 2000 {
			longest = max(longest, backoff(attempt, 500*time.Millisecond, time.Minute))
		}
		if longest > limit || longest < limit*9/10 {
			t.Errorf("attempt %d: the longest of 2000 pauses is %v, want just below %v", attempt, longest, limit)
		}
	}
}

func TestAnswersAreToldApart(t *testing.T) {
	for status, want := range map[int]string{
		0: "again", 200: "delivered", 204: "delivered", 302: "again", 400: "bad never", 401: "never", 404: "never",
		408: "again", 413: "bad never", 422: "bad never", 429: "again", 500: "again", 503: "again",
	} {
		var got []string
		o := outcome{status: status}
		for _, is := range []struct {
			word string
			yes  bool
		}{{"delivered", o.delivered()}, {"bad", o.bad()}, {"never", o.never()}, {"again", !o.delivered() && !o.never()}} {
			if is.yes {
				got = append(got, is.word)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%d %s is %q, want %q", status, http.StatusText(status), got, want)
		}
	}
}
