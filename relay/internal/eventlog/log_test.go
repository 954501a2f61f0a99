package eventlog_test

import (
	"testing"

	"go.uber.org/goleak"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheEmbeddedLogKeepsTheContract(t *testing.T) {
	for name, options := range map[string]eventlog.Options{
		"in one segment":               {},
		"with a segment for each post": {SegmentBytes: 1},
	} {
		t.Run(name, func(t *testing.T) {
			eventlogtest.Contract(t, func(tb testing.TB, dir string) eventlogtest.Log {
				return mustOpen(tb, dir, options)
			})
		})
	}
}

func mustOpen(tb testing.TB, dir string, options eventlog.Options) *eventlog.Log {
	tb.Helper()
	log, err := eventlog.Open(dir, options)
	if err != nil {
		tb.Fatal(err)
	}
	return log
}
