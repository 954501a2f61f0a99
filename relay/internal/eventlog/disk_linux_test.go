package eventlog_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// mustMount mounts a disk of so many bytes, or skips the test where it may not.
func mustMount(tb testing.TB, bytes int) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		tb.Skipf("a small disk cannot be mounted here: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			tb.Error(err)
		}
	})
	return dir
}

func TestAFullDiskRefusesUntilThereIsRoom(t *testing.T) {
	dir := mustMount(t, 2<<20)
	ballast := filepath.Join(dir, "ballast")
	relaytest.MustWrite(t, ballast, strings.Repeat("x", 1<<20))
	logged := make(messages, 10)
	log, stop := start(t, dir, eventlog.Options{Logger: slog.New(logged), ProbeInterval: time.Millisecond})

	taken := mustFill(t, log, 0)
	logged.mustSay(t, "the event log refuses events")
	if err := log.Ready(); !errors.Is(err, eventlog.ErrFull) {
		t.Errorf("a full log is ready: %v", err)
	}
	if receipt := eventlogtest.MustAppend(t, log, "", tinyBody("0", "")); receipt.Duplicates != 1 {
		t.Errorf("a known event got %+v from a full disk", receipt)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	logged.mustSay(t, "the event log takes events again")
	if err := log.Ready(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	taken = mustFill(t, log, taken)
	stop()

	log = mustStart(t, dir, eventlog.Options{})
	if report := log.Report(); !report.Clean() || report.Records != taken || report.Torn != 0 {
		t.Errorf("%d batches were taken; the report is %+v", taken, report)
	}
}

func TestADiskThatOthersFillIsToldBeforeAnythingComes(t *testing.T) {
	dir := mustMount(t, 2<<20)
	logged := make(messages, 10)
	log := mustStart(t, dir, eventlog.Options{Logger: slog.New(logged), ProbeInterval: time.Millisecond})
	if err := log.Ready(); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	free := strings.Repeat("x", 2<<20)
	if err := os.WriteFile(ballast, []byte(free), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	logged.mustSay(t, "the event log refuses events")
	if err := log.Ready(); !errors.Is(err, eventlog.ErrFull) {
		t.Errorf("on a full disk the log is ready: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	logged.mustSay(t, "the event log takes events again")
	eventlogtest.MustAppend(t, log, "", tinyBody("0", ""))
}

func TestAFolderThatHasGoneIsNamed(t *testing.T) {
	dir := t.TempDir()
	log := mustStart(t, dir, eventlog.Options{})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	_, err := log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", tinyBody("0", "")))
	if err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, which does not name %s", err, dir)
	}
}

func TestNothingIsTakenIntoAFolderThatWasDeleted(t *testing.T) {
	dir := t.TempDir()
	logged := make(messages, 10)
	log := mustStart(t, dir, eventlog.Options{Logger: slog.New(logged), ProbeInterval: time.Millisecond})
	eventlogtest.MustAppend(t, log, "", tinyBody("0", "")) // has zeros behind it, for which the disk need not be asked
	if err := os.RemoveAll(filepath.Join(dir, "events")); err != nil {
		t.Fatal(err)
	}
	logged.mustSay(t, "the event log refuses events")
	if err := log.Ready(); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("without its folder the log is ready: %v", err)
	}
	if _, err := log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", tinyBody("1", ""))); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("without its folder the log answers %v", err)
	}
}

func TestWhatComesAfterTheSegmentWasDeletedIsKept(t *testing.T) {
	dir := t.TempDir()
	probes := make(chan time.Time)
	log, stop := start(t, dir, eventlog.Options{ProbeInterval: time.Millisecond, Now: func() time.Time {
		select {
		case probes <- time.Now():
		default:
		}
		return time.Now()
	}})
	eventlogtest.MustAppend(t, log, "", tinyBody("0", ""))
	if err := os.Remove(filepath.Join(dir, "events", "0000000001.log")); err != nil {
		t.Fatal(err)
	}
	<-probes // of one that may have begun before
	<-probes
	eventlogtest.MustAppend(t, log, "", tinyBody("1", ""))
	stop()
	log = mustStart(t, dir, eventlog.Options{})
	if records := eventlogtest.MustReplay(t, log); len(records) != 1 {
		t.Errorf("%d records are there, not the one that came after", len(records))
	}
}

func TestWhatIsKeptStaysWhileTheFolderIsAway(t *testing.T) {
	dir := t.TempDir()
	logged := make(messages, 10)
	log := mustStart(t, dir, eventlog.Options{Logger: slog.New(logged), ProbeInterval: time.Millisecond, Consumers: []string{"one"}})
	eventlogtest.MustAppend(t, log, "", tinyBody("0", ""))
	mustCommit(t, log, "one")
	kept := log.Size()
	events := filepath.Join(dir, "events")
	if err := os.Rename(events, events+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", tinyBody("1", relaytest.Noise(2<<20)))); !errors.Is(err, eventlog.ErrUnavailable) {
		t.Errorf("without its folder the log answers %v", err)
	}
	logged.mustSay(t, "the event log refuses events")
	if err := os.Rename(events+".away", events); err != nil {
		t.Fatal(err)
	}
	logged.mustSay(t, "the event log takes events again")
	if size := log.Size(); size != kept {
		t.Errorf("%d bytes are kept of %d", size, kept)
	}
}

func TestZerosStandAheadOfTheRecordsUntilTheSegmentIsClosed(t *testing.T) {
	dir := t.TempDir()
	log, stop := start(t, dir, eventlog.Options{})
	eventlogtest.MustAppend(t, log, "", tinyBody("a", ""))
	size := log.Size()
	content := relaytest.MustRead(t, segmentOf(dir))
	if ahead := content[size:]; len(ahead) < 1<<20 || strings.Trim(ahead, "\x00") != "" {
		t.Errorf("behind the record there are %d bytes, or others than zeros", len(ahead))
	}
	stop()
	if content := relaytest.MustRead(t, segmentOf(dir)); int64(len(content)) != size {
		t.Errorf("closed, the segment has %d bytes, its records %d", len(content), size)
	}
}

func TestAFullDiskTakesWhatFitsIntoTheZerosAndNoZerosMore(t *testing.T) {
	dir := mustMount(t, 72<<20)
	log, stop := start(t, dir, eventlog.Options{})
	eventlogtest.MustAppend(t, log, "", tinyBody("first", ""))
	ballast, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Fallocate(int(ballast.Fd()), 0, 0, 70<<20), ballast.Close()); err != nil {
		t.Fatal(err)
	}
	taken := mustFill(t, log, 0)
	if ahead := int64(1 << 20); log.Size() < ahead-10_000 || log.Size() > ahead+10_000 {
		t.Errorf("%d batches with %d bytes were taken", taken, log.Size())
	}
	stop()
	log = mustStart(t, dir, eventlog.Options{})
	if report := log.Report(); !report.Clean() || report.Records != 1+taken || report.Torn != 0 {
		t.Errorf("%d batches were taken; the report is %+v", taken, report)
	}
}

func TestALogOpensOnAFullDisk(t *testing.T) {
	dir := mustMount(t, 2<<20)
	log, stop := start(t, dir, eventlog.Options{})
	taken := mustFill(t, log, 0)
	stop()

	log, stop = start(t, dir, eventlog.Options{})
	defer stop()
	if records := eventlogtest.MustReplay(t, log); len(records) != taken {
		t.Errorf("%d records, %d were taken", len(records), taken)
	}
	if _, err := log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", tinyBody("more", relaytest.Noise(5000)))); !errors.Is(err, eventlog.ErrFull) {
		t.Errorf("append: %v", err)
	}
}

func TestAFullDiskIsFreedOfWhatIsDealtWith(t *testing.T) {
	for _, test := range []struct {
		name  string
		probe time.Duration
		says  []string
	}{
		{"before anything comes", time.Millisecond, []string{"old segments of the event log were removed", "the event log takes events again"}},
		{"by the next that comes", time.Hour, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := mustMount(t, 2<<20)
			logged := make(messages, 100)
			log := mustStart(t, dir, eventlog.Options{Logger: slog.New(logged), ProbeInterval: test.probe, Consumers: []string{"one"}, SegmentBytes: 128 << 10})
			taken := mustFill(t, log, 0)
			full := log.Size()
			logged.mustSay(t, "the event log refuses events")
			mustCommit(t, log, "one")
			for _, want := range test.says {
				logged.mustSay(t, want)
			}
			eventlogtest.MustAppend(t, log, "", tinyBody("more", relaytest.Noise(5000)))
			if log.Size() < full/2 {
				t.Errorf("for one batch all but %d bytes of %d were let go of", log.Size(), full)
			}
			if more := mustFill(t, log, taken); more == taken {
				t.Error("nothing more was taken")
			}
		})
	}
}
