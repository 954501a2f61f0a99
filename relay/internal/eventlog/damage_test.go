package eventlog_test

import (
	"encoding/binary"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// small is a log of three records, the second of them packed, as the bytes of
// its one segment and the places where its records end.
type small struct {
	content string
	ends    []int
}

func mustMakeSmall(tb testing.TB) small {
	tb.Helper()
	dir := tb.TempDir()
	log, stop := start(tb, dir, eventlog.Options{})
	var s small
	for _, body := range []string{tinyBody("a", ""), tinyBody("b", strings.Repeat("b", 2000)), tinyBody("c", "")} {
		eventlogtest.MustAppend(tb, log, "", body)
		s.ends = append(s.ends, int(log.Size()))
	}
	stop()
	s.content = relaytest.MustRead(tb, segmentOf(dir))
	return s
}

func segmentOf(dir string) string { return filepath.Join(dir, "events", "0000000001.log") }

// whole returns the events whose records lie in the first n bytes.
func (s small) whole(n int) []string {
	var uuids []string
	for i, end := range s.ends {
		if end <= n {
			uuids = append(uuids, string(rune('a'+i)))
		}
	}
	return uuids
}

// mustHold runs the log in dir, and wants these events in it, before and
// after another one is appended.
func mustHold(tb testing.TB, dir string, want []string) eventlog.Report {
	tb.Helper()
	log, stop := start(tb, dir, eventlog.Options{})
	if got := eventlogtest.UUIDs(tb, eventlogtest.MustReplay(tb, log)); !slices.Equal(got, want) {
		tb.Errorf("it holds %q, want %q", got, want)
	}
	eventlogtest.MustAppend(tb, log, "", tinyBody("later", ""))
	report := log.Report()
	stop()

	log, stop = start(tb, dir, eventlog.Options{})
	defer stop()
	if got := eventlogtest.UUIDs(tb, eventlogtest.MustReplay(tb, log)); !slices.Equal(got, append(want, "later")) {
		tb.Errorf("after another append and a restart it holds %q, want %q and \"later\"", got, want)
	}
	return report
}

func mustReset(tb testing.TB, dir, content string) {
	tb.Helper()
	if err := os.RemoveAll(filepath.Join(dir, "events")); err != nil {
		tb.Fatal(err)
	}
	relaytest.MustWrite(tb, segmentOf(dir), content)
	state, err := bolt.Open(filepath.Join(dir, "state.db"), 0o600, nil) // whoever wrote events has one
	if err != nil {
		tb.Fatal(err)
	}
	if err := state.Close(); err != nil {
		tb.Fatal(err)
	}
}

func TestALogTornAtAnyByteHoldsWhatIsWhole(t *testing.T) {
	s := mustMakeSmall(t)
	dir := t.TempDir()
	for n := range len(s.content) {
		mustReset(t, dir, s.content[:n])
		report := mustHold(t, dir, s.whole(n))
		good := 0
		for _, end := range append([]int{16}, s.ends...) {
			if end <= n {
				good = end
			}
		}
		if report.Torn != int64(n-good) || !report.Clean() {
			t.Errorf("torn at %d: the report is %+v", n, report)
		}
		if t.Failed() {
			t.Fatalf("torn at byte %d of %d", n, len(s.content))
		}
	}
}

func TestAFlippedByteCostsNoOtherRecord(t *testing.T) {
	s := mustMakeSmall(t)
	dir := t.TempDir()
	for i := range len(s.content) {
		flipped := []byte(s.content)
		flipped[i] ^= 1 << (i % 8)
		mustReset(t, dir, string(flipped))

		want := s.whole(len(s.content))
		hit := slices.IndexFunc(s.ends, func(end int) bool { return i < end })
		if i >= 16 {
			want = slices.Delete(want, hit, hit+1)
		}
		report := mustHold(t, dir, want)
		if report.DamagedPlaces == 0 && report.Torn == 0 {
			t.Errorf("the report does not tell: %+v", report)
		}
		if t.Failed() {
			t.Fatalf("flipped byte %d of %d", i, len(s.content))
		}
	}
}

func TestZerosBehindTheRecordsAreNeitherDamageNorTorn(t *testing.T) {
	s := mustMakeSmall(t)
	for _, n := range []int{1, 7, 8, 9, 1000, 1<<20 + 5} {
		blank := strings.Repeat("\x00", n)
		dir := t.TempDir()
		mustReset(t, dir, s.content+blank)
		mustScanClean(t, dir, 3)
		if report := mustHold(t, dir, []string{"a", "b", "c"}); report.Torn != 0 || !report.Clean() {
			t.Errorf("%d zeros at the end: %+v", n, report)
		}

		dir = t.TempDir()
		mustReset(t, dir, s.content+blank)
		relaytest.MustWrite(t, filepath.Join(dir, "events", "0000000002.log"), s.content[:s.ends[0]]+blank)
		mustScanClean(t, dir, 4)
		if report := mustHold(t, dir, []string{"a", "b", "c", "a"}); report.Torn != 0 || !report.Clean() {
			t.Errorf("%d zeros at the ends of two segments: %+v", n, report)
		}
	}
}

// mustScanClean wants so many records in a log that nobody runs, and no damage.
func mustScanClean(tb testing.TB, dir string, want int) {
	tb.Helper()
	records := 0
	damaged, err := eventlog.Scan(dir, func(eventlog.Record) error {
		records++
		return nil
	})
	if err != nil || damaged != 0 || records != want {
		tb.Errorf("scanned %d records, %d bytes of damage, %v; want %d", records, damaged, err, want)
	}
}

func TestALogTornWithinItsZerosHoldsWhatIsWhole(t *testing.T) {
	s := mustMakeSmall(t)
	dir := t.TempDir()
	for n := 16; n < len(s.content); n++ {
		content := s.content[:n] + strings.Repeat("\x00", 100)
		mustReset(t, dir, content)
		whole := 0
		for whole < len(s.ends) && strings.HasPrefix(content, s.content[:s.ends[whole]]) {
			whole++
		}
		report := mustHold(t, dir, s.whole(len(s.content))[:whole])
		if atEnd := n == 16 || slices.Contains(s.ends, n); !report.Clean() || atEnd != (report.Torn == 0) {
			t.Fatalf("torn at byte %d of %d, before zeros: %+v", n, len(s.content), report)
		}
	}
}

func TestAFlippedByteAmongTheZerosCostsNoRecord(t *testing.T) {
	s := mustMakeSmall(t)
	for _, at := range []int{0, 3, 4, 8, 500, 999} {
		flipped := []byte(s.content + strings.Repeat("\x00", 1000))
		flipped[len(s.content)+at] ^= 1 << (at % 8)
		dir := t.TempDir()
		mustReset(t, dir, string(flipped))
		if report := mustHold(t, dir, []string{"a", "b", "c"}); !report.Clean() || report.Torn == 0 {
			t.Errorf("byte %d, in the last segment: %+v", at, report)
		}

		dir = t.TempDir()
		mustReset(t, dir, string(flipped))
		relaytest.MustWrite(t, filepath.Join(dir, "events", "0000000002.log"), s.content[:s.ends[0]])
		if report := mustHold(t, dir, []string{"a", "b", "c", "a"}); report.DamagedPlaces != 1 {
			t.Errorf("byte %d, in an older segment: %+v", at, report)
		}
	}
}

func TestDamageIsReportedWhereItIs(t *testing.T) {
	s := mustMakeSmall(t)
	first, second := s.content[16:s.ends[0]], s.content[s.ends[0]:s.ends[1]]
	for name, test := range map[string]struct {
		content string
		want    []string
		offset  int64
		bytes   int64
	}{
		"a record overwritten with zeros":  {s.content[:16] + strings.Repeat("\x00", len(first)) + s.content[s.ends[0]:], []string{"b", "c"}, 16, int64(len(first))},
		"noise between two records":        {s.content[:s.ends[0]] + "noise" + s.content[s.ends[0]:], []string{"a", "b", "c"}, int64(s.ends[0]), 5},
		"the beginning of a record twice":  {s.content[:s.ends[0]] + second[:20] + s.content[s.ends[0]:], []string{"a", "b", "c"}, int64(s.ends[0]), 20},
		"a record missing its first bytes": {s.content[:16] + first[3:] + s.content[s.ends[0]:], []string{"b", "c"}, 16, int64(len(first) - 3)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mustReset(t, dir, test.content)
			report := mustHold(t, dir, test.want)
			want := eventlog.Damage{Segment: segmentOf(dir), Offset: test.offset, Bytes: test.bytes}
			if report.DamagedPlaces != 1 || report.Damage[0] != want || report.DamagedBytes != test.bytes {
				t.Errorf("report: %+v, want %+v", report, want)
			}
		})
	}
}

func TestDamageAtTheEndOfAnOlderSegmentIsDamage(t *testing.T) {
	s := mustMakeSmall(t)
	dir := t.TempDir()
	mustReset(t, dir, s.content[:len(s.content)-1])
	relaytest.MustWrite(t, filepath.Join(dir, "events", "0000000002.log"), s.content[:s.ends[0]])
	report := mustHold(t, dir, []string{"a", "b", "a"})
	if report.DamagedPlaces != 1 || report.Torn != 0 || report.Clean() {
		t.Errorf("report: %+v", report)
	}
}

func TestACursorBehindTheTornEndMissesNothing(t *testing.T) {
	s := mustMakeSmall(t)
	dir := t.TempDir()
	mustReset(t, dir, s.content)
	log, stop := start(t, dir, eventlog.Options{})
	mustCommit(t, log, "one")
	stop()
	mustReset(t, dir, s.content[:s.ends[0]+1])

	log = mustStart(t, dir, eventlog.Options{})
	eventlogtest.MustAppend(t, log, "", tinyBody("later", ""))
	reader, err := log.Reader("one")
	if err != nil {
		t.Fatal(err)
	}
	records, err := reader.Next(relaytest.Context(t))
	if err != nil || !slices.Equal(eventlogtest.UUIDs(t, records), []string{"later"}) {
		t.Errorf("next: %q, %v", eventlogtest.UUIDs(t, records), err)
	}
}

func TestADamagedStateDatabaseIsReplaced(t *testing.T) {
	for name, damage := range map[string]func(string) string{
		"overwritten": func(s string) string { return strings.Repeat("x", len(s)) },
		"cut short":   func(s string) string { return s[:len(s)/2] },
		"emptied":     func(string) string { return "" },
		"half zeroed": func(s string) string { return s[:len(s)/2] + strings.Repeat("\x00", len(s)-len(s)/2) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			log, stop := start(t, dir, eventlog.Options{})
			eventlogtest.MustAppend(t, log, "", tinyBody("a", ""))
			mustCommit(t, log, "one")
			stop()
			state := filepath.Join(dir, "state.db")
			relaytest.MustWrite(t, state, damage(relaytest.MustRead(t, state)))

			log = mustStart(t, dir, eventlog.Options{})
			if log.Report().StateDamage == nil || log.Report().Clean() {
				t.Errorf("report: %+v", log.Report())
			}
			reader, err := log.Reader("one")
			if err != nil {
				t.Fatal(err)
			}
			if records, err := reader.Next(relaytest.Context(t)); err != nil || len(records) != 1 {
				t.Errorf("next: %v, %v", records, err)
			}
		})
	}
}

// TestAStateDatabaseThatCannotBeOpenedNowStays has one on a volume that is not there yet.
func TestAStateDatabaseThatCannotBeOpenedNowStays(t *testing.T) {
	dir := t.TempDir()
	volume, state := filepath.Join(dir, "volume"), filepath.Join(dir, "state.db")
	if err := os.Symlink(filepath.Join(volume, "state.db"), state); err != nil {
		t.Skip(err) // Windows wants a privilege for it
	}
	if log, err := eventlog.Open(dir, eventlog.Options{}); err == nil {
		t.Error("the log was opened without its state")
		_ = log.Close()
	}
	if err := os.Mkdir(volume, 0o700); err != nil {
		t.Fatal(err)
	}
	mustStart(t, dir, eventlog.Options{})
	if _, err := os.Stat(filepath.Join(volume, "state.db")); err != nil {
		t.Errorf("the state is not where it belongs: %v", err)
	}
}

func TestAReaderWhoseStateOrCursorIsDamagedBeginsAnew(t *testing.T) {
	cursor := func(at eventlog.Position) string {
		return string(binary.LittleEndian.AppendUint64(nil, uint64(at)))
	}
	for _, test := range []struct {
		name   string
		state  []eventlog.Entry
		damage func(text string, end eventlog.Position) string
	}{
		{"the state", []eventlog.Entry{{Key: "counts", Value: []byte("one visitor")}}, func(text string, _ eventlog.Position) string {
			return strings.ReplaceAll(text, "one visitor", "two visitor")
		}},
		{"the cursor of a state", []eventlog.Entry{{Key: "counts", Value: []byte("one visitor")}}, func(text string, end eventlog.Position) string {
			return strings.ReplaceAll(text, cursor(end), cursor(end-1))
		}},
		{"the cursor", nil, func(text string, end eventlog.Position) string {
			return strings.ReplaceAll(text, cursor(end), cursor(end-1))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			log, stop := start(t, dir, eventlog.Options{})
			eventlogtest.MustAppend(t, log, "", tinyBody("a", ""))
			reader, err := log.Reader("one")
			if err != nil {
				t.Fatal(err)
			}
			end := log.End()
			if err := reader.Commit(end, test.state...); err != nil {
				t.Fatal(err)
			}
			stop()
			path := filepath.Join(dir, "state.db")
			text := relaytest.MustRead(t, path)
			damaged := test.damage(text, end)
			if damaged == text {
				t.Fatal("there is nothing to damage")
			}
			relaytest.MustWrite(t, path, damaged)

			log = mustStart(t, dir, eventlog.Options{})
			if reader, err = log.Reader("one"); err != nil {
				t.Fatal(err)
			}
			if reader.Position() != 0 {
				t.Errorf("the reader begins at %v", reader.Position())
			}
			err = reader.State(func(key string, value []byte) error {
				t.Errorf("%s: %s", key, value)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsDamagedAfterTheStartIsToldOnceAndCounted(t *testing.T) {
	s := mustMakeSmall(t)
	spoil := func(dir string) {
		content := []byte(s.content)
		content[s.ends[0]+20] ^= 1 // in the second record
		relaytest.MustWrite(t, segmentOf(dir), string(content))
	}
	lost := int64(s.ends[1] - s.ends[0])
	tests := []struct {
		name          string
		before, after func(dir string) // the start
		told          int
	}{
		{"damaged before, as the report says", spoil, func(string) {}, 0},
		{"damaged after", func(string) {}, spoil, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var told strings.Builder
			dir := t.TempDir()
			mustReset(t, dir, s.content)
			test.before(dir)
			log, stop := start(t, dir, eventlog.Options{Logger: slog.New(slog.NewTextHandler(&told, nil))})
			test.after(dir)
			for range 2 { // readers
				if got := eventlogtest.UUIDs(t, eventlogtest.MustReplay(t, log)); !slices.Equal(got, []string{"a", "c"}) {
					t.Errorf("it holds %q", got)
				}
			}
			if damaged := log.Stats().DamagedBytes; damaged != lost {
				t.Errorf("%d bytes are counted, want %d", damaged, lost)
			}
			stop()
			if n := strings.Count(told.String(), "level=ERROR"); n != test.told || n > 0 && !strings.Contains(told.String(), segmentOf(dir)) {
				t.Errorf("told %d times:\n%s", n, &told)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsNamedOnce(t *testing.T) {
	for _, name := range []string{"state.db", "events/0000000001.log"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			relaytest.MustWrite(t, filepath.Join(path, "in the way"), "")
			log, err := eventlog.Open(dir, eventlog.Options{})
			if err == nil {
				err = log.Report().StateDamage
				defer log.Close()
			}
			_, scanned := eventlog.Scan(dir, func(eventlog.Record) error { return nil })
			for _, err := range []error{err, scanned} {
				if err != nil && strings.Count(err.Error(), path) != 1 {
					t.Error(err)
				}
			}
			if err == nil {
				t.Error("it is opened")
			}
		})
	}
}
