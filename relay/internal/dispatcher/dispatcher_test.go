package dispatcher

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// house is an event log with a dispatcher that can be stopped and started again.
type house struct {
	tb      testing.TB
	dir     string
	options Options

	log     *eventlog.Log
	letters *letterBox
	d       *Dispatcher
	stop    func() // stops both
}

func project(key, url string) Project {
	return Project{key, func() string { return url }, func() bool { return true }}
}

func mustStart(tb testing.TB, o Options) *house {
	tb.Helper()
	if o.Owner == nil {
		o.Owner = func(string) string { return "" }
	}
	o.MinBackoff, o.MaxBackoff, o.Gather = time.Millisecond, 10*time.Millisecond, time.Nanosecond
	h := &house{tb: tb, dir: tb.TempDir(), options: o}
	h.start()
	tb.Cleanup(func() { h.stop() })
	return h
}

func (h *house) start() {
	h.tb.Helper()
	log, err := eventlog.Open(h.dir, eventlog.Options{})
	if err != nil {
		h.tb.Fatal(err)
	}
	h.log = log
	stopLog := relaytest.MustRun(h.tb, "event log", log.Run)
	if h.letters, err = openLetters(log.State(), maxLetterBytes); err != nil {
		h.tb.Fatal(err)
	}
	h.options.Log, h.options.Letters = log, h.letters
	h.d = New(h.options)
	stopDispatcher := relaytest.MustRun(h.tb, "dispatcher", h.d.Run)
	h.stop = func() {
		stopDispatcher()
		stopLog()
		if err := log.Close(); err != nil {
			h.tb.Error(err)
		}
		h.stop = func() {}
	}
}

func (h *house) restart() {
	h.tb.Helper()
	h.stop()
	h.start()
}

func (h *house) mustAppend(sdkKey string, uuids ...string) {
	h.tb.Helper()
	eventlogtest.MustAppend(h.tb, h.log, sdkKey, body(uuids...))
}

func (h *house) mustLetters() []Letter {
	h.tb.Helper()
	var letters []Letter
	for letter, err := range h.d.Letters("") {
		if err != nil {
			h.tb.Fatal(err)
		}
		letters = append(letters, letter)
	}
	return letters
}

func body(uuids ...string) string {
	visitors := make([]string, len(uuids))
	for i, uuid := range uuids {
		visitors[i] = relaytest.Conversion("visitor", "9", "bought", uuid, 1000, 0)
	}
	return relaytest.Body(visitors...)
}

func uuidsOf(batches []relaytest.EventBatch) (uuids []string) {
	for _, batch := range batches {
		uuids = append(uuids, batch.UUIDs()...)
	}
	return uuids
}

func TestEventsArriveInOrderOnceAndStayDelivered(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	var want []string
	for i := range 100 {
		want = append(want, fmt.Sprint(i))
		h.mustAppend("one", want[i])
	}
	api.WaitEvents(t, 100)
	h.restart()
	h.mustAppend("one", "after the restart")
	api.WaitEvents(t, 101)
	if got := uuidsOf(api.Batches()); !slices.Equal(got, append(want, "after the restart")) {
		t.Errorf("delivered: %q", got)
	}
	if batch := api.Batches()[0]; batch.Header.Get("Content-Type") != "application/json" || batch.ClientName != "javascript-sdk" {
		t.Errorf("the first batch: %+v", batch)
	}
}

func TestAfterMuchIsDeliveredNothingWaitsForMore(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	h.options.Gather = time.Hour
	h.restart()
	much := strings.Repeat("x", manyBytes) // though little of the log, which packs it
	for _, uuid := range []string{"a", "b", "c"} {
		eventlogtest.MustAppend(t, h.log, "one", relaytest.Body(relaytest.Conversion(much, "9", "bought", uuid, 1000, 0)))
	}
	api.WaitEvents(t, 3)
}

func TestABatchTravelsAsItsSenderWroteIt(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	text := body("a", "b")
	eventlogtest.MustAppend(t, h.log, "one", text)
	api.WaitEvents(t, 2)
	if got := api.Batches()[0].Raw; got != text {
		t.Errorf("sent  %s\nkept %s", got, text)
	}
}

func TestWhatGathersDuringARequestGoesTogetherWhereContextsAgree(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	gate := make(chan struct{})
	api.Next(relaytest.Answer{Until: gate})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	h.mustAppend("one", "first") // is held back, and these gather behind it
	for _, uuid := range []string{"a", "b"} {
		h.mustAppend("one", uuid)
	}
	eventlogtest.MustAppend(t, h.log, "one", strings.Replace(body("c"), `"revision":"7"`, `"revision":"8"`, 1))
	h.mustAppend("one", "d")
	close(gate)
	api.WaitEvents(t, 5)
	for _, batch := range api.Batches() {
		if c := slices.Contains(batch.UUIDs(), "c"); c != (batch.Revision == "8") || c && len(batch.Visitors) != 1 {
			t.Errorf("batch of revision %s holds %q", batch.Revision, batch.UUIDs())
		}
	}
	if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"first", "a", "b", "c", "d"}) {
		t.Errorf("delivered: %q", got)
	}
}

func TestAnUpstreamThatFailsIsTriedUntilItTakesTheEvents(t *testing.T) {
	for name, failure := range map[string]relaytest.Answer{
		"503":               {Status: http.StatusServiceUnavailable},
		"500":               {Status: http.StatusInternalServerError},
		"429":               {Status: http.StatusTooManyRequests},
		"408":               {Status: http.StatusRequestTimeout},
		"a redirect":        {Status: http.StatusFound},
		"a lost connection": {Lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			api.Next(failure, failure, failure)
			h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
			h.mustAppend("one", "a")
			api.WaitRequests(t, 4)
			api.WaitEvents(t, 1)
			if letters := h.mustLetters(); len(letters) > 0 {
				t.Errorf("dead letters: %+v", letters)
			}
		})
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	api.Next(relaytest.Answer{Status: http.StatusServiceUnavailable, RetryAfter: "1"})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	h.mustAppend("one", "a")
	times := api.WaitRequests(t, 2)
	if pause := times[1].Sub(times[0]); pause < time.Second {
		t.Errorf("tried again after %v", pause)
	}
}

func TestAProjectThatIsStuckHoldsUpNoOther(t *testing.T) {
	down, up := relaytest.NewEventAPI(t), relaytest.NewEventAPI(t)
	down.Always(relaytest.Answer{Status: http.StatusServiceUnavailable})
	h := mustStart(t, Options{Projects: []Project{project("stuck", down.URL), project("well", up.URL)}})
	for i := range 20 {
		h.mustAppend("stuck", fmt.Sprint("stuck ", i))
		h.mustAppend("well", fmt.Sprint("well ", i))
	}
	up.WaitEvents(t, 20)
	down.WaitRequests(t, 2)

	stuck, well := h.d.Statuses()[0], h.d.Statuses()[1]
	if stuck.Backlog == 0 || stuck.Attempts == 0 || !strings.HasPrefix(stuck.LastError, "503 Service Unavailable") || stuck.NextRetry.IsZero() ||
		stuck.Failures == 0 || stuck.Oldest.IsZero() {
		t.Errorf("status of the stuck project: %+v", stuck)
	}
	if well.Attempts != 0 || well.LastError != "" || !well.NextRetry.IsZero() {
		t.Errorf("status of the other: %+v", well)
	}

	down.Always(relaytest.Answer{})
	if counts := down.WaitEvents(t, 20); len(counts) != 20 {
		t.Errorf("delivered: %v", counts)
	}
	h.mustPass("stuck")
	if status := h.d.Statuses()[0]; status.Attempts != 0 || !status.NextRetry.IsZero() || status.Delivered != 20 || status.Failures == 0 {
		t.Errorf("status of the project that is stuck no more: %+v", status)
	}
}

func TestOneBadVisitorGoesToTheDeadLettersAlone(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	gate := make(chan struct{})
	api.Next(relaytest.Answer{Until: gate})
	api.Decide(func(batch relaytest.EventBatch) relaytest.Answer {
		if slices.Contains(batch.UUIDs(), "bad") {
			return relaytest.Answer{Status: http.StatusBadRequest}
		}
		return relaytest.Answer{}
	})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	h.mustAppend("one", "first")
	h.mustAppend("one", "a", "b")
	h.mustAppend("one", "c", "bad", "d")
	h.mustAppend("one", "e")
	close(gate)
	api.WaitEvents(t, 6)
	if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"first", "a", "b", "c", "d", "e"}) {
		t.Errorf("delivered: %q", got)
	}
	h.restart()
	letters := h.mustLetters()
	if len(letters) != 1 || letters[0].Status != http.StatusBadRequest || letters[0].SDKKey != "one" || letters[0].Request != body("bad") {
		t.Errorf("dead letters: %+v", letters)
	}
	h.mustAppend("one", "last")
	if counts := api.WaitEvents(t, 7); counts["a"] != 1 {
		t.Errorf("delivered again: %v", counts)
	}
}

func TestManyBadVisitorsAreToldOnceAndEachRefusalIsCounted(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	gate := make(chan struct{})
	api.Next(relaytest.Answer{Until: gate})
	api.Decide(func(batch relaytest.EventBatch) relaytest.Answer {
		if slices.ContainsFunc(batch.UUIDs(), func(uuid string) bool { return strings.HasPrefix(uuid, "bad") }) {
			return relaytest.Answer{Status: http.StatusBadRequest}
		}
		return relaytest.Answer{}
	})
	var told bytes.Buffer
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Logger: slog.New(slog.NewTextHandler(&told, nil))})
	h.mustAppend("one", "first")
	h.mustAppend("one", "bad1", "bad2", "bad3", "bad4")
	h.mustAppend("one", "last")
	close(gate)
	api.WaitEvents(t, 2)
	h.stop()
	if lines := strings.Count(told.String(), "set aside"); lines != 1 || !strings.Contains(told.String(), "events=4 letters=4") {
		t.Errorf("told %d times:\n%s", lines, &told)
	}
	status := h.d.Statuses()[0]
	refused := int64(len(api.WaitRequests(t, 1))) - 2 // but for those with the first and the last
	if status.Failures < 7 || status.Failures != refused {
		t.Errorf("%d failures of %d requests that were refused", status.Failures, refused)
	}
}

func TestARequestThatIsForbiddenIsPutAsideWhole(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	api.Next(relaytest.Answer{Status: http.StatusForbidden})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	h.mustAppend("one", "a", "b")
	h.mustAppend("one", "c")
	api.WaitEvents(t, 1)
	if letters := h.mustLetters(); len(letters) != 1 || letters[0].Status != http.StatusForbidden || !strings.Contains(letters[0].Request, `"b"`) {
		t.Errorf("dead letters: %+v", letters)
	}
	if requests := api.WaitRequests(t, 2); len(requests) != 2 {
		t.Errorf("%d requests", len(requests))
	}
}

func TestEventsWithoutADestinationArePassedOver(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	asked := make(chan string, 100)
	h := mustStart(t, Options{
		Projects: []Project{project("sandbox", ""), project("one", api.URL)},
		Owner: func(projectID string) string {
			asked <- projectID
			return "one"
		},
	})
	h.mustAppend("sandbox", "of the sandbox")
	h.mustAppend("nobody", "of nobody")
	h.mustAppend("", "of one")
	if counts := api.WaitEvents(t, 1); counts["of one"] != 1 || len(counts) != 1 {
		t.Errorf("delivered: %v", counts)
	}
	if id := <-asked; id != relaytest.ProjectID {
		t.Errorf("asked for the owner of %q", id)
	}
}

// keyless is a project that owns what came without an SDK key as soon as its datafile is there.
func keyless(url string) (o Options, arrive func()) {
	var there atomic.Bool
	owner := func(string) string {
		if there.Load() {
			return "one"
		}
		return ""
	}
	one := Project{"one", func() string { return url }, there.Load}
	return Options{Projects: []Project{one}, Owner: owner}, func() { there.Store(true) }
}

// mustWait waits until a delivery is tried again.
func (h *house) mustWait() {
	h.tb.Helper()
	for timeout := time.After(relaytest.Patience); h.d.Statuses()[0].Attempts < 2; {
		select {
		case <-timeout:
			h.tb.Fatalf("it waits for nothing: %+v", h.d.Statuses()[0])
		case <-time.After(time.Millisecond):
		}
	}
}

func TestEventsWithoutAnSDKKeyWaitForTheDatafileThatTellsWhoseTheyAre(t *testing.T) {
	for name, meanwhile := range map[string]func(*house){
		"while it runs":    func(*house) {},
		"across a restart": func(h *house) { h.restart(); h.mustWait() },
	} {
		t.Run(name, func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			o, arrive := keyless(api.URL)
			h := mustStart(t, o)
			h.mustAppend("", "a")
			h.mustAppend("one", "b")
			h.mustWait()
			meanwhile(h)
			arrive()
			h.mustPass("one")
			if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("delivered: %q", got)
			}
			if status := h.d.Statuses()[0]; status.Attempts != 0 || !status.NextRetry.IsZero() {
				t.Errorf("status: %+v", status)
			}
		})
	}
}

func TestEventsWithoutAnSDKKeyHoldUpNothingForEver(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	o, _ := keyless(api.URL)
	o.Patience = 20 * time.Millisecond
	h := mustStart(t, o)
	h.mustAppend("", "a")
	h.mustAppend("one", "b")
	h.mustPass("one")
	h.mustAppend("", "c")
	h.mustAppend("one", "d")
	h.mustPass("one")
	if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"b", "d"}) {
		t.Errorf("delivered: %q", got)
	}
	if status := h.d.Statuses()[0]; status.Attempts != 0 || !status.NextRetry.IsZero() {
		t.Errorf("status: %+v", status)
	}
}

// mustPass waits until nothing of the log is left to do for a project, durably: until then the log keeps it.
func (h *house) mustPass(sdkKey string) {
	h.tb.Helper()
	for timeout := time.After(relaytest.Patience); ; {
		reader, err := h.log.Reader(ReaderName(sdkKey))
		if err != nil {
			h.tb.Fatal(err)
		}
		at := reader.Position()
		if err := reader.Close(); err != nil {
			h.tb.Fatal(err)
		}
		if at == h.log.End() && !slices.ContainsFunc(h.d.Statuses(), func(s Status) bool { return s.SDKKey == sdkKey && s.Backlog > 0 }) {
			return
		}
		select {
		case <-timeout:
			h.tb.Fatalf("%s is at %v, the log ends at %v; %+v", sdkKey, at, h.log.End(), h.d.Statuses())
		case <-time.After(time.Millisecond):
		}
	}
}

func TestALogNeedNotKeepWhatIsDeliveredOrAnothers(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL), project("idle", api.URL)}})
	h.mustAppend("one", "a")
	h.mustPass("one")
	h.mustPass("idle")
	h.mustAppend("one", "b")
	h.mustPass("one") // at once, and idle when there is more
	eventlogtest.MustAppend(t, h.log, "one", relaytest.Body(relaytest.Conversion(relaytest.Noise(passBytes), "9", "bought", "much", 1000, 0)))
	h.mustPass("one")
	h.mustPass("idle")
}

func TestAnUpstreamThatIsNotKnownYetIsAskedForAgain(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	asked := 0
	h := mustStart(t, Options{Projects: []Project{{"one", func() string {
		if asked++; asked < 5 {
			return "not-known-yet:"
		}
		return api.URL
	}, func() bool { return true }}}})
	h.mustAppend("one", "a")
	api.WaitEvents(t, 1)
}

func TestAStopLetsTheRequestUnderWayFinish(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	gate := make(chan struct{})
	arrived := make(chan struct{}, 1)
	api.Decide(func(relaytest.EventBatch) relaytest.Answer {
		arrived <- struct{}{}
		return relaytest.Answer{Until: gate}
	})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Grace: relaytest.Patience})
	h.mustAppend("one", "a")
	<-arrived
	ending := make(chan struct{})
	go func() {
		defer close(ending)
		h.stop()
	}()
	close(gate)
	<-ending
	h.start()
	h.mustAppend("one", "b")
	<-arrived
	if counts := api.WaitEvents(t, 2); counts["a"] != 1 {
		t.Errorf("delivered: %v", counts)
	}
}

func TestARequestCutOffByAStopIsSentAgain(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	never := make(chan struct{})
	arrived := make(chan struct{}, 1)
	api.Decide(func(relaytest.EventBatch) relaytest.Answer {
		arrived <- struct{}{}
		return relaytest.Answer{Until: never}
	})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Grace: time.Nanosecond})
	h.mustAppend("one", "a")
	<-arrived
	api.Always(relaytest.Answer{})
	h.restart()
	api.WaitEvents(t, 1)
}

func TestARequestThatHangsIsGivenUp(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	api.Next(relaytest.Answer{Until: make(chan struct{})})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Timeout: 50 * time.Millisecond})
	h.mustAppend("one", "a")
	api.WaitEvents(t, 1)
}

func TestRegionsHaveTheirEventAPI(t *testing.T) {
	for region, want := range map[string]string{"US": urlOfUS, "EU": urlOfEU, "": urlOfUS, "eu": urlOfUS} {
		if got := RegionURL(region); got != want {
			t.Errorf("region %q: %s", region, got)
		}
	}
}

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

// mustMisbehaveOnce serves an event API, but says something else on the first connection: as it is, and then nothing more.
func mustMisbehaveOnce(t *testing.T, api http.Handler, say string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := http.Server{Handler: api, ReadHeaderTimeout: relaytest.Patience}
	stop := relaytest.MustRun(t, "upstream", func(context.Context) error {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		defer conn.Close() //nolint:errcheck // the client may have closed it
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
			return err
		}
		_, _ = conn.Write([]byte(say)) // the client may not want all of it
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	t.Cleanup(func() {
		_ = server.Close()
		stop()
	})
	return "http://" + listener.Addr().String()
}

func TestAnUpstreamThatIsNoGoodHTTPIsTriedAgainAndBrieflyTold(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	var bomb strings.Builder
	zipped := gzip.NewWriter(&bomb)
	if _, err := zipped.Write(make([]byte, 8<<20)); err != nil {
		t.Fatal(err)
	}
	for name, upstream := range map[string]struct{ says, told string }{
		"another protocol":        {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", "101 Switching Protocols"},
		"a first line of control": {strings.Repeat("\x01", maxHeader/2) + "\r\n\r\n", "malformed HTTP response"},
		"a status without sense":  {"HTTP/1.1 " + strings.Repeat("2", maxHeader/2) + "\r\n\r\n", "malformed HTTP"},
		"headers without an end":  {ok + strings.Repeat("A: b\r\n", maxHeader), "headers exceeded"},
		"hints without an end":    {strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", maxHeader), "headers exceeded"},
		"a redirect elsewhere":    {"HTTP/1.1 307 No\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "307 Temporary Redirect"},
		"half an answer":          {ok + "Content-Le", "deadline exceeded"},
		"a body without an end":   {"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnever\r\n", "503 Service Unavailable: never"},
		"a body that inflates":    {"HTTP/1.1 503 No\r\nContent-Encoding: gzip\r\n\r\n" + bomb.String(), "503 Service Unavailable: \x00"},
	} {
		t.Run(name, func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			url := mustMisbehaveOnce(t, api, upstream.says)
			h := mustStart(t, Options{Projects: []Project{project("one", url)}, Timeout: 2 * time.Second})
			h.mustAppend("one", "a")
			api.WaitEvents(t, 1)
			told := h.d.Statuses()[0].LastError
			if !strings.Contains(told, upstream.told) || len(told) > 2*maxReason {
				t.Errorf("it is told as %.400q, %d bytes", told, len(told))
			}
		})
	}
}
