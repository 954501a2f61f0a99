package dispatcher

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
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
	return Project{key, func() string { return url }, func() bool { return true }, func(string) bool { return false }}
}

func mustStart(tb testing.TB, o Options) *house {
	tb.Helper()
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
	one := project("one", api.URL)
	one.Owns = func(projectID string) bool {
		asked <- projectID
		return true
	}
	h := mustStart(t, Options{Projects: []Project{project("sandbox", ""), one}})
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
	}, func() bool { return true }, func(string) bool { return false }}}})
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
