package eventlog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// queue appends bodies to a log that does not run yet, one behind the other, and returns where each one's error comes.
func queue(t *testing.T, log *eventlog.Log, bodies ...string) (results []chan error) {
	t.Helper()
	for _, body := range bodies {
		result := make(chan error, 1)
		batch := eventlogtest.MustDecode(t, "", body)
		go func() {
			_, err := log.Append(t.Context(), batch)
			result <- err
		}()
		synctest.Wait()
		results = append(results, result)
	}
	return results
}

func TestOfAGroupThatCannotBeStoredOnlyWhatWasSafeBeforeIsSafe(t *testing.T) {
	dir := t.TempDir()
	log, stop := start(t, dir, eventlog.Options{})
	eventlogtest.MustAppend(t, log, "", tinyBody("known", ""))
	stop()
	synctest.Test(t, func(t *testing.T) {
		log := mustOpen(t, dir, eventlog.Options{})
		results := queue(t, log, tinyBody("known", ""), tinyBody("new", ""), tinyBody("known", ""), tinyBody("new", ""))
		if err := os.RemoveAll(filepath.Join(dir, "events")); err != nil {
			t.Fatal(err)
		}
		stop := relaytest.MustRun(t, "event log", log.Run)
		for i, result := range results {
			var want error
			if i%2 == 1 {
				want = eventlog.ErrUnavailable
			}
			if err := <-result; !errors.Is(err, want) {
				t.Errorf("append %d: %v, want %v", i, err, want)
			}
		}
		stop()
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatIsQueuedWhenTheLogStopsIsStored(t *testing.T) {
	for range 20 { // where both are due, what is queued and the end, one of them is met first
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			log := mustOpen(t, dir, eventlog.Options{})
			results := queue(t, log, tinyBody("a", ""), tinyBody("b", ""))
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := log.Run(ctx); err != nil {
				t.Error(err)
			}
			for i, result := range results {
				if err := <-result; err != nil {
					t.Errorf("append %d: %v", i, err)
				}
			}
			if err := log.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
