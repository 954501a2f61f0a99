// Package dispatcher drains the event log to Optimizely's event API, or
// another that speaks like it.
//
// Every project has a lane of its own: a reader of the log with a durable
// cursor, and one request at a time, so events arrive in the order they were
// kept and a project whose upstream fails holds up no other. Whatever has
// gathered while a request was under way, and a moment longer, goes into the
// next one, as far as the batches agree on everything but their visitors.
//
// A cursor moves only when what lies before it was delivered, so an event is
// delivered at least once; the event API drops what it gets again by its uuid.
// Answers mean:
//
//	2xx                  delivered
//	400, 413, 422        something in the request is bad: its halves go alone, a single bad visitor to the dead letters
//	408, 429             try again, after Retry-After if it says so
//	any other 4xx        never: to the dead letters
//	anything else, none  try again, as above
//
// A request that fails for the patience while the API takes others is treated
// as one with something bad in it: nothing good waits for ever behind it. While
// it takes nothing at all, nothing is given up, so an API that is down loses
// nobody an event.
//
// Tries are repeated for as long as it takes, with exponential backoff and full
// jitter. Dead letters stay until an operator sends them again or discards
// them; when there is no room for more, deliveries wait for that.
package dispatcher

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"sortition/relay/internal/eventlog"
)

// Where Optimizely takes events.
const (
	urlOfUS = "https://logx.optimizely.com/v1/events"
	urlOfEU = "https://eu.logx.optimizely.com/v1/events"
)

// RegionURL returns where the events of a project of the region go. The
// official SDKs take any region but "EU" for the US.
func RegionURL(region string) string {
	if region == "EU" {
		return urlOfEU
	}
	return urlOfUS
}

// Log is what the dispatcher drains.
type Log interface {
	Reader(name string) (eventlog.Reader, error)
	// Pending returns how many bytes of records lie behind the position.
	Pending(at eventlog.Position) int64
}

// ReaderName is the name of a project's reader of the log.
func ReaderName(sdkKey string) string { return "dispatcher/" + sdkKey }

// Project is one that has a lane.
type Project struct {
	SDKKey string
	// URL returns where the project's events go now; it is asked before each
	// attempt. Always "" passes them over for good.
	URL func() string
	// Known says whether the project's datafile is there. Before, nobody can tell
	// whether records that came without an SDK key are its own.
	Known func() bool
	// Owns says whether records that came without an SDK key are the project's own,
	// by their batch's project_id. Every lane asks for each of them.
	Owns func(projectID string) bool
}

// Options of a [Dispatcher]. Log and Letters have no default.
type Options struct {
	Log Log
	// Letters keeps the dead letters.
	Letters LetterBox
	// Lead calls lead while this relay is the one to do what the name says, and
	// returns when ctx ends; nil means that it always is.
	Lead func(ctx context.Context, name string, lead func(context.Context))
	// Projects are the lanes. Records of other projects are passed over.
	Projects []Project
	// MaxBytes and MaxVisitors bound one request; 0 means 10 MB and 1000. A
	// single larger visitor still goes, alone.
	MaxBytes, MaxVisitors int
	// Timeout bounds one request, 0 means 30 s.
	Timeout time.Duration
	// MinBackoff and MaxBackoff bound the pauses between tries; 0 means 500 ms
	// and 30 s: a project asks with one request at a time, which no upstream that
	// comes back to life feels, and its events wait no longer than they must.
	MinBackoff, MaxBackoff time.Duration
	// Patience is how long a request must fail, while others get through, to be
	// set aside; 0 means an hour. In such a time after one a sixtieth of it is
	// enough for the next. It is also how long a lane waits for its datafile to
	// tell whether records without an SDK key are its own, while others have theirs.
	Patience time.Duration
	// Gather is how long a project's lane lets events gather before it looks
	// for the next, while there are few; 0 means 100 ms.
	Gather time.Duration
	// Grace is how long a request under way may still take when the dispatcher
	// stops; 0 means 3 s. One that is cut off is sent again after the restart.
	Grace time.Duration
	// Logger is told of failures, recoveries and dead letters; nil discards them.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.MaxBytes = cmp.Or(o.MaxBytes, 10_000_000)
	o.MaxVisitors = cmp.Or(o.MaxVisitors, 1000)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.MinBackoff = cmp.Or(o.MinBackoff, 500*time.Millisecond)
	o.MaxBackoff = cmp.Or(o.MaxBackoff, 30*time.Second)
	o.Patience = cmp.Or(o.Patience, time.Hour)
	o.Gather = cmp.Or(o.Gather, 100*time.Millisecond)
	o.Grace = cmp.Or(o.Grace, 3*time.Second)
	if o.Lead == nil {
		o.Lead = func(ctx context.Context, _ string, lead func(context.Context)) { lead(ctx) }
	}
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o
}

// Dispatcher is the lanes of all projects.
type Dispatcher struct {
	log     Log
	lanes   []*lane
	letters LetterBox
	http    *http.Transport
}

// New makes a dispatcher, which does nothing before Run.
func New(o Options) *Dispatcher {
	o = o.withDefaults()
	d := &Dispatcher{log: o.Log, letters: o.Letters, http: newTransport(maxSilence)}
	for _, p := range o.Projects {
		d.lanes = append(d.lanes, &lane{
			options: o,
			project: p,
			poster:  poster{client: d.client(), timeout: o.Timeout, grace: o.Grace},
			log:     o.Logger.With("sdkKey", p.SDKKey),
			status:  Status{SDKKey: p.SDKKey},
		})
	}
	return d
}

// maxSilence is how long an upstream may say nothing on a connection of HTTP/2 before it is asked whether it is there, and again before
// the connection is given up: well within the time of a request. Without that one which a balancer or a NAT has forgotten would take every
// further attempt, until the kernel gives it up after a quarter of an hour.
const maxSilence = 10 * time.Second

func newTransport(maxSilence time.Duration) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        time.Minute,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHeader,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: maxSilence, PingTimeout: maxSilence},
	}
}

// client never follows a redirect: most of them would turn the POST into a
// GET, whose answer says nothing about the events.
func (d *Dispatcher) client() *http.Client {
	return &http.Client{Transport: d.http, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// Run delivers until ctx ends.
func (d *Dispatcher) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, l := range d.lanes {
		running.Go(func() { l.options.Lead(ctx, ReaderName(l.project.SDKKey), l.run) })
	}
	running.Wait()
	d.http.CloseIdleConnections()
	return nil
}

// Status is how a project's deliveries stand.
type Status struct {
	SDKKey      string
	Backlog     int64     // of the log, records of other projects among them
	Oldest      time.Time // when the event was kept that is under way or waits for a retry
	Delivered   int64     // events, since the start
	Failures    int64     // requests that did not succeed, since the start
	DeadLetters int64     // that are there now
	Refused     int       // requests in a row that became dead letters
	Attempts    int       // failed ones in a row
	LastError   string
	LastErrorAt time.Time
	NextRetry   time.Time // zero unless it waits for one
}

// Statuses returns how every project stands, in the order of Options.Projects.
func (d *Dispatcher) Statuses() []Status {
	statuses := make([]Status, 0, len(d.lanes))
	for _, l := range d.lanes {
		status, settled, leads := l.snapshot()
		if leads {
			status.Backlog = d.log.Pending(settled)
		}
		status.DeadLetters = int64(d.letters.Count(status.SDKKey))
		statuses = append(statuses, status)
	}
	return statuses
}
