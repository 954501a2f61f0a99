package hub

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Update is the newest datafile of a project.
type Update struct {
	SDKKey   string
	Revision string
	Hash     string // xxHash64 of Datafile, 16 hex digits
	Datafile []byte // kept, never changed
}

// Options says whom a Hub serves and how patiently. Only SDKKeys has no default.
type Options struct {
	// SDKKeys are the projects there are; a hello for another is closed with CloseUnknownKey.
	SDKKeys []string
	// Admit decides whether a hello's token opens a topic of a project. Nil admits everyone.
	Admit func(sdkKey, topic, token string) bool
	// Results gives a project's results as a JSON object, or false while there are none. Nil means there never are.
	Results func(sdkKey string) ([]byte, bool)
	// ResultsInterval is the shortest time between two results frames of a project. Default 250 ms.
	ResultsInterval time.Duration
	// MaxConnections bounds the pages held; one more is closed with CloseTooMany. Default 20000.
	MaxConnections int
	// HelloTimeout is how long a page may stay silent after the handshake. Default HelloMs.
	HelloTimeout time.Duration
	// PingInterval is how often an idle page is pinged; one silent for two and a half intervals is gone. Default 30 s.
	PingInterval time.Duration
	// WriteTimeout is how long a page may take for every 64 KB of a frame. Default 10 s.
	WriteTimeout time.Duration
	// RetryAfter is told to pages that are turned away or drained. Default 2 s.
	RetryAfter time.Duration
	// DrainTimeout is how long pages get to take their leave before they are cut off. Default 2 s.
	DrainTimeout time.Duration
	// Logger gets one line for each slow page. Default slog.Default().
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	duration := func(d *time.Duration, fallback time.Duration) {
		if *d == 0 {
			*d = fallback
		}
	}
	duration(&o.ResultsInterval, 250*time.Millisecond)
	duration(&o.HelloTimeout, HelloMs*time.Millisecond)
	duration(&o.PingInterval, 30*time.Second)
	duration(&o.WriteTimeout, 10*time.Second)
	duration(&o.RetryAfter, 2*time.Second)
	duration(&o.DrainTimeout, 2*time.Second)
	if o.MaxConnections == 0 {
		o.MaxConnections = 20000
	}
	if o.Admit == nil {
		o.Admit = func(_, _, _ string) bool { return true }
	}
	if o.Results == nil {
		o.Results = func(string) ([]byte, bool) { return nil, false }
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Hub is safe for concurrent use. It accepts pages as soon as it is made; Run keeps them alive and sends them off.
type Hub struct {
	o        Options
	upgrader websocket.Upgrader
	channels map[string]*channel
	changed  chan struct{} // holds one when some channel's results have changed

	mu       sync.Mutex
	pages    map[*page]struct{}
	draining bool
	running  sync.WaitGroup // readers and writers of pages
}

// New makes a hub for the given projects.
func New(o Options) *Hub {
	h := &Hub{
		o:        o.withDefaults(),
		channels: make(map[string]*channel, len(o.SDKKeys)),
		changed:  make(chan struct{}, 1),
		pages:    make(map[*page]struct{}),
	}
	for _, key := range o.SDKKeys {
		h.channels[key] = newChannel()
	}
	h.upgrader = websocket.Upgrader{
		// Small buffers and a pool: an idle page then costs 8 KB instead of 29. Frames come prepared and need no write buffer.
		ReadBufferSize:    512,
		WriteBufferSize:   512,
		WriteBufferPool:   new(sync.Pool),
		EnableCompression: true,
		Error:             refuseHandshake,
		// Whose origin may connect is settled by the server before it hands the request over.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	return h
}

func refuseHandshake(w http.ResponseWriter, _ *http.Request, status int, reason error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": "this address speaks websocket only: " + reason.Error()})
}

// Connections returns how many pages are connected.
func (h *Hub) Connections() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.pages)
}

// Publish makes u the newest datafile of its project and gives it to every page that follows it. It never blocks on a page.
func (h *Hub) Publish(u Update) {
	if c, ok := h.channels[u.SDKKey]; ok {
		c.publish(u)
	}
}

// Report tells a project's pages that its source has no datafile that is better than theirs, in a sentence for anyone to
// read; "" tells them that all is well again. It never blocks on a page.
func (h *Hub) Report(sdkKey, problem string) {
	if c, ok := h.channels[sdkKey]; ok {
		c.report(problem)
	}
}

// ResultsChanged says that a project's results are not what they were. Pages that follow them get the new ones at once,
// or when ResultsInterval since the last has passed. It never blocks.
func (h *Hub) ResultsChanged(sdkKey string) {
	c, ok := h.channels[sdkKey]
	if !ok {
		return
	}
	c.resultsDirty.Store(true)
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// ServeHTTP upgrades the request to a websocket and returns; the page is served by a goroutine of its own, because the
// handler's holds buffers of net/http for as long as it lives.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := h.upgrader.Upgrade(hijacker{w, h.o.WriteTimeout}, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	p := newPage(h, conn)
	if refusal := h.enter(p); refusal != nil {
		p.refuse(refusal)
	}
}

// enter registers a page and starts its reader, or says why there is no room for it.
func (h *Hub) enter(p *page) *closing {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.draining:
		return &closing{CloseDraining, retryAfter(h.o.RetryAfter)}
	case len(h.pages) >= h.o.MaxConnections:
		return &closing{CloseTooMany, retryAfter(h.o.RetryAfter)}
	}
	h.pages[p] = struct{}{}
	h.running.Go(p.read)
	return nil
}

func (h *Hub) leave(p *page) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.pages, p)
}

// Run pings pages and pushes results until ctx ends; then it tells every page that the relay is stopping, closes them, and
// returns when the last is gone.
func (h *Hub) Run(ctx context.Context) error {
	var results sync.WaitGroup
	results.Go(func() { h.pushResults(ctx) })
	h.pingPages(ctx)
	results.Wait()
	h.drain()
	return nil
}

// beats is how many groups pages are pinged in, one after the other, so that pings never come in one burst.
const beats = 32

func (h *Hub) pingPages(ctx context.Context) {
	tick := time.NewTicker(h.o.PingInterval / beats)
	defer tick.Stop()
	for beat := uint8(0); ; beat = (beat + 1) % beats {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.each(func(p *page) {
				if p.beat == beat {
					p.ping()
				}
			})
		}
	}
}

func (h *Hub) pushResults(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.changed:
		}
		for key, c := range h.channels {
			if !c.resultsDirty.Swap(false) || !c.followed(results) {
				continue
			}
			if object, ok := h.o.Results(key); ok {
				c.send(results, newFrame(websocket.TextMessage, resultsText(object)))
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(h.o.ResultsInterval):
		}
	}
}

func (h *Hub) drain() {
	h.mu.Lock()
	h.draining = true
	h.mu.Unlock()
	goodbye := newFrame(websocket.TextMessage, drainText(h.o.RetryAfter))
	h.each(func(p *page) {
		p.send(drain, goodbye)
		p.close(&closing{CloseDraining, retryAfter(h.o.RetryAfter)})
	})
	cut := time.AfterFunc(h.o.DrainTimeout, func() {
		h.each(func(p *page) { _ = p.conn.Close() })
	})
	defer cut.Stop()
	h.running.Wait()
}

func (h *Hub) each(do func(*page)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p := range h.pages {
		do(p)
	}
}
