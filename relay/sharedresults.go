package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"sortition/relay/internal/acceptencoding"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/hub"
	"sortition/relay/internal/results"
	"sortition/relay/internal/server"
)

// sharedResults are those of a fleet: one relay counts, under a lease, and answers what the others are asked. What it shows
// to pages it publishes, so that every relay has that in memory, even while nobody counts.
type sharedResults struct {
	relay   *relay
	ready   chan struct{} // closed when there is something to show
	revised chan struct{} // holds one when a project has another datafile

	mu      sync.Mutex
	leading *accountant       // nil while another relay counts
	latest  map[string][]byte // what pages are shown, by SDK key
}

func (r *relay) newSharedResults() *sharedResults {
	return &sharedResults{relay: r, ready: make(chan struct{}), revised: make(chan struct{}, 1), latest: map[string][]byte{}}
}

// resultsName is the lease of the relay that counts, and what it is asked under.
const resultsName = "results"

// Run follows what is published, and counts whenever it is this relay's turn, until ctx ends.
func (s *sharedResults) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { s.relay.fleet.Watch(ctx, s.relay.fleet.Results, ">", s.show) })
	s.relay.lead()(ctx, resultsName, s.count)
	running.Wait()
	return nil
}

// show takes what the counting relay published of a project.
func (s *sharedResults) show(entry *fleet.Entry) {
	if entry == nil {
		return // that was all there is for now
	}
	object, err := unzip(entry.Value, maxUnzipped)
	if err != nil {
		s.relay.log.Error("results of the fleet cannot be read", "sdkKey", entry.Key, "err", err)
		return
	}
	s.mu.Lock()
	s.latest[entry.Key] = object
	s.mu.Unlock()
	select {
	case <-s.ready:
	default:
		close(s.ready)
	}
	s.relay.hub.ResultsChanged(entry.Key)
}

// count counts from where the last relay left off until ctx ends, and answers for the fleet once it has caught up.
func (s *sharedResults) count(ctx context.Context) {
	changed := make(chan []string, 1)
	counting := accountant{s.relay.newResults(func(sdkKeys []string) {
		select {
		case changed <- sdkKeys:
		case <-ctx.Done():
		}
	})}
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { _ = counting.Run(ctx) }) // it only ends with ctx
	select {
	case <-counting.Ready():
	case <-ctx.Done():
		return
	}
	s.lead(&counting)
	defer s.lead(nil)
	running.Go(func() {
		if err := s.relay.fleet.Answer(ctx, resultsName, s.answer); err != nil && ctx.Err() == nil {
			s.relay.log.Error("other relays cannot ask for results", "err", err)
		}
	})
	s.publishChanges(ctx, changed, counting.Revise, func(sdkKey string) error { return s.publish(ctx, counting, sdkKey) })
}

// publishAgain is the pause before what could not be published is tried again.
const publishAgain = 2 * time.Second

// publishChanges publishes what changes until ctx ends, and again what could not be: nothing may change for a whole night.
func (s *sharedResults) publishChanges(ctx context.Context, changed <-chan []string, revise func(), publish func(sdkKey string) error) {
	missed := map[string]bool{}
	var again <-chan time.Time // nil while none is due: changes of one project do not put off another's
	for {
		var sdkKeys []string
		select {
		case sdkKeys = <-changed:
		case <-s.revised:
			revise()
			sdkKeys = s.relay.settings.sdkKeys()
		case <-again:
			again, sdkKeys = nil, slices.Collect(maps.Keys(missed))
		case <-ctx.Done():
			return
		}
		for _, key := range sdkKeys {
			err := publish(key)
			if err == nil {
				delete(missed, key)
				continue
			}
			if !missed[key] && ctx.Err() == nil {
				s.relay.log.Warn("new results are not shown by the other relays yet", "sdkKey", key, "err", err)
			}
			missed[key] = true
		}
		if len(missed) > 0 && again == nil {
			again = time.After(publishAgain)
		}
	}
}

func (s *sharedResults) lead(counting *accountant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leading = counting
}

// publish publishes a project's results, if there are any.
func (s *sharedResults) publish(ctx context.Context, counting accountant, sdkKey string) error {
	object, ok, err := counting.results.Results(sdkKey, results.Query{})
	if !ok || err != nil {
		return err
	}
	_, err = s.relay.fleet.Results.Put(ctx, sdkKey, acceptencoding.Gzip(object))
	return err
}

// question is what one relay asks another, and reply what it is told.
type question struct {
	SDKKey string     `json:"sdkKey"`
	Query  url.Values `json:"query"`
}

type reply struct {
	Answer  server.ResultsAnswer `json:"answer"`
	OK      bool                 `json:"ok"`
	Field   string               `json:"field,omitempty"` // of the query, that is to blame
	Message string               `json:"message,omitempty"`
}

// answer answers another relay.
func (s *sharedResults) answer(asked []byte) []byte {
	var q question
	var r reply
	if err := json.Unmarshal(asked, &q); err == nil {
		s.mu.Lock()
		counting := s.leading
		s.mu.Unlock()
		if counting != nil {
			r.Answer, r.OK, err = counting.Results(q.SDKKey, q.Query)
			if wrong, ok := errors.AsType[*results.QueryError](err); ok {
				r.Field, r.Message = wrong.Field, wrong.Message
			}
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	return acceptencoding.Gzip(text)
}

// Results implements server.Results.
func (s *sharedResults) Results(sdkKey string, query url.Values) (answer server.ResultsAnswer, ok bool, err error) {
	s.mu.Lock()
	counting, latest := s.leading, s.latest[sdkKey]
	s.mu.Unlock()
	if counting != nil {
		return counting.Results(sdkKey, query)
	}
	r, err := s.ask(question{sdkKey, query})
	switch {
	case err == nil && r.Field != "":
		return answer, true, &results.QueryError{Field: r.Field, Message: r.Message}
	case err == nil && r.OK:
		return r.Answer, true, nil
	case latest != nil && len(query) == 0:
		return server.ResultsAnswer{Body: latest, ContentType: "application/json"}, true, nil
	}
	return answer, false, nil
}

// ask asks the relay that counts.
func (s *sharedResults) ask(q question) (r reply, err error) {
	text, err := json.Marshal(q)
	if err != nil {
		return r, err
	}
	told, err := s.relay.fleet.Ask(context.Background(), resultsName, text)
	if err != nil {
		return r, err
	}
	if told, err = unzip(told, maxUnzipped); err != nil {
		return r, err
	}
	return r, json.Unmarshal(told, &r)
}

// Ready implements server.Results.
func (s *sharedResults) Ready() <-chan struct{} { return s.ready }

func (s *sharedResults) live(sdkKey string) (hub.Results, bool) {
	s.mu.Lock()
	object, ok := s.latest[sdkKey]
	s.mu.Unlock()
	if !ok {
		return hub.Results{}, false
	}
	live, err := results.ReadLive(object)
	if err != nil {
		s.relay.log.Error("results of the fleet cannot be read", "sdkKey", sdkKey, "err", err)
	}
	return pushed(live), err == nil
}

// Revise takes note that a project has another datafile.
func (s *sharedResults) Revise() {
	select {
	case s.revised <- struct{}{}:
	default: // it is due already
	}
}

// maxUnzipped bounds what another relay publishes or answers, in bytes: far above the results of any project.
const maxUnzipped = 64 << 20

// unzip inflates to at most so many bytes.
func unzip(text []byte, most int) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	whole, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(whole) > most {
		err = fmt.Errorf("inflated they are more than %d bytes", most)
	}
	if err != nil {
		return nil, err
	}
	return whole, nil
}
