package hub

import (
	"bytes"
	"slices"
	"sync"

	"github.com/gorilla/websocket"
)

// Results are a project's results, in parts: pages that ask for it are sent only those that changed.
type Results struct {
	Revision    string
	Experiments []Experiment
}

// Experiment is the results of one: a JSON object that ends with x_health, cut in two before the counts of that. Those tell of the whole
// project too, and so they change with events that change nothing else of the experiment. Both are kept, and never changed.
type Experiment struct {
	ID      string
	Numbers []byte // {"experiment_id":..., and so on to "x_health":{"srm":{...},
	Counts  []byte // further members of x_health, without the }} behind them
}

// standing is where a project's results stand, as frames that are made when the first page needs them: the whole, and what has changed
// since earlier ones. Standings are numbered, and each part has the number of the one that changed it last; so a page needs to be known by
// a number only, and whatever it missed is in one frame.
type standing struct {
	Results
	sdkKey string
	number uint64    // from 1 on
	listed uint64    // the number of the one in which experiments came or went last: a page that is not as far needs the whole
	dates  []changed // of each experiment
	whole  func() *frame

	mu      sync.Mutex
	changes map[uint64]func() *frame // by the number they start from
}

// changed are the numbers of the standings that changed an experiment's parts last.
type changed struct{ numbers, counts uint64 }

// newStanding makes the standing after another, or after none.
func newStanding(sdkKey string, r Results, before *standing) *standing {
	s := &standing{Results: r, sdkKey: sdkKey, number: 1, listed: 1, changes: make(map[uint64]func() *frame)}
	s.dates = slices.Repeat([]changed{{1, 1}}, len(r.Experiments))
	s.whole = sync.OnceValue(func() *frame { return newFrame(kindResults, websocket.TextMessage, resultsText(s)) })
	if before == nil {
		return s
	}
	s.number = before.number + 1
	if !slices.EqualFunc(r.Experiments, before.Experiments, func(a, b Experiment) bool { return a.ID == b.ID }) {
		s.listed = s.number
		return s
	}
	s.listed, s.dates = before.listed, slices.Clone(before.dates)
	for i, is := range r.Experiments {
		was := before.Experiments[i]
		if !bytes.Equal(is.Numbers, was.Numbers) {
			s.dates[i].numbers = s.number
		}
		if !bytes.Equal(is.Counts, was.Counts) {
			s.dates[i].counts = s.number
		}
	}
	return s
}

// same tells whether nothing has changed since another standing.
func (s *standing) same(before *standing) bool {
	return before != nil && s.Revision == before.Revision && s.listed != s.number &&
		!slices.ContainsFunc(s.dates, func(d changed) bool { return d.numbers == s.number || d.counts == s.number })
}

// frame brings a page from the standing of a number to this one; 0 is that of a page which has nothing.
func (s *standing) frame(from uint64) *frame {
	if from < s.listed {
		return s.whole()
	}
	return s.since(from)()
}

// since returns what makes the frame of what has changed. Whoever asks for it while it is made waits.
func (s *standing) since(from uint64) func() *frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	made, ok := s.changes[from]
	if !ok {
		made = sync.OnceValue(func() *frame { return newFrame(kindChanges, websocket.TextMessage, changesText(s, from)) })
		s.changes[from] = made
	}
	return made
}
