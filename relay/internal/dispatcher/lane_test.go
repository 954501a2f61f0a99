package dispatcher

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

var errRead = errors.New("the disk is gone")

// brokenLog has readers whose first Next fails.
type brokenLog struct {
	*eventlog.Log
	closed *atomic.Bool // the next reader is not to be had; nil is false
	asked  func()       // is told of each Next; may be nil
}

type brokenReader struct {
	eventlog.Reader
	log    brokenLog
	failed bool
}

func (l brokenLog) Reader(name string) (eventlog.Reader, error) {
	if l.closed != nil && l.closed.Swap(false) {
		return nil, errRead
	}
	reader, err := l.Log.Reader(name)
	return &brokenReader{Reader: reader, log: l}, err
}

func (r *brokenReader) Next(ctx context.Context) ([]eventlog.Record, error) {
	if r.log.asked != nil {
		r.log.asked()
	}
	if !r.failed {
		r.failed = true
		return nil, errRead
	}
	return r.Reader.Next(ctx)
}

func TestALogThatCannotBeReadIsTriedAgain(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{})
	o := h.options
	o.Log, o.Projects = brokenLog{Log: h.log}, []Project{project("one", api.URL)}
	d := New(o)
	h.mustAppend("one", "a")
	stop := relaytest.MustRun(t, "dispatcher", d.Run)
	defer stop()
	api.WaitEvents(t, 1)
	if status := d.Statuses()[0]; status.LastError != errRead.Error() {
		t.Errorf("status: %+v", status)
	}
}

func TestALaneIsNotStuckOnALogThatCanBeReadAgain(t *testing.T) {
	h := mustStart(t, Options{})
	h.mustAppend("another", "a")
	stuck := make(chan int, 10)
	var d *Dispatcher
	log := brokenLog{Log: h.log, closed: new(atomic.Bool), asked: func() { stuck <- d.Statuses()[0].Attempts }}
	log.closed.Store(true)
	o := h.options
	o.Log, o.Projects = log, []Project{project("one", "http://127.0.0.1:1")}
	d = New(o)
	defer relaytest.MustRun(t, "dispatcher", d.Run)()
	for i, want := range []int{0, 1, 0} { // once there is a reader, when its Next has failed, and behind what is another project's
		select {
		case got := <-stuck:
			if got != want {
				t.Errorf("at read %d there are said to be %d failed attempts in a row, not %d", i+1, got, want)
			}
		case <-relaytest.Context(t).Done():
			t.Fatal("the log is not read")
		}
	}
}

// countedLog counts how often it is asked how much is pending.
type countedLog struct {
	brokenLog
	looks *atomic.Int64
}

func (l countedLog) Pending(at eventlog.Position) int64 {
	l.looks.Add(1)
	return l.brokenLog.Pending(at)
}

func TestALaneHardlyLooksForMoreBehindWhatIsAnothers(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{})
	looks, asked := new(atomic.Int64), make(chan struct{}, 10)
	o := h.options
	o.Log = countedLog{brokenLog{Log: h.log, asked: func() { asked <- struct{}{} }}, looks}
	o.Projects = []Project{project("one", api.URL)}
	defer relaytest.MustRun(t, "dispatcher", New(o).Run)()
	next := func() {
		select {
		case <-asked:
		case <-relaytest.Context(t).Done():
			t.Fatal("the log is not read")
		}
	}
	next() // which fails, as the first does
	next()
	for key, most := range map[string]int64{"another": 1, "one": 10} {
		looks.Store(0)
		h.mustAppend(key, "of "+key)
		next()
		if got := looks.Load(); got > most {
			t.Errorf("behind an event of %s it looks %d times, not %d at most", key, got, most)
		}
	}
}

// garbledLog has readers to whom one body is not as it was kept.
type garbledLog struct {
	*eventlog.Log
	from, to string
}

type garbledReader struct {
	eventlog.Reader
	log garbledLog
}

func (l garbledLog) Reader(name string) (eventlog.Reader, error) {
	reader, err := l.Log.Reader(name)
	return garbledReader{reader, l}, err
}

func (r garbledReader) Next(ctx context.Context) ([]eventlog.Record, error) {
	records, err := r.Reader.Next(ctx)
	for i, record := range records {
		if record.Body == r.log.from {
			records[i] = eventlog.Record{Position: record.Position, Received: record.Received, SDKKey: record.SDKKey, Body: r.log.to}
		}
	}
	return records, err
}

// fullLog is a log on a disk that has no room for cursors, for a while.
type fullLog struct {
	Log
	full atomic.Bool
}

func (l *fullLog) Reader(name string) (eventlog.Reader, error) {
	r, err := l.Log.Reader(name)
	return fullReader{r, l}, err
}

type fullReader struct {
	eventlog.Reader
	log *fullLog
}

func (r fullReader) Commit(at eventlog.Position, changes ...eventlog.Entry) error {
	if r.log.full.Load() {
		return syscall.ENOSPC
	}
	return r.Reader.Commit(at, changes...)
}

func TestADiskWithoutRoomForWhatIsDeliveredIsToldOnceAndThatItHasAgain(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	var told bytes.Buffer
	h := mustStart(t, Options{Projects: []Project{project("shop", api.URL)}})
	h.stop()
	log, err := eventlog.Open(h.dir, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	stopLog := relaytest.MustRun(t, "event log", log.Run)
	defer stopLog()
	full := &fullLog{Log: log}
	full.full.Store(true)
	o := h.options
	o.Log, o.Logger = full, slog.New(slog.NewTextHandler(&told, nil))
	stop := relaytest.MustRun(t, "dispatcher", New(o).Run)
	deliver := func(n int) {
		eventlogtest.MustAppend(t, log, "shop", body(fmt.Sprint(n)))
		api.WaitEvents(t, n)
	}
	for n := 1; n <= 5; n++ {
		deliver(n)
	}
	full.full.Store(false)
	deliver(6)
	stop()
	if failed, well := strings.Count(told.String(), "cannot be noted"), strings.Count(told.String(), "is noted again"); failed != 1 || well != 1 {
		t.Errorf("told %d and %d times:\n%s", failed, well, &told)
	}
}

func TestABatchThatCannotBeReadIsPutAsideAlone(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{})
	for _, uuid := range []string{"a", "b", "c"} {
		h.mustAppend("one", uuid)
	}
	o := h.options
	o.Log, o.Projects = garbledLog{h.log, body("b"), "garbled"}, []Project{project("one", api.URL)}
	defer relaytest.MustRun(t, "dispatcher", New(o).Run)()
	api.WaitEvents(t, 2)
	if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"a", "c"}) || len(api.WaitRequests(t, 2)) != 2 {
		t.Errorf("delivered: %q, by %d requests", got, len(api.WaitRequests(t, 2)))
	}
	letters := h.mustLetters()
	if len(letters) != 1 || letters[0].Request != "garbled" || letters[0].Status != http.StatusBadRequest || letters[0].Reason == "" {
		t.Errorf("dead letters: %+v", letters)
	}
}
