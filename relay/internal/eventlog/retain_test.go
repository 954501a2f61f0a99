package eventlog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// mustCommit moves the readers' cursors to the log's end.
func mustCommit(tb testing.TB, log *eventlog.Log, names ...string) {
	tb.Helper()
	for _, name := range names {
		reader, err := log.Reader(name)
		if err != nil {
			tb.Fatal(err)
		}
		if err := errors.Join(reader.Commit(log.End()), reader.Close()); err != nil {
			tb.Fatal(err)
		}
	}
}

// messages is a log handler that hands out what is logged.
type messages chan string

func (m messages) Enabled(context.Context, slog.Level) bool { return true }
func (m messages) WithAttrs([]slog.Attr) slog.Handler       { return m }
func (m messages) WithGroup(string) slog.Handler            { return m }
func (m messages) Handle(_ context.Context, r slog.Record) error {
	m <- r.Message
	return nil
}

func (m messages) mustSay(tb testing.TB, want string) {
	tb.Helper()
	select {
	case got := <-m:
		if got != want {
			tb.Errorf("logged %q, want %q", got, want)
		}
	case <-time.After(relaytest.Patience):
		tb.Fatalf("never logged %q", want)
	}
}

// mustFill appends the batches from number on until the log is full, and
// returns the number of the one it did not take.
func mustFill(tb testing.TB, log *eventlog.Log, number int) int {
	tb.Helper()
	for ; ; number++ {
		batch := eventlogtest.MustDecode(tb, "", tinyBody(fmt.Sprint(number), relaytest.Noise(5000)))
		_, err := log.Append(relaytest.Context(tb), batch)
		if errors.Is(err, eventlog.ErrFull) {
			return number
		}
		if err != nil {
			tb.Fatalf("append %d: %v", number, err)
		}
	}
}

func TestAFullLogLetsGoOfWhatEveryConsumerIsPast(t *testing.T) {
	const bound = 200 << 10
	dir := t.TempDir()
	options := eventlog.Options{MaxBytes: bound, Consumers: []string{"one", "two"}}
	log, stop := start(t, dir, options)
	mustCommit(t, log, "not a consumer") // who is nowhere, and holds up nobody
	taken := mustFill(t, log, 0)
	mustCommit(t, log, "one")
	for range 20 { // whichever consumer is looked at first
		if mustFill(t, log, taken) != taken || !errors.Is(log.Ready(), eventlog.ErrFull) {
			t.Fatal("the full log took a batch though one consumer had not seen what is in it")
		}
	}

	mustCommit(t, log, "two")
	if err := log.Ready(); err != nil {
		t.Errorf("ready: %v", err)
	}
	eventlogtest.MustAppend(t, log, "", tinyBody(fmt.Sprint(taken), relaytest.Noise(5000)))
	if log.Size() < bound/2 {
		t.Errorf("for one batch the log let go of all but %d bytes", log.Size())
	}
	more := mustFill(t, log, taken+1)
	if more == taken+1 || log.Size() > bound {
		t.Errorf("%d batches were taken then, and %d bytes are on disk", more-taken, log.Size())
	}
	stop()

	log = mustStart(t, dir, options)
	reader, err := log.Reader("two")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for next := taken; next < more; {
		records, err := reader.Next(relaytest.Context(t))
		if err != nil {
			t.Fatal(err)
		}
		for _, uuid := range eventlogtest.UUIDs(t, records) {
			if uuid != fmt.Sprint(next) {
				t.Fatalf("the consumer gets %s, not %d", uuid, next)
			}
			next++
		}
	}
}

// withClock gives a log a clock that later puts forward, and has it look all the time for what is too old: mustLook waits until it has.
func withClock(o *eventlog.Options) (later func(time.Duration), mustLook func()) {
	var now atomic.Int64
	now.Store(time.Now().Unix())
	asked := make(chan struct{})
	o.ProbeInterval = time.Millisecond
	o.Now = func() time.Time {
		select {
		case asked <- struct{}{}:
		default:
		}
		return time.Unix(now.Load(), 0)
	}
	later = func(by time.Duration) { now.Add(int64(by / time.Second)) }
	mustLook = func() {
		for range 2 { // it looks after it has asked for the time, and before it asks again
			<-asked
		}
	}
	return later, mustLook
}

func TestWhatIsDealtWithGoesWhenItIsOld(t *testing.T) {
	logged := make(messages, 10)
	options := eventlog.Options{Consumers: []string{"one"}, Retain: 48 * time.Hour, Logger: slog.New(logged)}
	later, mustLook := withClock(&options)
	log := mustStart(t, t.TempDir(), options)
	eventlogtest.MustAppend(t, log, "", tinyBody("old", ""))
	mustCommit(t, log, "one")
	later(25 * time.Hour) // the segment gets no more records
	eventlogtest.MustAppend(t, log, "", tinyBody("young", ""))
	mustLook()
	if uuids := eventlogtest.UUIDs(t, eventlogtest.MustReplay(t, log)); strings.Join(uuids, " ") != "old young" {
		t.Errorf("the log holds %q though nothing is old", uuids)
	}
	later(24 * time.Hour)
	logged.mustSay(t, "old segments of the event log were removed")
	eventlogtest.MustAppend(t, log, "", tinyBody("new", ""))
	if uuids := eventlogtest.UUIDs(t, eventlogtest.MustReplay(t, log)); strings.Join(uuids, " ") != "young new" {
		t.Errorf("the log holds %q", uuids)
	}
	later(1000 * time.Hour)
	eventlogtest.MustAppend(t, log, "", tinyBody("newest", ""))
	if uuids := eventlogtest.UUIDs(t, eventlogtest.MustReplay(t, log)); strings.Join(uuids, " ") != "young new newest" {
		t.Errorf("the log holds %q though its consumer has not seen them", uuids)
	}
	mustCommit(t, log, "one")
	later(49 * time.Hour)
	logged.mustSay(t, "old segments of the event log were removed")
	mustLook()
	if size := log.Size(); size != 0 {
		t.Errorf("%d bytes are left of what is old, where nothing new comes", size)
	}
}

func TestAReaderBeforeAllThatWentWaitsForWhatComes(t *testing.T) {
	logged := make(messages, 10)
	options := eventlog.Options{Consumers: []string{"one"}, Retain: time.Hour, Logger: slog.New(logged)}
	later, _ := withClock(&options)
	log := mustStart(t, t.TempDir(), options)
	reader, err := log.Reader("at the start")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	eventlogtest.MustAppend(t, log, "", tinyBody("old", ""))
	mustCommit(t, log, "one")
	later(25 * time.Hour)
	logged.mustSay(t, "old segments of the event log were removed")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := reader.Next(ctx)
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-time.After(relaytest.Patience):
		t.Fatal("it looks for what is gone without end")
	}
	if !errors.Is(err, context.Canceled) || log.Pending(reader.Position()) != 0 {
		t.Errorf("%v, at %v", err, reader.Position())
	}
	eventlogtest.MustAppend(t, log, "", tinyBody("new", ""))
	if records, err := reader.Next(relaytest.Context(t)); err != nil || strings.Join(eventlogtest.UUIDs(t, records), " ") != "new" {
		t.Errorf("it gets %v, %v", records, err)
	}
}

func TestTheSegmentThatIsWrittenStaysHoweverOldItIs(t *testing.T) {
	dir := t.TempDir()
	options := eventlog.Options{Consumers: []string{"one"}, Retain: time.Hour}
	later, mustLook := withClock(&options)
	log, stop := start(t, dir, options)
	eventlogtest.MustAppend(t, log, "", tinyBody("old", ""))
	mustCommit(t, log, "one")
	later(2 * time.Hour)
	mustLook()
	eventlogtest.MustAppend(t, log, "", tinyBody("new", ""))
	stop()
	log = mustStart(t, dir, options)
	if uuids := eventlogtest.UUIDs(t, eventlogtest.MustReplay(t, log)); strings.Join(uuids, " ") != "old new" {
		t.Errorf("the log holds %q", uuids)
	}
}

func TestALogThatIsAsLargeAsItMayGetSaysSoOnceAndWhenItTakesEventsAgain(t *testing.T) {
	var told strings.Builder
	options := eventlog.Options{MaxBytes: 200 << 10, Consumers: []string{"one"}, Logger: slog.New(slog.NewTextHandler(&told, nil))}
	log, stop := start(t, t.TempDir(), options)
	taken := mustFill(t, log, 0)
	for range 3 {
		mustFill(t, log, taken)
	}
	mustCommit(t, log, "one")
	eventlogtest.MustAppend(t, log, "", tinyBody(fmt.Sprint(taken), relaytest.Noise(5000)))
	stop()
	if full, again := strings.Count(told.String(), "refuses events"), strings.Count(told.String(), "takes events again"); full != 1 || again != 1 {
		t.Errorf("told %d and %d times:\n%s", full, again, &told)
	}
}
