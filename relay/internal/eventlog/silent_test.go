package eventlog_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

func TestALogWhoseDiskDoesNotAnswerRefusesEventsUntilItDoes(t *testing.T) {
	var disk sync.Mutex // is what the log waits for before each write, at its clock
	log := mustStart(t, t.TempDir(), eventlog.Options{MaxSilence: 20 * time.Millisecond, ProbeInterval: time.Millisecond, Now: func() time.Time {
		disk.Lock()
		defer disk.Unlock()
		return time.Now()
	}})
	disk.Lock()
	answer := sync.OnceFunc(disk.Unlock)
	defer answer()
	of := func(uuid string) eventlog.Batch {
		return eventlogtest.MustDecode(t, "", relaytest.Body(relaytest.Conversion("v", "9", "bought", uuid, 1000, 0)))
	}
	first, second := of("a"), of("b")
	ctx, under := relaytest.Context(t), make(chan error, 1)
	go func() {
		_, err := log.Append(ctx, first)
		under <- err
	}()
	awaitReady(t, log, false)
	if _, err := log.Append(ctx, second); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("what comes meanwhile gets %v", err)
	}
	answer()
	if err := <-under; err != nil {
		t.Errorf("what was under way gets %v", err)
	}
	awaitReady(t, log, true)
	if _, err := log.Append(ctx, second); err != nil {
		t.Errorf("what comes afterwards gets %v", err)
	}
}

// awaitReady waits until a log is ready, or until it is not.
func awaitReady(tb testing.TB, log *eventlog.Log, want bool) {
	tb.Helper()
	for timeout := time.After(relaytest.Patience); (log.Ready() == nil) != want; {
		select {
		case <-timeout:
			tb.Fatalf("it is still %v", log.Ready())
		case <-time.After(time.Millisecond):
		}
	}
}
