package results

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// countUntilStopped counts the log, as count does, and returns what ends that.
func (h *house) countUntilStopped() (stop func()) {
	h.tb.Helper()
	h.results = New(h.options())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.results.Run(ctx) }()
	select {
	case <-h.results.Ready():
	case <-time.After(relaytest.Patience):
		h.tb.Fatal("the log is never read through")
	}
	return func() {
		h.tb.Helper()
		cancel()
		if err := <-ended; err != nil {
			h.tb.Fatal(err)
		}
	}
}

func (h *house) mustReport(sdkKey string) []byte {
	h.tb.Helper()
	text, ok, err := h.results.Results(sdkKey, Query{Timeseries: true})
	if !ok || err != nil {
		h.tb.Fatal(ok, err)
	}
	return text
}

// mustCatchUp waits until everything in the log is counted.
func (h *house) mustCatchUp() {
	h.tb.Helper()
	for timeout := time.After(relaytest.Patience); ; {
		h.results.mu.Lock()
		counted := h.results.counted
		h.results.mu.Unlock()
		if counted == h.log.End() {
			return
		}
		select {
		case <-h.changed:
		case <-timeout:
			h.tb.Fatalf("counted up to %v of %v", counted, h.log.End())
		}
	}
}

func TestAReplayThatIsPermutedDuplicatedAndRestartedGivesTheSameNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	story := randomStory(random)
	straight := mustStart(t, t.TempDir())
	straight.count()
	for _, s := range story {
		straight.mustAppend("demo", s.visitorObject())
	}
	straight.mustCatchUp()
	want := straight.mustReport("demo")

	other := mustStart(t, t.TempDir())
	stop := other.countUntilStopped()
	random.Shuffle(len(story), func(i, j int) { story[i], story[j] = story[j], story[i] })
	for i, s := range story {
		other.mustAppend("demo", s.visitorObject())
		if i%7 == 0 {
			other.mustAppend("demo", s.visitorObject(), story[random.IntN(i+1)].visitorObject())
		}
		if i%20 == 10 {
			stop()
			stop = other.countUntilStopped()
		}
	}
	stop()
	stop = other.countUntilStopped()
	defer stop()
	got := other.mustReport("demo")
	duplicates := []byte(`"duplicates":18`)
	if !bytes.Contains(got, duplicates) {
		t.Errorf("the duplicates are not told: %s", got)
	}
	got = bytes.ReplaceAll(got, duplicates, []byte(`"duplicates":0`))
	if !bytes.Equal(got, want) {
		t.Errorf("(-straight +other)\n%s", cmp.Diff(string(want), string(got)))
	}
}

func TestASnapshotSparesReadingTheLogAgain(t *testing.T) {
	h := mustStart(t, t.TempDir())
	stop := h.countUntilStopped()
	h.mustAppend("demo", seen("v", sortID, price, 5), did("v", purchase, 6, 300))
	h.mustCatchUp()
	stop()
	reader, err := h.log.Reader(readerName)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if reader.Position() != h.log.End() {
		t.Errorf("the reader would begin at %v of %v", reader.Position(), h.log.End())
	}
	h.count()
	h.waitFor("demo", "price 1:1/1/300, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
	h.mustAppend("demo", did("v", purchase, 7, 300))
	h.waitFor("demo", "price 1:1/2/600, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
}

func TestASnapshotThatCannotBeReadIsCountedAnew(t *testing.T) {
	for name, value := range map[string]string{"noise": "no gob", "an empty book of another version": "\x00"} {
		t.Run(name, func(t *testing.T) {
			h := mustStart(t, t.TempDir())
			stop := h.countUntilStopped()
			h.mustAppend("demo", seen("v", sortID, price, 5))
			h.mustCatchUp()
			stop()
			reader, err := h.log.Reader(readerName)
			if err != nil {
				t.Fatal(err)
			}
			err = reader.Commit(h.log.End(), eventlog.Entry{Key: headKey, Value: []byte(value)})
			if err := errors.Join(err, reader.Close()); err != nil {
				t.Fatal(err)
			}
			h.count()
			h.waitFor("demo", "price 1:0/0/0, category 0:0/0/0; 0 duplicates, 0 unattributed, 0 crossovers")
		})
	}
}

func TestWhatIsCountedIsSavedSoonAndWithinBounds(t *testing.T) {
	s, b := &saver{maxBehind: 40 << 20}, newBook(10, New(Options{}).options.Logger, noon)
	for _, test := range []struct {
		name       string
		size, read int
		revised    bool
		want       bool
	}{
		{"a little", 0, 1000, false, false},
		{"a little, of a new epoch", 0, 1000, true, true},
		{"as much as is worth a save", 0, saveEvery, false, true},
		{"less than four times the last snapshot", 8 << 20, 31 << 20, false, false},
		{"as much as that", 8 << 20, 32 << 20, false, true},
		{"as much as the log may keep for us", 50 << 20, 40 << 20, false, true},
	} {
		s.size, s.read, b.revised = test.size, 0, test.revised
		if got := s.due(b, test.read); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func TestWhatIsCountedIsSavedWhenNothingElseComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &saver{reader: silent{}, read: 1}
		begin := time.Now()
		records, err := s.next(t.Context())
		if len(records) != 0 || !errors.Is(err, errIdle) || time.Since(begin) != idle {
			t.Errorf("%v, %v after %v", records, err, time.Since(begin))
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if _, err := s.next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("at the end: %v", err)
		}
	})
}

// fullDisk is a reader whose state cannot be written.
type fullDisk struct{ stored }

func (fullDisk) Commit(eventlog.Position, ...eventlog.Entry) error { return syscall.ENOSPC }
func (fullDisk) Position() eventlog.Position                       { return 1 }

// roomy is one whose state can be.
type roomy struct{ stored }

func (roomy) Position() eventlog.Position { return 1 }

func TestADiskWithoutRoomForTheResultsIsToldOnceAndThatItHasAgain(t *testing.T) {
	var told bytes.Buffer
	r := New(Options{Logger: slog.New(slog.NewTextHandler(&told, nil))})
	b := newBook(10, r.options.Logger, noon)
	for _, reader := range []eventlog.Reader{fullDisk{stored{}}, fullDisk{stored{}}, roomy{stored{}}, roomy{stored{}}, fullDisk{stored{}}} {
		if err := r.keep(newSaver(reader), b); err != nil {
			t.Fatal(err)
		}
	}
	if failed, well := strings.Count(told.String(), "cannot be kept"), strings.Count(told.String(), "are kept again"); failed != 2 || well != 1 {
		t.Errorf("told %d and %d times:\n%s", failed, well, &told)
	}
}

// silent is a reader of a log that gets no more records.
type silent struct{ stored }

func (silent) Next(ctx context.Context) ([]eventlog.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// longLog is its own reader, which always has a thousand records more. At the first read something happens.
type longLog struct {
	silent
	first func()
	reads int
}

func (l *longLog) Reader(string) (eventlog.Reader, error) { return l, nil }
func (l *longLog) End() eventlog.Position                 { return 1_000_000 }
func (l *longLog) Position() eventlog.Position            { return eventlog.Position(l.reads) }

func (l *longLog) Next(ctx context.Context) ([]eventlog.Record, error) {
	if l.reads++; l.reads == 1 {
		l.first()
	}
	if l.reads > 100 {
		return l.silent.Next(ctx)
	}
	return make([]eventlog.Record, 1000), nil
}

func TestAStopDoesNotWaitUntilALongLogIsCounted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	log := &longLog{silent: silent{stored{}}, first: stop}
	if err := New(Options{Log: log, Projects: func() []Project { return nil }}).Run(ctx); err != nil || log.reads > 1 {
		t.Errorf("%d times something was read, %v", log.reads, err)
	}
}

// brokenLog has readers that cannot be opened, or do not read, for these reasons in turn; then they bring a record and nothing more.
type brokenLog struct {
	unopened, unread []error
}

func (l *brokenLog) Reader(string) (eventlog.Reader, error) {
	return &brokenReader{log: l, silent: silent{stored{}}}, shift(&l.unopened)
}

func (l *brokenLog) End() eventlog.Position {
	if l.unread == nil {
		return 0
	}
	return 1
}

type brokenReader struct {
	silent
	log *brokenLog
	at  eventlog.Position
}

func (r *brokenReader) Position() eventlog.Position { return r.at }

func (r *brokenReader) Next(ctx context.Context) ([]eventlog.Record, error) {
	if err := shift(&r.log.unread); err != nil {
		return nil, err
	}
	if r.at < r.log.End() {
		r.at = r.log.End()
		return []eventlog.Record{{Position: r.at}}, nil
	}
	return r.silent.Next(ctx)
}

func shift(errs *[]error) (first error) {
	if len(*errs) > 0 {
		first, *errs = (*errs)[0], (*errs)[1:]
	}
	return first
}

func TestALogThatCannotBeCountedIsToldOncePerReasonAndThatItIsAgain(t *testing.T) {
	gone, denied := errors.New("gone"), errors.New("denied")
	reasons := []error{gone, gone, gone, denied, denied, gone}
	for name, log := range map[string]*brokenLog{
		"not opened": {unopened: reasons},
		"not read":   {unread: reasons},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told bytes.Buffer
				r := New(Options{Log: log, Projects: func() []Project { return nil }, Logger: slog.New(slog.NewTextHandler(&told, nil))})
				ctx, stop := context.WithCancel(t.Context())
				go r.Run(ctx) //nolint:errcheck // it returns nil
				<-time.After(time.Minute)
				stop()
				synctest.Wait()
				var got []string
				for _, said := range regexp.MustCompile(`err=\w+|counted again`).FindAllString(told.String(), -1) {
					got = append(got, strings.TrimPrefix(said, "err="))
				}
				if want := []string{"gone", "denied", "gone", "counted again"}; !slices.Equal(got, want) {
					t.Errorf("told %q, want %q", got, want)
				}
			})
		})
	}
}

func FuzzSnapshot(f *testing.F) {
	p := Project{SDKKey: "demo", Datafile: mustParse(f, "7")}
	kept := newBook(10, New(Options{}).options.Logger, noon)
	kept.begin([]Project{p})
	for _, v := range []string{seen("v", sortID, price, 5), did("v", purchase, 6, 300), did("v", purchase, 8, 300), seen("w", colourID, red, 5), did("x", newsOut, 6, 1)} {
		kept.add("demo", noon(), eventlogtest.MustDecode(f, "", relaytest.Body(v)).Events)
	}
	state := stored{}
	mustKeep(f, newSaver(state), kept)
	f.Add([]byte("no gob"), []byte(nil), []byte(nil), []byte(nil))
	f.Add(state[headKey], state[visitorRows.key("demo", 0)], state[exposureRows.key("demo", 0)], state[conversionRows.key("demo", 0)])
	f.Fuzz(func(_ *testing.T, head, visitors, exposures, conversions []byte) {
		b := newBook(10, New(Options{}).options.Logger, noon)
		s := newSaver(stored{
			headKey:                       head,
			visitorRows.key("demo", 0):    visitors,
			exposureRows.key("demo", 0):   exposures,
			conversionRows.key("demo", 0): conversions,
		})
		if s.load(b) != nil {
			return
		}
		for _, t := range b.tallies {
			for _, x := range t.experiments {
				x.timeline.catchUp(t, x, filter{})
			}
		}
	})
}

func TestASnapshotIsReadBackAsItWasOverManyPages(t *testing.T) {
	const visitors = 3*pageRows + 7
	book := crowd(t, visitors)
	state := stored{}
	mustKeep(t, newSaver(state), book)
	again := newBook(visitors, New(Options{}).options.Logger, noon)
	if err := newSaver(state).load(again); err != nil {
		t.Fatal(err)
	}
	was, is := book.tallies["demo"], again.tallies["demo"]
	if !reflect.DeepEqual(was.visitors.rows, is.visitors.rows) || !reflect.DeepEqual(was.exposures, is.exposures) || !reflect.DeepEqual(was.conversions, is.conversions) {
		t.Error("the rows are others")
	}
	delete(state, exposureRows.key("demo", 1))
	if err := newSaver(state).load(again); !errors.Is(err, errSnapshot) {
		t.Errorf("without one of its pages: %v", err)
	}
}

func TestASnapshotWritesOnlyThePagesThatHaveChanged(t *testing.T) {
	const visitors = 3*pageRows + 7
	book := crowd(t, visitors)
	state := stored{}
	s := newSaver(state)
	mustKeep(t, s, book)
	count(book, visitors)      // somebody new
	count(book, pageRows+1000) // somebody known, again: nothing new about them
	n, err := s.take(book)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, change := range n.changes {
		keys = append(keys, change.Key)
	}
	slices.Sort(keys)
	want := []string{headKey, exposureRows.key("demo", 3), visitorRows.key("demo", 3)}
	if diff := cmp.Diff(want, keys); diff != "" {
		t.Error(diff)
	}
}

const headKey = headPrefix + "00000000"

func newSaver(reader eventlog.Reader) *saver {
	s := &saver{reader: reader, maxBehind: 64 << 20, duplicates: func(string) int64 { return 0 }}
	return s
}

func mustKeep(tb testing.TB, s *saver, b *book) {
	tb.Helper()
	n, err := s.take(b)
	if err == nil {
		err = s.keep(n, 1)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// stored is a reader of nothing but its state.
type stored map[string][]byte

func (s stored) State(visit func(string, []byte) error) error {
	for _, key := range slices.Sorted(maps.Keys(s)) {
		if err := visit(key, s[key]); err != nil {
			return err
		}
	}
	return nil
}

func (s stored) Commit(_ eventlog.Position, changes ...eventlog.Entry) error {
	for _, change := range changes {
		s[change.Key] = change.Value
	}
	return nil
}
func (stored) Next(context.Context) ([]eventlog.Record, error) { return nil, context.Canceled }
func (stored) Position() eventlog.Position                     { return 0 }
func (stored) Close() error                                    { return nil }

// BenchmarkSnapshotOfAMillionVisitors measures how long counting stands still for one, after a thousand visitors more.
func BenchmarkSnapshotOfAMillionVisitors(b *testing.B) {
	book, _ := million(b)
	s := newSaver(stored{})
	mustKeep(b, s, book)
	b.ResetTimer()
	next, written := int64(1_000_000), 0
	for b.Loop() {
		b.StopTimer()
		for range 1000 {
			count(book, next)
			next++
		}
		b.StartTimer()
		n, err := s.take(book)
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		for _, change := range n.changes {
			written += len(change.Value)
		}
		if err := s.keep(n, 1); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(s.size)/1e6, "MB")
	b.ReportMetric(float64(written)/float64(b.N)/1e6, "MB-written")
}

// BenchmarkFollow counts records as the log gives them, from their text on.
func BenchmarkFollow(b *testing.B) {
	const visitors = 20
	r := New(Options{Projects: func() []Project { return []Project{{SDKKey: "demo", Datafile: mustParse(b, "7")}} }, Now: noon})
	project := r.options.Projects()
	r.options.Projects = func() []Project { return project }
	into := newBook(5_000_000, r.options.Logger, noon)
	n := int64(0)
	for b.Loop() {
		var objects []string
		b.StopTimer()
		for range visitors / 2 {
			n++
			name := fmt.Sprint("visitor ", n)
			objects = append(objects, seen(name, sortID, price, noon().UnixMilli()+n), did(name, purchase, noon().UnixMilli()+n, 300))
		}
		records := []eventlog.Record{{SDKKey: "demo", Received: noon(), Body: relaytest.Body(objects...)}}
		b.StartTimer()
		r.count(into, records, 1)
	}
	b.ReportMetric(visitors*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
