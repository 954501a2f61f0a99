package relaytest

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// EventBatch is one request body an [EventAPI] accepted, as far as tests look into it.
type EventBatch struct {
	AccountID     string         `json:"account_id"`
	ProjectID     string         `json:"project_id"`
	Revision      string         `json:"revision"`
	ClientName    string         `json:"client_name"`
	ClientVersion string         `json:"client_version"`
	Visitors      []EventVisitor `json:"visitors"`

	Raw    string      `json:"-"` // the body as it came
	Header http.Header `json:"-"`
}

// EventVisitor is one visitor of an [EventBatch].
type EventVisitor struct {
	VisitorID string `json:"visitor_id"`
	Snapshots []struct {
		Events []struct {
			Key  string `json:"key"`
			UUID string `json:"uuid"`
		} `json:"events"`
	} `json:"snapshots"`
}

// UUIDs returns the uuid of every event of the batch, in order.
func (b EventBatch) UUIDs() []string {
	var uuids []string
	for _, visitor := range b.Visitors {
		for _, snapshot := range visitor.Snapshots {
			for _, event := range snapshot.Events {
				uuids = append(uuids, event.UUID)
			}
		}
	}
	return uuids
}

// Answer is how an [EventAPI] treats a request. The zero value takes the batch with 204.
type Answer struct {
	// Status other than zero and 2xx refuses the batch, which is then not recorded.
	Status int
	// RetryAfter is sent as the header of that name unless it is empty.
	RetryAfter string
	// Lost records the batch and then drops the connection, as a network does
	// that fails between the upstream's work and its answer.
	Lost bool
	// Until holds the answer back until the channel is closed or the client gone.
	Until <-chan struct{}
}

// EventAPI stands in for Optimizely's event API. It takes every batch with 204
// unless told otherwise.
type EventAPI struct {
	// URL is where to POST batches.
	URL string

	requests journal[time.Time]
	batches  journal[EventBatch]

	mu     sync.Mutex
	answer func(EventBatch) Answer
	next   []Answer
}

// NewEventAPI starts an event API that is closed when the test ends.
func NewEventAPI(tb testing.TB) *EventAPI {
	tb.Helper()
	api := &EventAPI{}
	server := httptest.NewServer(api)
	tb.Cleanup(server.Close)
	// Connections left open by the code under test would hold up Close.
	tb.Cleanup(server.CloseClientConnections)
	api.URL = server.URL + "/v1/events"
	return api
}

// Always gives every later request the answer.
func (a *EventAPI) Always(answer Answer) {
	a.Decide(func(EventBatch) Answer { return answer })
}

// Decide lets the function choose the answer to every later request.
func (a *EventAPI) Decide(answer func(EventBatch) Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = answer
}

// Next gives the next requests these answers, one each, before what Always or
// Decide said holds again.
func (a *EventAPI) Next(answers ...Answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = append(a.next, answers...)
}

// ServeHTTP implements [http.Handler].
func (a *EventAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	batch, err := readBatch(r)
	answer := a.choose(batch)
	a.requests.add(time.Now())
	if answer.Until != nil {
		select {
		case <-answer.Until:
		case <-r.Context().Done():
			return
		}
	}
	if answer.RetryAfter != "" {
		w.Header().Set("Retry-After", answer.RetryAfter)
	}
	switch {
	case answer.Status != 0 && answer.Status/100 != 2:
		w.WriteHeader(answer.Status)
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	default:
		a.batches.add(batch)
		if answer.Lost {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func (a *EventAPI) choose(batch EventBatch) Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.next) > 0 {
		answer := a.next[0]
		a.next = a.next[1:]
		return answer
	}
	if a.answer != nil {
		return a.answer(batch)
	}
	return Answer{}
}

func readBatch(r *http.Request) (EventBatch, error) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		zipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return EventBatch{}, fmt.Errorf("event api: %w", err)
		}
		body = zipped
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return EventBatch{}, fmt.Errorf("event api: %w", err)
	}
	batch := EventBatch{Raw: string(raw), Header: r.Header.Clone()}
	if err := json.Unmarshal(raw, &batch); err != nil {
		return EventBatch{}, fmt.Errorf("event api: %w", err)
	}
	return batch, nil
}

// Batches returns every batch taken so far, in order of arrival.
func (a *EventAPI) Batches() []EventBatch { return a.batches.all() }

// UUIDs counts how often each event was taken.
func (a *EventAPI) UUIDs() map[string]int {
	counts := map[string]int{}
	count(counts, a.batches.all())
	return counts
}

// WaitEvents waits until at least n different events were taken and returns
// how often each was.
func (a *EventAPI) WaitEvents(tb testing.TB, n int) map[string]int {
	tb.Helper()
	counts, counted := map[string]int{}, 0
	a.batches.wait(tb, fmt.Sprintf("batches with %d different events", n), func(batches []EventBatch) bool {
		count(counts, batches[counted:])
		counted = len(batches)
		return len(counts) >= n
	})
	return counts
}

// WaitRequests waits until at least n requests arrived, whatever the answer,
// and returns when each did.
func (a *EventAPI) WaitRequests(tb testing.TB, n int) []time.Time {
	tb.Helper()
	return a.requests.wait(tb, fmt.Sprintf("%d requests", n), func(r []time.Time) bool { return len(r) >= n })
}

func count(counts map[string]int, batches []EventBatch) {
	for _, batch := range batches {
		for _, uuid := range batch.UUIDs() {
			counts[uuid]++
		}
	}
}
