package results

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
			err = reader.Commit(h.log.End(), eventlog.Entry{Key: "book/00000000", Value: []byte(value)})
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

// silent is a reader of a log that gets no more records.
type silent struct{ stored }

func (silent) Next(ctx context.Context) ([]eventlog.Record, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func FuzzSnapshot(f *testing.F) {
	f.Add([]byte("no gob"))
	p := Project{SDKKey: "demo", Datafile: mustParse(f, "7")}
	kept := newBook(10, New(Options{}).options.Logger, noon)
	kept.begin([]Project{p})
	for _, v := range []string{seen("v", sortID, price, 5), did("v", purchase, 6, 300), did("v", purchase, 8, 300), seen("w", colourID, red, 5), did("x", newsOut, 6, 1)} {
		kept.add("demo", noon(), eventlogtest.MustDecode(f, "", relaytest.Body(v)).Events)
	}
	var into committed
	if err := (&saver{reader: &into, duplicates: func(string) int64 { return 0 }}).save(kept, 1); err != nil {
		f.Fatal(err)
	}
	f.Add(into.value)
	f.Fuzz(func(_ *testing.T, value []byte) {
		b := newBook(10, New(Options{}).options.Logger, noon)
		s := &saver{reader: stored(value), duplicates: func(string) int64 { return 0 }}
		if s.load(b) != nil {
			return
		}
		for _, t := range b.tallies {
			for _, x := range t.experiments {
				x.timeline.catchUp(t, x)
			}
		}
	})
}

// committed is a reader that keeps the first value of its state.
type committed struct {
	stored
	value []byte
}

func (k *committed) Commit(_ eventlog.Position, changes ...eventlog.Entry) error {
	k.value = changes[0].Value
	return nil
}

// stored is a reader whose state is one value.
type stored []byte

func (s stored) State(visit func(string, []byte) error) error    { return visit("book/00000000", s) }
func (stored) Next(context.Context) ([]eventlog.Record, error)   { return nil, context.Canceled }
func (stored) Commit(eventlog.Position, ...eventlog.Entry) error { return nil }
func (stored) Position() eventlog.Position                       { return 0 }
func (stored) Close() error                                      { return nil }

// discarding is a reader that keeps nothing.
type discarding struct{ stored }

func (discarding) Commit(eventlog.Position, ...eventlog.Entry) error { return nil }

func BenchmarkSnapshotOfAMillionVisitors(b *testing.B) {
	book, _ := million(b)
	s := &saver{reader: discarding{}, duplicates: func(string) int64 { return 0 }}
	b.ResetTimer()
	for b.Loop() {
		if err := s.save(book, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(s.size)/1e6, "MB")
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
