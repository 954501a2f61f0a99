package server

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"sortition/relay/internal/datasource"
	"sortition/wasm/engine/event"
)

// Datafiles is where the newest datafiles are.
type Datafiles interface {
	Newest(sdkKey string) (*datasource.Datafile, bool)
	ByHash(sdkKey, hash string) (*datasource.Datafile, bool)
	ByProjectID(id string) []*datasource.Datafile
	All() []*datasource.Datafile
	States() []datasource.State
	// Refetch must return at once.
	Refetch(sdkKey, revision string)
	// History, Pin, RollBack and Follow are the operator's: see [datasource.Store].
	History(sdkKey string) ([]datasource.Past, error)
	Pin(sdkKey, which string) (*datasource.Datafile, error)
	RollBack(sdkKey, which string) (*datasource.Datafile, error)
	Follow(sdkKey string) error
}

// EventLog keeps event batches.
type EventLog interface {
	// Append returns without error only when every event of the batch is on disk; repeated are the places in the batch, from
	// 0, of those that were there before, or the first of them. body is the batch as it came, which decoded gave batch; sdkKey
	// is empty when the post named none. An error is a *Refusal, or else the relay's own fault.
	Append(ctx context.Context, sdkKey string, batch *event.Batch, body string) (repeated []int, err error)
	// Ready returns nil if Append would take a batch now, and otherwise why not.
	Ready() error
}

// Refusal is how an EventLog says that it cannot keep a batch now, and when to try again, or that it never can.
type Refusal struct {
	Reason     string        // a sentence for the sender
	RetryAfter time.Duration // 0 for a batch that is too large, at any time
}

func (r *Refusal) Error() string { return r.Reason }

// Results is where results are.
type Results interface {
	// Results answers a query for a project's results, or false when there are none. An error that has a FieldName is about
	// that parameter of the query.
	Results(sdkKey string, query url.Values) (answer ResultsAnswer, ok bool, err error)
	// Ready is closed when everything is counted that was kept before the start.
	Ready() <-chan struct{}
}

// ResultsAnswer is a body and what it is. A FileName makes it a download.
type ResultsAnswer struct {
	Body                  []byte
	ContentType, FileName string
}

// Delivery is how the forwarding of a project's events stands.
type Delivery struct {
	SDKKey      string    `json:"-"`
	Backlog     int64     `json:"backlogBytes"`    // of the event log, records of other projects among them
	Oldest      time.Time `json:"oldest,omitzero"` // when the event was kept that is under way or waits for a retry
	Delivered   int64     `json:"delivered"`       // events, since the start
	Failures    int64     `json:"failures"`        // requests that did not succeed, since the start
	DeadLetters int64     `json:"deadLetters"`     // that are there now
	Refused     int       `json:"refused"`         // requests in a row that became dead letters
	Attempts    int       `json:"attempts"`        // failed ones in a row
	LastError   string    `json:"lastError,omitempty"`
	LastErrorAt time.Time `json:"lastErrorAt,omitzero"`
	NextRetry   time.Time `json:"nextRetry,omitzero"` // zero unless it waits for one
}

// inARow is how many attempts in a row must fail, or requests be refused, to be told: one or two are a hiccup.
const inARow = 3

// trouble says what is wrong with the forwarding, or "". Where to and why is the operator's to know.
func (d Delivery) trouble() string {
	switch {
	case d.Attempts >= inARow && d.NextRetry.IsZero():
		return fmt.Sprintf("events are kept but not delivered: %d attempts in a row failed", d.Attempts)
	case d.Attempts >= inARow:
		return fmt.Sprintf("events are kept but not delivered: %d attempts in a row failed, the next is at %s", d.Attempts, d.NextRetry.UTC().Format(time.RFC3339))
	case d.Refused >= inARow && d.DeadLetters > 0:
		return fmt.Sprintf("events are set aside: %d requests in a row were refused for good, and are among the dead letters", d.Refused)
	}
	return ""
}

// Options are a server's parts and settings. The parts have no default.
type Options struct {
	Datafiles Datafiles
	Events    EventLog
	Results   Results
	// Deliveries tells how the forwarding of events stands, of each project. Default: of none.
	Deliveries func() []Delivery
	// DeadLetters are the operator's to look after.
	DeadLetters DeadLetters
	// Demo is the demo's datafile, if it may be edited. Default nil: it may not.
	Demo   Demo
	Stream http.Handler // upgrades to the websocket; the origin is checked before
	Site   http.Handler
	// Metrics answers the operator's /metrics. Default: with nothing.
	Metrics http.Handler
	// Access says who may read what.
	Access Access
	// Changes tells of new datafiles. Default: of none.
	Changes *Changes
	// MaxStreams is how many pages may hold a stream of OFREP's; 0 is no limit.
	MaxStreams int
	// MaxBodies is how many bytes the bodies of requests may take together while they are read and answered; 0 means 128 MiB.
	MaxBodies int64
	// Config is the body of GET /config.json.
	Config json.RawMessage
	// WebhookSecrets, if any, are those a webhook must be signed with one of.
	WebhookSecrets []string
	// AllowedOrigins may use the relay from their pages, besides the relay's own: scheme://host[:port], or * for everyone.
	AllowedOrigins []string
	// EventsRatePerIP is how many posts of events a second one client may send, in bursts of as many; 0 is no limit.
	EventsRatePerIP int
	// TrustedProxies are those whose X-Forwarded-For says who the client is.
	TrustedProxies []netip.Prefix
	// AdminToken, if any, must be presented as Bearer on the operator's port. AdminHost is the host it listens on.
	AdminToken, AdminHost string
	// Logger gets the access log. Default slog.Default().
	Logger *slog.Logger
}

// Server makes the handlers of the relay's two ports.
type Server struct {
	o         Options
	origins   map[string]bool
	edits     *rate.Limiter  // of the demo
	refusals  rate.Sometimes // of pages, in the log
	overloads rate.Sometimes // the same of requests that are told to come back later
	posts     *clientLimits
	webhooks  webhooks
	bodies    bodyRoom

	operatorsBodies bodyRoom

	evaluations evaluations
	configs     configs
	refetches   map[string]*rate.Limiter // by sdkKey, of webhooks that are not signed
}

// New makes a server.
func New(o Options) *Server {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	if o.Deliveries == nil {
		o.Deliveries = func() []Delivery { return nil }
	}
	if o.Metrics == nil {
		o.Metrics = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	}
	if o.Changes == nil {
		o.Changes = NewChanges()
	}
	s := &Server{
		o:         o,
		origins:   make(map[string]bool),
		edits:     rate.NewLimiter(editsPerSecond, editsBurst),
		refusals:  rate.Sometimes{Interval: time.Minute},
		overloads: rate.Sometimes{Interval: time.Second},
		posts:     newClientLimits(o.EventsRatePerIP),
		configs:   configs{made: make(map[string]madeConfig)},

		refetches: make(map[string]*rate.Limiter),
	}
	for sdkKey := range o.Access.Tokens {
		s.refetches[sdkKey] = rate.NewLimiter(webhooksPerSecond, webhooksBurst)
	}
	for _, origin := range o.AllowedOrigins {
		s.origins[origin] = true
	}
	return s
}
