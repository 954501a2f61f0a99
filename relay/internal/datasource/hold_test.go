package datasource_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/relaytest"
)

// MustFollowCDN runs a store on a CDN that has had revisions 1 and 2.
func MustFollowCDN(tb testing.TB) (s store, cdn *relaytest.CDN, o datasource.Options) {
	tb.Helper()
	cdn = relaytest.NewCDN(tb)
	cdn.Put("/datafiles/demo.json", revision(1, ""))
	o = datasource.Options{
		Projects: one(datasource.SourceCDN), Dir: tb.TempDir(), PollInterval: time.Hour,
		CDNTemplate: cdn.URL + "/datafiles/%s.json",
	}
	s = MustRun(tb, o)
	s.nextRevision(tb, "1")
	s.put(tb, cdn, 2)
	s.nextRevision(tb, "2")
	s.awaitHistory(tb, "2", "1")
	return s, cdn, o
}

// put changes what the CDN has and tells the store.
func (s store) put(tb testing.TB, cdn *relaytest.CDN, n int) {
	tb.Helper()
	cdn.Put("/datafiles/demo.json", revision(n, ""))
	asked := len(cdn.Requests())
	s.Refetch("demo", "")
	cdn.WaitRequests(tb, asked+1)
}

// awaitHistory waits until the history has these revisions, the newest first.
func (s store) awaitHistory(tb testing.TB, revisions ...string) {
	tb.Helper()
	s.until(tb, fmt.Sprint("a history of ", revisions), func(datasource.State) bool {
		past, err := s.History("demo")
		if err != nil {
			tb.Fatal(err)
		}
		var have []string
		for _, p := range past {
			have = append(have, p.Revision)
		}
		return slices.Equal(have, revisions)
	})
}

func TestAPinHoldsUntilItIsTakenAway(t *testing.T) {
	s, cdn, o := MustFollowCDN(t)
	if _, err := s.Pin("demo", "1"); err != nil {
		t.Fatal(err)
	}
	s.nextRevision(t, "1")
	s.put(t, cdn, 3)
	s.awaitHistory(t, "3", "2", "1")
	if d, _ := s.Newest("demo"); d.Revision != "1" {
		t.Fatalf("revision %s came in spite of the pin", d.Revision)
	}
	state := s.States()[0]
	if state.Problem != nil || state.Hold == nil || !state.Hold.Pinned || state.Hold.SourceRevision != "3" {
		t.Fatalf("the project's state is %+v, %+v", state, state.Hold)
	}
	s.stop()

	again := MustRun(t, o)
	again.nextRevision(t, "1")
	if again.States()[0].Hold == nil {
		t.Fatal("a restart ends the pin")
	}
	if err := again.Follow("demo"); err != nil {
		t.Fatal(err)
	}
	again.nextRevision(t, "3")
	if hold := again.States()[0].Hold; hold != nil {
		t.Fatalf("after it was taken away there is %+v", hold)
	}
}

func TestARollbackEndsWithTheNextRevision(t *testing.T) {
	s, cdn, o := MustFollowCDN(t)
	if _, err := s.RollBack("demo", "1"); err != nil {
		t.Fatal(err)
	}
	s.nextRevision(t, "1")
	s.stop()
	asked := len(cdn.Requests())
	s = MustRun(t, o)
	s.nextRevision(t, "1")
	cdn.WaitRequests(t, asked+1) // the source still has what was rolled back
	s.put(t, cdn, 3)
	s.nextRevision(t, "3")
	if hold := s.States()[0].Hold; hold != nil {
		t.Fatalf("after a newer revision there is %+v", hold)
	}
}

func TestFollowGoesBackToAnOlderRevisionOfTheSource(t *testing.T) {
	s, cdn, _ := MustFollowCDN(t)
	if _, err := s.Pin("demo", "2"); err != nil {
		t.Fatal(err)
	}
	s.put(t, cdn, 1)
	if err := s.Follow("demo"); err != nil {
		t.Fatal(err)
	}
	s.nextRevision(t, "1")
}

func TestFollowGoesBackToAnOlderRevisionThatIsToBeHadAfterARestartOnly(t *testing.T) {
	s, cdn, o := MustFollowCDN(t)
	if _, err := s.Pin("demo", "2"); err != nil {
		t.Fatal(err)
	}
	cdn.Put("/datafiles/demo.json", revision(1, ""))
	cdn.Fail(http.StatusServiceUnavailable)
	if err := s.Follow("demo"); err != nil {
		t.Fatal(err)
	}
	s.stop()
	cdn.Fail(0)
	s = MustRun(t, o)
	s.nextRevision(t, "2")
	s.nextRevision(t, "1")
	s.stop()

	cdn.Put("/datafiles/demo.json", revision(0, ""))
	asked := len(cdn.Requests())
	s = MustRun(t, o)
	s.nextRevision(t, "1")
	cdn.WaitRequests(t, asked+1) // an older copy again, which nobody asked for any more
	s.put(t, cdn, 3)
	s.nextRevision(t, "3")
}

func TestWhatIsNotKeptCannotBeHeld(t *testing.T) {
	s, _, o := MustFollowCDN(t)
	if _, err := s.Pin("demo", "9"); !errors.Is(err, datasource.ErrNotKept) {
		t.Errorf("a revision that never was: %v", err)
	}
	for _, err := range []error{s.Follow("nobody"), second(s.Pin("nobody", "1")), second(s.History("nobody"))} {
		if !errors.Is(err, datasource.ErrNoProject) {
			t.Errorf("a project that is not there: %v", err)
		}
	}
	files, err := filepath.Glob(filepath.Join(o.Dir, "datafiles", "demo.history", "*.1.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.WriteFile(files[0], []byte(revision(1, "changed by hand")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pin("demo", "1"); err == nil {
		t.Error("a file that was changed on disk came into force")
	}
}

// Strangers ask for it as often as they like.
func TestADatafileOfTheHistoryIsHadByItsHashWithoutBeingParsed(t *testing.T) {
	s, _, o := MustFollowCDN(t)
	history := filepath.Join(o.Dir, "datafiles", "demo.history")
	const noDatafile = "no datafile, which nobody notices who does not parse it"
	relaytest.MustWrite(t, filepath.Join(history, hashOf(noDatafile)+".0.json"), noDatafile)
	relaytest.MustWrite(t, filepath.Join(history, "0123456789abcdef.0.json"), "changed by hand")
	for hash, want := range map[string]string{hashOf(revision(2, "")): revision(2, ""), hashOf(revision(1, "")): revision(1, ""), hashOf(noDatafile): noDatafile} {
		if d, ok := s.ByHash("demo", hash); !ok || string(d.Bytes) != want || d.Hash != hash || d.SDKKey != "demo" || d.Modified.Nanosecond() != 0 {
			t.Errorf("by the hash %s: %+v, %v, want %s", hash, d, ok, want)
		}
	}
	for _, which := range []string{"1", "0", "0123456789abcdef", "00000000deadbeef", ""} {
		if d, ok := s.ByHash("demo", which); ok {
			t.Errorf("by %q: %s", which, d.Bytes)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestWhatTheHistoryHadNoPlaceForIsKeptThereOnceThereIsOne(t *testing.T) {
	cdn := relaytest.NewCDN(t)
	cdn.Put("/datafiles/demo.json", revision(1, ""))
	dir := t.TempDir()
	inTheWay := filepath.Join(dir, "datafiles", "demo.history")
	relaytest.MustWrite(t, inTheWay, "")
	s := MustRun(t, datasource.Options{
		Projects: one(datasource.SourceCDN), Dir: dir, PollInterval: time.Hour,
		CDNTemplate: cdn.URL + "/datafiles/%s.json",
	})
	s.trouble(t, "demo.history")
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	s.awaitHistory(t, "1")
	s.until(t, "end of the problem", func(state datasource.State) bool { return state.Problem == nil })
}

func TestTheDiskHasWhatIsInForceAgainAfterItKeptHalfOfAnother(t *testing.T) {
	dir := t.TempDir()
	file, history, aside := filepath.Join(dir, "source.json"), filepath.Join(dir, "datafiles", "demo.history"), filepath.Join(dir, "aside")
	relaytest.MustWrite(t, file, revision(1, ""))
	s := MustRun(t, datasource.Options{Projects: one(file), Dir: dir, PollInterval: time.Hour})
	s.awaitHistory(t, "1")
	if err := os.Rename(history, aside); err != nil {
		t.Fatal(err)
	}
	relaytest.MustWrite(t, history, "")
	relaytest.MustWrite(t, file, revision(2, ""))
	s.trouble(t, "demo.history")
	relaytest.MustWrite(t, file, revision(1, ""))
	s.until(t, "the first again", func(state datasource.State) bool { return state.Datafile.Revision == "1" })
	if err := errors.Join(os.Remove(history), os.Rename(aside, history)); err != nil {
		t.Fatal(err)
	}
	s.until(t, "end of the problem", func(state datasource.State) bool { return state.Problem == nil })
	if kept := relaytest.MustRead(t, filepath.Join(dir, "datafiles", "demo.json")); kept != revision(1, "") {
		t.Errorf("the disk has %s", kept)
	}
}

func TestTheHistoryIsBoundedWhateverRevisionsAre(t *testing.T) {
	for name, prefix := range map[string]string{"numbers": "", "long text whose escapes are cut": strings.Repeat("é", 40)} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "demo.json")
			write := func(n int) (text, revision string) {
				text, revision = datafileOf(prefix+fmt.Sprint(n)), prefix+fmt.Sprint(n)
				relaytest.MustWrite(t, file, text)
				return text, revision
			}
			_, first := write(1)
			s := MustRun(t, datasource.Options{Projects: one(file)})
			s.nextRevision(t, first)
			var newest string
			for n := 2; n <= 20; n++ {
				var revision string
				newest, revision = write(n)
				s.nextRevision(t, revision)
			}
			s.until(t, "a history of at most 16 that ends with the newest", func(datasource.State) bool {
				past, err := s.History("demo")
				return err == nil && past[0].Hash == hashOf(newest) && len(past) <= 16
			})
			past, err := s.History("demo")
			if err != nil {
				t.Fatal(err)
			}
			if d, err := s.Pin("demo", past[len(past)-1].Hash); err != nil || d.Hash != past[len(past)-1].Hash {
				t.Errorf("the oldest cannot be pinned: %v", err)
			}
		})
	}
}

func TestWhatIsInForceStaysInTheHistoryHoweverManyComeMeanwhile(t *testing.T) {
	t.Run("held back by a pin", func(t *testing.T) {
		s, cdn, _ := MustFollowCDN(t)
		if _, err := s.Pin("demo", "1"); err != nil {
			t.Fatal(err)
		}
		for n := 3; n <= 20; n++ {
			s.put(t, cdn, n)
			s.until(t, fmt.Sprint("revision ", n), func(datasource.State) bool {
				past, err := s.History("demo")
				return err == nil && past[0].Revision == fmt.Sprint(n)
			})
		}
		if err := s.Follow("demo"); err != nil {
			t.Fatal(err)
		}
		s.until(t, "end of the pin", func(state datasource.State) bool { return state.Datafile.Revision == "20" })
		if d, err := s.RollBack("demo", "1"); err != nil || d.Revision != "1" {
			t.Errorf("what was pinned cannot be had again: %v", err)
		}
	})
	t.Run("brought back by the source", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "demo.json")
		relaytest.MustWrite(t, file, revision(1, ""))
		s := MustRun(t, datasource.Options{Projects: one(file)})
		s.nextRevision(t, "1")
		for _, n := range []int{2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 17} {
			relaytest.MustWrite(t, file, revision(n, ""))
			s.nextRevision(t, fmt.Sprint(n))
		}
		s.until(t, "revision 17 in the history", func(datasource.State) bool {
			past, err := s.History("demo")
			return err == nil && past[0].Revision == "17"
		})
		if d, err := s.RollBack("demo", "1"); err != nil || d.Revision != "1" {
			t.Errorf("what was in force before cannot be had again: %v", err)
		}
	})
}

// MustHoldHalf makes a folder in which a hold of revision 1 was written, and a crash came before the datafile.
func MustHoldHalf(tb testing.TB, o datasource.Options, pinned bool) {
	tb.Helper()
	hold := datasource.Hold{Hash: hashOf(revision(1, "")), Pinned: pinned, Since: time.Now().UTC(), Source: hashOf(revision(2, "")), SourceRevision: "2"}
	text, err := json.Marshal(hold)
	if err != nil {
		tb.Fatal(err)
	}
	relaytest.MustWrite(tb, filepath.Join(o.Dir, "datafiles", "demo.hold"), string(text))
}

func hashOf(text string) string { return fmt.Sprintf("%016x", xxhash.Sum64String(text)) }

func TestAHoldThatACrashKeptWithoutItsDatafileHoldsThatAllTheSame(t *testing.T) {
	kept := func(o datasource.Options) string { return filepath.Join(o.Dir, "datafiles", "demo.json") }
	tests := []struct {
		name   string
		pinned bool
		spoil  func(tb testing.TB, o datasource.Options)
	}{
		{"a pin", true, func(testing.TB, datasource.Options) {}},
		{"a rollback", false, func(testing.TB, datasource.Options) {}},
		{"a pin beside a datafile that is damaged", true, func(tb testing.TB, o datasource.Options) { relaytest.MustWrite(tb, kept(o), "{") }},
		{"a pin beside a datafile that is gone", true, func(tb testing.TB, o datasource.Options) {
			if err := os.Remove(kept(o)); err != nil {
				tb.Fatal(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, cdn, o := MustFollowCDN(t)
			before, _ := s.Newest("demo")
			s.stop()
			MustHoldHalf(t, o, test.pinned)
			test.spoil(t, o)
			asked := len(cdn.Requests())
			s = MustRun(t, o)
			d := s.nextRevision(t, "1")
			cdn.WaitRequests(t, asked+1)
			if !d.Modified.After(before.Modified) {
				t.Errorf("it is of %v; who has that of %v and asks by the date keeps it", d.Modified, before.Modified)
			}
			s.until(t, "datafile on disk", func(datasource.State) bool {
				text, err := os.ReadFile(kept(o))
				return err == nil && string(text) == revision(1, "")
			})
			if state := s.States()[0]; state.Datafile.Revision != "1" || state.Hold == nil || state.Hold.Pinned != test.pinned {
				t.Errorf("the project's state is %+v, %+v", state, state.Hold)
			}
		})
	}
}

func TestAHoldThatCannotBeHadLeavesTheDatafileOfBefore(t *testing.T) {
	tests := []struct{ name, hold, says string }{
		{"of a datafile that is not kept", `{"hash":"00000000deadbeef","pinned":true}`, "demo.hold is dropped, since its datafile 00000000deadbeef is not in the history"},
		{"that is damaged", `{"hash`, "demo.hold: unexpected end of JSON input"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, cdn, o := MustFollowCDN(t)
			s.stop()
			relaytest.MustWrite(t, filepath.Join(o.Dir, "datafiles", "demo.hold"), test.hold)
			o.Logger = slog.New(slog.DiscardHandler)
			reopened, err := datasource.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			state := reopened.States()[0]
			if state.Datafile == nil || state.Datafile.Revision != "2" || state.Hold != nil || state.Problem == nil || !strings.Contains(state.Problem.Error, test.says) {
				t.Errorf("the project's state is %+v, its problem %v", state, state.Problem)
			}
			s = MustRun(t, o)
			s.nextRevision(t, "2")
			s.put(t, cdn, 3)
			s.nextRevision(t, "3")
		})
	}
}

func TestWhatACrashLeftUnfinishedIsSweptAwayAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "demo.json")
	relaytest.MustWrite(t, file, revision(1, ""))
	left := []string{".demo.json.1", "datafiles/.demo.json.4294967295", "datafiles/.demo.hold.2", "datafiles/.demo.released.5", "datafiles/demo.history/.0123456789abcdef.1.json.3"}
	kept := []string{".demo.json.swp", ".other.json.1", "demo.json.1", "datafiles/.other.json.1", "datafiles/demo.history/0123456789abcdef.1.json"}
	for _, name := range append(left, kept...) {
		relaytest.MustWrite(t, filepath.Join(dir, name), "{")
	}
	_, err := datasource.Open(datasource.Options{Projects: []datasource.Project{{SDKKey: "demo", Source: file, Own: true}}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(left, kept...) {
		_, err := os.Stat(filepath.Join(dir, name))
		if is, want := err == nil, slices.Contains(kept, name); is != want {
			t.Errorf("%s is there: %v, want %v", name, is, want)
		}
	}
}
