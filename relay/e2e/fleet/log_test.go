package fleet

import (
	"fmt"
	"hash/fnv"
	"log/slog"
	"testing"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

// fleetLog is a log with the connection it belongs to.
type fleetLog struct {
	*streamlog.Log
	fleet *fleet.Fleet
}

func (l fleetLog) Close() error { return l.fleet.Close() }

// idOf makes a fleet's id of a test's folder.
func idOf(dir string) string {
	h := fnv.New64a()
	fmt.Fprint(h, dir)
	return fmt.Sprintf("t%x", h.Sum64())
}

func mustJoin(tb testing.TB, o fleet.Options) *fleet.Fleet {
	tb.Helper()
	if o.URL == "" {
		o.URL = single.URL()
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.Projects == nil {
		o.Projects = []string{"demo"}
	}
	o.Logger = slog.New(slog.NewTextHandler(tb.Output(), nil))
	f, err := fleet.Connect(relaytest.Context(tb), o)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func mustOpen(tb testing.TB, dir string, o streamlog.Options) fleetLog {
	tb.Helper()
	f := mustJoin(tb, fleet.Options{ID: idOf(dir)})
	return fleetLog{streamlog.New(f, o), f}
}

func TestTheFleetsLogKeepsTheContract(t *testing.T) {
	eventlogtest.Contract(t, func(tb testing.TB, dir string) eventlogtest.Log {
		return mustOpen(tb, dir, streamlog.Options{})
	})
}
