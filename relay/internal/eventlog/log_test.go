package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/event"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		appendUntilKilled(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

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

func TestABoundOnTheLogRefusesBeforeItTakes(t *testing.T) {
	log := mustStart(t, t.TempDir(), eventlog.Options{MaxBytes: 100 << 10})
	taken := 0
	var err error
	for ; err == nil; taken++ {
		_, err = log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", tinyBody(fmt.Sprint(taken), relaytest.Noise(1000))))
	}
	if !errors.Is(err, eventlog.ErrFull) {
		t.Errorf("append: %v", err)
	}
	if err := log.Ready(); !errors.Is(err, eventlog.ErrFull) {
		t.Errorf("ready: %v", err)
	}
	if log.Size() > 100<<10 {
		t.Errorf("%d bytes are on disk", log.Size())
	}
	if records := eventlogtest.MustReplay(t, log); len(records) != taken-1 {
		t.Errorf("%d records, %d batches were taken", len(records), taken-1)
	}
	if receipt := eventlogtest.MustAppend(t, log, "", tinyBody("0", "")); receipt.Duplicates != 1 {
		t.Errorf("a known event got %+v from a full log", receipt)
	}
}

func TestABatchThatNoLogTakesIsRefused(t *testing.T) {
	log := mustStart(t, t.TempDir(), eventlog.Options{})
	batch := eventlogtest.MustDecode(t, "", tinyBody("a", ""))
	batch.Body += strings.Repeat(" ", eventlog.MaxBody)
	if _, err := log.Append(t.Context(), batch); !errors.Is(err, eventlog.ErrTooLarge) {
		t.Errorf("append: %v", err)
	}
}

func TestALargeBatchTravelsWhole(t *testing.T) {
	log := mustStart(t, t.TempDir(), eventlog.Options{SegmentBytes: 1 << 20})
	large := tinyBody("a", relaytest.Noise(5<<20))
	eventlogtest.MustAppend(t, log, "", large)
	eventlogtest.MustAppend(t, log, "", tinyBody("b", ""))
	if records := eventlogtest.MustReplay(t, log); len(records) != 2 || records[0].Body != large {
		t.Errorf("%d records", len(records))
	}
}

func TestAnEventIsForgottenAfterTheWindow(t *testing.T) {
	for _, test := range []struct {
		name           string
		option, window time.Duration
		restarts       bool
	}{
		{"while the log runs", time.Hour, time.Hour, false},
		{"across restarts", time.Hour, time.Hour, true},
		{"of 72 hours unless told otherwise", 0, 72 * time.Hour, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Now()
			dir := t.TempDir()
			options := eventlog.Options{Now: func() time.Time { return now }, DuplicateWindow: test.option, ProbeInterval: time.Hour}
			log, stop := start(t, dir, options)
			defer func() { stop() }()
			for _, later := range []struct {
				by    time.Duration
				fresh int
			}{{0, 1}, {test.window - 2*time.Minute, 0}, {4 * time.Minute, 1}} {
				now = now.Add(later.by)
				if test.restarts {
					stop()
					log, stop = start(t, dir, options)
				}
				if receipt := eventlogtest.MustAppend(t, log, "", tinyBody("a", "")); receipt.Fresh != later.fresh {
					t.Errorf("%v later: %+v", later.by, receipt)
				}
			}
		})
	}
}

func TestDuplicatesAreCountedByProject(t *testing.T) {
	log := mustStart(t, t.TempDir(), eventlog.Options{})
	for range 3 {
		eventlogtest.MustAppend(t, log, "one", relaytest.Body(relaytest.Conversion("v", "9", "k", "a", 1, 0)))
		eventlogtest.MustAppend(t, log, "two", relaytest.BodyOf("3003", relaytest.Conversion("v", "9", "k", "a", 1, 0)))
	}
	for key, projectID := range map[string]string{"one": relaytest.ProjectID, "two": "3003"} {
		if n := log.Duplicates(key, projectID); n != 2 {
			t.Errorf("project %s: %d duplicates", key, n)
		}
	}
}

func TestASecondRelayIsKeptOffTheFolder(t *testing.T) {
	dir := t.TempDir()
	mustStart(t, dir, eventlog.Options{})
	if _, err := eventlog.Open(dir, eventlog.Options{}); err == nil || !strings.Contains(err.Error(), "another relay is using it") {
		t.Errorf("open: %v", err)
	}
}

func TestRemovedSegmentsLoseNothingThatComesLater(t *testing.T) {
	dir := t.TempDir()
	options := eventlog.Options{SegmentBytes: 1}
	log, stop := start(t, dir, options)
	eventlogtest.MustAppend(t, log, "", tinyBody("a", ""))
	mustCommit(t, log, "two")
	eventlogtest.MustAppend(t, log, "", tinyBody("b", ""))
	mustCommit(t, log, "one")
	stop()
	if err := os.RemoveAll(filepath.Join(dir, "events")); err != nil {
		t.Fatal(err)
	}

	log = mustStart(t, dir, options)
	eventlogtest.MustAppend(t, log, "", tinyBody("c", ""))
	for _, name := range []string{"one", "two"} {
		reader, err := log.Reader(name)
		if err != nil {
			t.Fatal(err)
		}
		records, err := reader.Next(relaytest.Context(t))
		if err := errors.Join(err, reader.Close()); err != nil || len(records) != 1 || !strings.Contains(records[0].Body, `"c"`) {
			t.Errorf("after the removal %s gets %v, %v", name, records, err)
		}
	}
}

func TestAReaderThatFallsBehindAndCatchesUpAcrossSegmentsGetsEveryRecordOnce(t *testing.T) {
	const size, inSegment = 1_500_000, 6 // so few that what is recent never holds four
	log := mustStart(t, t.TempDir(), eventlog.Options{SegmentBytes: inSegment * size, MaxBytes: 1 << 30})
	reader, err := log.Reader("")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // it only read
	appended, got := 0, 0
	noise := relaytest.Noise(size)
	appendSome := func(n int) {
		for range n {
			eventlogtest.MustAppend(t, log, "", tinyBody(fmt.Sprintf("%06d", appended), noise))
			appended++
		}
	}
	read := func() {
		for got < appended {
			records, err := reader.Next(relaytest.Context(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, uuid := range eventlogtest.UUIDs(t, records) {
				if want := fmt.Sprintf("%06d", got); uuid != want {
					t.Fatalf("read %s, want %s", uuid, want)
				}
				got++
			}
		}
	}
	for _, behind := range []int{4, 1, 1, 1, 1, 1, 4, 1, 1, 9, 1, 5} {
		appendSome(behind)
		read()
	}
}

func TestAReaderTakesNoMoreThanSoMuchAtOnce(t *testing.T) {
	for _, test := range []struct {
		name             string
		batches, visitor int
		want             []int
	}{
		{"a thousand records", 1001, 0, []int{1000, 1}},
		{"records up to a megabyte", 4, 300 << 10, []int{4}},
		{"the record that exceeds it, and none behind", 3, 600 << 10, []int{2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			log, stop := start(t, dir, eventlog.Options{})
			defer func() { stop() }()
			visitor := relaytest.Noise(test.visitor)
			var appends sync.WaitGroup
			for i := range test.batches {
				batch := eventlogtest.MustDecode(t, "", tinyBody(fmt.Sprint(i), visitor))
				appends.Go(func() {
					if _, err := log.Append(relaytest.Context(t), batch); err != nil {
						t.Error(err)
					}
				})
			}
			appends.Wait()
			for _, from := range []string{"memory", "disk"} {
				reader, err := log.Reader("")
				if err != nil {
					t.Fatal(err)
				}
				var got []int
				for reader.Position() < log.End() {
					records, err := reader.Next(relaytest.Context(t))
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, len(records))
				}
				if err := reader.Close(); err != nil || !slices.Equal(got, test.want) {
					t.Errorf("from %s: %v, want %v; %v", from, got, test.want, err)
				}
				stop()
				log, stop = start(t, dir, eventlog.Options{})
			}
		})
	}
}

func TestPendingCountsWhatIsBehind(t *testing.T) {
	log := mustStart(t, t.TempDir(), eventlog.Options{SegmentBytes: 300})
	for i := range 5 {
		eventlogtest.MustAppend(t, log, "", tinyBody(fmt.Sprint(i), ""))
	}
	records := eventlogtest.MustReplay(t, log)
	each := log.Pending(0) / 5
	for i, record := range records {
		if pending := log.Pending(record.Position); pending != each*int64(4-i) {
			t.Errorf("behind record %d: %d bytes, want %d times %d", i, pending, 4-i, each)
		}
	}
}

// tinyBody is the smallest batch of one event, with a visitor id to swell it.
func tinyBody(uuid, visitor string) string {
	return fmt.Sprintf(`{"visitors":[{"visitor_id":%q,"snapshots":[{"events":[{"key":"k","uuid":%q,"timestamp":1}]}]}]}`, visitor, uuid)
}

func mustOpen(tb testing.TB, dir string, options eventlog.Options) *eventlog.Log {
	tb.Helper()
	log, err := eventlog.Open(dir, options)
	if err != nil {
		tb.Fatal(err)
	}
	return log
}

// mustStart opens and runs a log until the test ends.
func mustStart(tb testing.TB, dir string, options eventlog.Options) *eventlog.Log {
	tb.Helper()
	log, stop := start(tb, dir, options)
	tb.Cleanup(stop)
	return log
}

// start opens and runs a log until stop is called.
func start(tb testing.TB, dir string, options eventlog.Options) (log *eventlog.Log, stop func()) {
	tb.Helper()
	log = mustOpen(tb, dir, options)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- log.Run(ctx) }()
	return log, func() {
		cancel()
		if err := errors.Join(<-ended, log.Close()); err != nil {
			tb.Error(err)
		}
	}
}

func TestARecordHasTheSamePartsFromMemoryAndFromTheDisk(t *testing.T) {
	log := mustStart(t, t.TempDir(), eventlog.Options{})
	visitors := []string{relaytest.Conversion("v", "9", "bought", "a", 1000, 0), relaytest.Conversion("w", "9", "bought", "b", 1000, 0)}
	eventlogtest.MustAppend(t, log, "", relaytest.Body(visitors...))
	recent := eventlogtest.MustReplay(t, log)[0]
	read := eventlog.Record{Body: recent.Body}
	for from, record := range map[string]*eventlog.Record{"memory": &recent, "the disk": &read} {
		batch, parts, err := record.Parts()
		if err != nil || batch.ProjectID != recent.ProjectID || batch.Context() == "" {
			t.Fatalf("from %s: %+v, %v", from, batch, err)
		}
		want := []event.Part{{Raw: visitors[0], Events: 1}, {Raw: visitors[1], Events: 1}}
		if !slices.Equal(parts, want) {
			t.Errorf("from %s: %+v, want %+v", from, parts, want)
		}
	}
}
