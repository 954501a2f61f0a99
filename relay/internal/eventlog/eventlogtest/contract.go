// Package eventlogtest is the contract of an event log as a test suite, which
// every implementation must pass.
package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/event"
)

// Log is what an implementation offers.
type Log interface {
	Append(ctx context.Context, b eventlog.Batch) (eventlog.Receipt, error)
	Reader(name string) (eventlog.Reader, error)
	End() eventlog.Position
	Ready() error
	Run(ctx context.Context) error
	Close() error
}

// Contract runs the suite. open opens the log of a folder, again and again;
// nothing runs it yet.
func Contract(t *testing.T, open func(tb testing.TB, dir string) Log) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"a batch is read as it was appended", readAsAppended},
		{"records keep the order in which their appends returned", keepsOrder},
		{"a known event is safe and not stored again", knownEvents},
		{"a batch is stored without its known events", partlyKnown},
		{"of many known events the first hundred are named", manyKnown},
		{"a uuid of another project is another event", projectsApart},
		{"known events are known after a restart", knownAfterRestart},
		{"events appended concurrently by many are stored once", concurrently},
		{"a reader goes on behind its last commit", goesOnBehindCommit},
		{"readers do not know each other", readersApart},
		{"a reader's state is as its last commit left it", stateGoesWithCursor},
		{"a commit at zero drops the state", stateIsDropped},
		{"a reader without a name replays to the end", replays},
		{"a reader that waits gets what comes", waits},
		{"Next ends with its context", nextEnds},
		{"Append ends with its context", appendEnds},
		{"a stopped log refuses and keeps what it took", stopped},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.run(t, &suite{tb: t, open: open, dir: t.TempDir()})
		})
	}
}

// suite is a log that can be restarted.
type suite struct {
	tb   testing.TB
	open func(testing.TB, string) Log
	dir  string

	log  Log
	stop func()
}

func (s *suite) start() Log {
	s.tb.Helper()
	s.log = s.open(s.tb, s.dir)
	stopRun := relaytest.MustRun(s.tb, "event log", s.log.Run)
	s.stop = sync.OnceFunc(func() {
		stopRun()
		if err := s.log.Close(); err != nil {
			s.tb.Errorf("close: %v", err)
		}
	})
	s.tb.Cleanup(s.stop)
	return s.log
}

func (s *suite) restart() Log {
	s.tb.Helper()
	s.stop()
	return s.start()
}

// MustDecode makes a batch of a body.
func MustDecode(tb testing.TB, sdkKey, body string) eventlog.Batch {
	tb.Helper()
	events, err := event.Decode(body)
	if err != nil {
		tb.Fatalf("decode %s: %v", body, err)
	}
	return eventlog.Batch{SDKKey: sdkKey, Body: body, Events: events}
}

// MustAppend appends a body and returns the receipt.
func MustAppend(tb testing.TB, log interface {
	Append(context.Context, eventlog.Batch) (eventlog.Receipt, error)
}, sdkKey, body string) eventlog.Receipt {
	tb.Helper()
	receipt, err := log.Append(relaytest.Context(tb), MustDecode(tb, sdkKey, body))
	if err != nil {
		tb.Fatalf("append: %v", err)
	}
	return receipt
}

// MustReplay reads everything up to the log's end.
func MustReplay(tb testing.TB, log interface {
	Reader(string) (eventlog.Reader, error)
	End() eventlog.Position
}) []eventlog.Record {
	tb.Helper()
	return mustRead(tb, log, "", log.End())
}

func mustRead(tb testing.TB, log interface {
	Reader(string) (eventlog.Reader, error)
}, name string, end eventlog.Position) []eventlog.Record {
	tb.Helper()
	reader, err := log.Reader(name)
	if err != nil {
		tb.Fatalf("reader %q: %v", name, err)
	}
	defer reader.Close() //nolint:errcheck // it only read
	var records []eventlog.Record
	for len(records) == 0 || records[len(records)-1].Position < end {
		if end == 0 {
			break
		}
		next, err := reader.Next(relaytest.Context(tb))
		if err != nil {
			tb.Fatalf("next of %q after %d records: %v", name, len(records), err)
		}
		records = append(records, next...)
	}
	return records
}

// UUIDs returns the uuid of every event of the records, in order.
func UUIDs(tb testing.TB, records []eventlog.Record) []string {
	tb.Helper()
	var uuids []string
	for _, record := range records {
		for _, visitor := range MustDecode(tb, "", record.Body).Events.Visitors {
			for _, snapshot := range visitor.Snapshots {
				for _, e := range snapshot.Events {
					uuids = append(uuids, e.UUID)
				}
			}
		}
	}
	return uuids
}

// body returns a batch of one visitor per uuid.
func body(uuids ...string) string {
	visitors := make([]string, len(uuids))
	for i, uuid := range uuids {
		visitors[i] = relaytest.Conversion("visitor of "+uuid, "9", "bought", uuid, 1000, 0)
	}
	return relaytest.Body(visitors...)
}

func wantUUIDs(tb testing.TB, got []string, want ...string) {
	tb.Helper()
	if !slices.Equal(got, want) {
		tb.Errorf("stored events: %q, want %q", got, want)
	}
}

func wantReceipt(tb testing.TB, got eventlog.Receipt, fresh, duplicates int) {
	tb.Helper()
	if got.Fresh != fresh || got.Duplicates != duplicates || len(got.Repeated) != duplicates {
		tb.Errorf("receipt: %+v, want %d fresh and %d duplicates", got, fresh, duplicates)
	}
}

func readAsAppended(t *testing.T, s *suite) {
	log := s.start()
	text := " " + body("a", "b") + "\n"
	wantReceipt(t, MustAppend(t, log, "key", text), 2, 0)
	records := MustReplay(t, log)
	if len(records) != 1 {
		t.Fatalf("%d records", len(records))
	}
	record := records[0]
	if record.Body != text || record.SDKKey != "key" || record.ProjectID != relaytest.ProjectID || record.Events != 2 {
		t.Errorf("record: %+v", record)
	}
	if record.Received.IsZero() || record.Position == 0 || record.Position != log.End() {
		t.Errorf("received %v, position %v, end %v", record.Received, record.Position, log.End())
	}
}

func keepsOrder(t *testing.T, s *suite) {
	log := s.start()
	var want []string
	for i := range 50 {
		want = append(want, fmt.Sprint(i))
		MustAppend(t, log, "", body(want[i]))
	}
	wantUUIDs(t, UUIDs(t, MustReplay(t, log)), want...)
}

func knownEvents(t *testing.T, s *suite) {
	log := s.start()
	wantReceipt(t, MustAppend(t, log, "", body("a", "b")), 2, 0)
	end := log.End()
	wantReceipt(t, MustAppend(t, log, "", body("b", "a")), 0, 2)
	if log.End() != end {
		t.Errorf("the log grew from %v to %v", end, log.End())
	}
}

func partlyKnown(t *testing.T, s *suite) {
	log := s.start()
	MustAppend(t, log, "", body("a"))
	receipt := MustAppend(t, log, "", body("b", "a", "c", "b"))
	wantReceipt(t, receipt, 2, 2)
	if !slices.Equal(receipt.Repeated, []int{1, 3}) {
		t.Errorf("repeated are %v", receipt.Repeated)
	}
	records := MustReplay(t, log)
	wantUUIDs(t, UUIDs(t, records), "a", "b", "c")
	if records[1].Events != 2 {
		t.Errorf("the second record counts %d events", records[1].Events)
	}
}

func manyKnown(t *testing.T, s *suite) {
	log := s.start()
	uuids := make([]string, 102)
	for i := range uuids {
		uuids[i] = fmt.Sprint(i)
	}
	MustAppend(t, log, "", body(uuids[1:]...))
	receipt := MustAppend(t, log, "", body(uuids...))
	if named := receipt.Repeated; receipt.Fresh != 1 || receipt.Duplicates != 101 || len(named) != 100 || named[0] != 1 || named[99] != 100 {
		t.Errorf("receipt: %+v", receipt)
	}
}

func projectsApart(t *testing.T, s *suite) {
	log := s.start()
	other := relaytest.BodyOf("3003", relaytest.Conversion("v", "9", "bought", "a", 1000, 0))
	wantReceipt(t, MustAppend(t, log, "one", body("a")), 1, 0)
	wantReceipt(t, MustAppend(t, log, "", body("a")), 0, 1) // a retry that names no sdkKey is a retry all the same
	wantReceipt(t, MustAppend(t, log, "two", other), 1, 0)
	wantReceipt(t, MustAppend(t, log, "two", other), 0, 1)
}

func knownAfterRestart(t *testing.T, s *suite) {
	MustAppend(t, s.start(), "key", body("a", "b"))
	log := s.restart()
	wantReceipt(t, MustAppend(t, log, "key", body("b", "c")), 1, 1)
	wantUUIDs(t, UUIDs(t, MustReplay(t, log)), "a", "b", "c")
}

func concurrently(t *testing.T, s *suite) {
	const writers, posts = 16, 40
	log := s.start()
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for i := range posts {
				batch := MustDecode(t, "", body(fmt.Sprint("shared ", i), fmt.Sprint("shared ", i+1)))
				if _, err := log.Append(relaytest.Context(t), batch); err != nil {
					t.Errorf("append %d: %v", i, err)
				}
			}
		})
	}
	all.Wait()
	counts := map[string]int{}
	for _, uuid := range UUIDs(t, MustReplay(t, log)) {
		counts[uuid]++
	}
	for uuid, count := range counts {
		if count != 1 {
			t.Errorf("%q is stored %d times", uuid, count)
		}
	}
	if len(counts) != posts+1 {
		t.Errorf("%d events are stored, want %d", len(counts), posts+1)
	}
}

func goesOnBehindCommit(t *testing.T, s *suite) {
	log := s.start()
	for _, uuid := range []string{"a", "b", "c"} {
		MustAppend(t, log, "", body(uuid))
	}
	reader, err := log.Reader("one")
	if err != nil {
		t.Fatal(err)
	}
	records, err := reader.Next(relaytest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(reader.Commit(records[0].Position), reader.Close()); err != nil {
		t.Fatal(err)
	}
	wantUUIDs(t, UUIDs(t, mustRead(t, log, "one", log.End())), "b", "c")
	log = s.restart()
	wantUUIDs(t, UUIDs(t, mustRead(t, log, "one", log.End())), "b", "c")
	MustAppend(t, log, "", body("d"))
	wantUUIDs(t, UUIDs(t, mustRead(t, log, "one", log.End())), "b", "c", "d")
}

func readersApart(t *testing.T, s *suite) {
	log := s.start()
	MustAppend(t, log, "", body("a"))
	one, err := log.Reader("one")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(one.Commit(log.End()), one.Close()); err != nil {
		t.Fatal(err)
	}
	wantUUIDs(t, UUIDs(t, mustRead(t, log, "two", log.End())), "a")
}

// mustState returns the state of a reader, and where it begins.
func mustState(tb testing.TB, log Log, name string) (string, eventlog.Position) {
	tb.Helper()
	reader, err := log.Reader(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // it read nothing
	var entries []string
	err = reader.State(func(key string, value []byte) error {
		entries = append(entries, key+"="+string(value))
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Join(entries, " "), reader.Position()
}

func mustCommit(tb testing.TB, log Log, name string, at eventlog.Position, changes ...eventlog.Entry) {
	tb.Helper()
	reader, err := log.Reader(name)
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(reader.Commit(at, changes...), reader.Close()); err != nil {
		tb.Fatal(err)
	}
}

func entry(key, value string) eventlog.Entry { return eventlog.Entry{Key: key, Value: []byte(value)} }

func stateGoesWithCursor(t *testing.T, s *suite) {
	log := s.start()
	MustAppend(t, log, "", body("a"))
	first := log.End()
	MustAppend(t, log, "", body("b"))
	mustCommit(t, log, "one", first, entry("y", "1"), entry("x", "2"), entry("z", ""))
	mustCommit(t, log, "two", first)
	mustCommit(t, log, "one", log.End(), entry("x", "3"), eventlog.Entry{Key: "y"}, eventlog.Entry{Key: "never was"})
	end := log.End()
	for range 2 {
		if state, at := mustState(t, log, "one"); state != "x=3 z=" || at != end {
			t.Errorf("the state is %q at %v, want %q at %v", state, at, "x=3 z=", end)
		}
		for name, want := range map[string]eventlog.Position{"two": first, "three": 0, "": 0} {
			if state, at := mustState(t, log, name); state != "" || at != want {
				t.Errorf("the state of %q is %q at %v, want none at %v", name, state, at, want)
			}
		}
		log = s.restart()
	}
}

func stateIsDropped(t *testing.T, s *suite) {
	log := s.start()
	MustAppend(t, log, "", body("a"))
	mustCommit(t, log, "one", log.End(), entry("x", "1"))
	mustCommit(t, log, "one", 0)
	if state, at := mustState(t, log, "one"); state != "" || at != 0 {
		t.Errorf("the state is %q at %v", state, at)
	}
	mustCommit(t, log, "one", log.End(), entry("y", "2"))
	if state, _ := mustState(t, log, "one"); state != "y=2" {
		t.Errorf("the state is %q", state)
	}
}

func replays(t *testing.T, s *suite) {
	log := s.start()
	if records := MustReplay(t, log); len(records) > 0 || log.End() != 0 {
		t.Errorf("an empty log has %d records and ends at %v", len(records), log.End())
	}
	for i := range 3 {
		MustAppend(t, log, "", body(fmt.Sprint(i)))
		log = s.restart()
	}
	wantUUIDs(t, UUIDs(t, MustReplay(t, log)), "0", "1", "2")
	wantUUIDs(t, UUIDs(t, MustReplay(t, log)), "0", "1", "2")
}

func waits(t *testing.T, s *suite) {
	log := s.start()
	reader, err := log.Reader("")
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // it only read
	for i := range 20 {
		next := make(chan []eventlog.Record, 1)
		go func() {
			records, err := reader.Next(relaytest.Context(t))
			if err != nil {
				t.Errorf("next: %v", err)
			}
			next <- records
		}()
		MustAppend(t, log, "", body(fmt.Sprint(i)))
		wantUUIDs(t, UUIDs(t, <-next), fmt.Sprint(i))
	}
}

func nextEnds(t *testing.T, s *suite) {
	reader, err := s.start().Reader("")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reader.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("next: %v", err)
	}
}

func appendEnds(t *testing.T, s *suite) {
	log := s.open(t, s.dir) // nothing runs it
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := log.Append(ctx, MustDecode(t, "", body("a"))); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

func stopped(t *testing.T, s *suite) {
	log := s.open(t, s.dir)
	stop := relaytest.MustRun(t, "event log", log.Run)
	MustAppend(t, log, "", body("a"))
	if err := log.Ready(); err != nil {
		t.Errorf("a running log is not ready: %v", err)
	}
	stop()
	if _, err := log.Append(t.Context(), MustDecode(t, "", body("b"))); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("append to a stopped log: %v", err)
	}
	if err := log.Ready(); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("a stopped log is ready: %v", err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
	wantUUIDs(t, UUIDs(t, MustReplay(t, s.start())), "a")
}
