package hub

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Update is the newest datafile of a project.
type Update struct {
	SDKKey   string
	Revision string
	Hash     string // xxHash64 of Datafile, 16 hex digits
	Datafile []byte // kept, never changed
	// Announced is when the relay was told of it, by a webhook; zero when it was not. It is what a push is timed from.
	Announced time.Time
}

// Options says whom a Hub serves and how patiently. Only SDKKeys has no default.
type Options struct {
	// SDKKeys are the projects there are; a hello for another is closed with CloseUnknownKey.
	SDKKeys []string
	// Admit decides whether a hello's token opens a topic of a project. Nil admits everyone.
	Admit func(sdkKey, topic, token string) bool
	// Results gives a project's results, or false while there are none. Nil means there never are.
	Results func(sdkKey string) (Results, bool)
	// ResultsInterval is the shortest time between two pushes of a project's results. Default 250 ms.
	ResultsInterval time.Duration
	// MaxConnections bounds the pages held; one more is closed with CloseTooMany. Default 20000.
	MaxConnections int
	// HandshakeRate is how many handshakes a second are taken, in bursts of as many; more are answered 429. Default: all.
	HandshakeRate int
	// ObservePush is told how long it took from Update.Announced to the last page's write. Default: nobody is.
	ObservePush func(time.Duration)
	// HelloTimeout is how long a page may stay silent after the handshake. Default HelloMs.
	HelloTimeout time.Duration
	// PingInterval is how often a page is pinged; one that leaves two pings unanswered is gone at the third. Default 30 s.
	PingInterval time.Duration
	// WriteTimeout is how long a page may take for every 64 KB of a frame, or atOnce bytes without a turn. Default 10 s.
	WriteTimeout time.Duration
	// NoticeURL is where a datafile is to be had for ever, under a CDN's address perhaps: pages that can are told of it instead of
	// being sent it, and fetch it within NoticeSpread. "" for a project whose pages are sent the bytes. Nil: all are.
	NoticeURL    func(sdkKey, hash string) string
	NoticeSpread time.Duration
	// RetryAfter is told to pages that are turned away or drained, a drained crowd more: a millisecond for each. Default 2 s.
	RetryAfter time.Duration
	// DrainTimeout is how long pages get to take their leave before they are cut off. Default 2 s.
	DrainTimeout time.Duration
	// Logger gets one line for each slow page. Default slog.Default().
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	o.ResultsInterval = cmp.Or(o.ResultsInterval, 250*time.Millisecond)
	o.HelloTimeout = cmp.Or(o.HelloTimeout, HelloMs*time.Millisecond)
	o.PingInterval = cmp.Or(o.PingInterval, 30*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 10*time.Second)
	o.RetryAfter = cmp.Or(o.RetryAfter, 2*time.Second)
	o.DrainTimeout = cmp.Or(o.DrainTimeout, 2*time.Second)
	o.MaxConnections = cmp.Or(o.MaxConnections, 20000)
	if o.ObservePush == nil {
		o.ObservePush = func(time.Duration) {}
	}
	if o.Admit == nil {
		o.Admit = func(_, _, _ string) bool { return true }
	}
	if o.Results == nil {
		o.Results = func(string) (Results, bool) { return Results{}, false }
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return o
}

// Ten thousand pages that are all written a megabyte at once would need more of the kernel's memory than it has for all connections,
// and then it starves some of them. So it holds little for a page: atOnce bytes, which is what frames that everyone is written at once
// may have, and atTurn bytes, with which a distant page is written to fast, only for maxTurns pages at a time. The others are written a
// large frame by and by, as they take it: pages that have turns and take nothing slow them down, but stop none. The kernel makes
// of each number twice as much, since it counts what it needs itself.
const (
	atOnce   = 16 << 10
	atTurn   = 128 << 10
	maxTurns = 512
)

// Hub is safe for concurrent use. It accepts pages as soon as it is made; Run keeps them alive and sends them off.
type Hub struct {
	o          Options
	upgrader   websocket.Upgrader
	handshakes *rate.Limiter
	channels   map[string]*channel
	changed    chan struct{} // holds one when some channel's results have changed
	numbers    numbers
	turns      chan struct{} // holds one for each page that is written a large frame fast

	wheel    wheel
	entering sync.Mutex // makes "is it draining?" and "one page more" one step
	draining bool
	running  sync.WaitGroup // pages that have entered
}

// New makes a hub for the given projects.
func New(o Options) *Hub {
	h := &Hub{
		o:        o.withDefaults(),
		channels: make(map[string]*channel, len(o.SDKKeys)),
		changed:  make(chan struct{}, 1),
		turns:    make(chan struct{}, maxTurns),
	}
	h.handshakes = rate.NewLimiter(rate.Inf, 0)
	if n := h.o.HandshakeRate; n > 0 {
		h.handshakes = rate.NewLimiter(rate.Limit(n), n)
	}
	for _, key := range o.SDKKeys {
		h.channels[key] = newChannel(h.notice)
	}
	h.upgrader = websocket.Upgrader{
		// The line brings its reader, and nothing is written through the library but the handshake.
		WriteBufferSize:   256,
		WriteBufferPool:   new(sync.Pool),
		EnableCompression: true,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
			refuseHandshake(w, status, "this address speaks websocket only: "+reason.Error())
		},
		// Whose origin may connect is settled by the server before it hands the request over.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	return h
}

// notice makes the frame that tells of a datafile, or nil where pages are sent it.
func (h *Hub) notice(u Update) *frame {
	if h.o.NoticeURL == nil {
		return nil
	}
	url := h.o.NoticeURL(u.SDKKey, u.Hash)
	if url == "" {
		return nil
	}
	return newFrame(kindNotice, websocket.TextMessage, noticeText(u, url, h.o.NoticeSpread))
}

func refuseHandshake(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": sentence})
}

// Publish makes u the newest datafile of its project and gives it to every page that follows it. It returns when it is written to
// all who took it at once, and waits for no page.
func (h *Hub) Publish(u Update) {
	if c, ok := h.channels[u.SDKKey]; ok {
		c.publish(u, h.newPush(u.Announced))
	}
}

// Remember notes a datafile that was in force before the hub was made, so that pages which have it need not be sent the whole. It is for
// the time before the first Publish.
func (h *Hub) Remember(u Update) {
	if c, ok := h.channels[u.SDKKey]; ok {
		c.remember(u)
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

// ServeHTTP upgrades the request to a websocket and returns after the hello; from then on the page is served by a goroutine of its
// own, because the handler's holds buffers of net/http for as long as it lives.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// What is no handshake is refused below, and takes none from pages.
	if websocket.IsWebSocketUpgrade(r) && !h.handshakes.Allow() {
		h.numbers.tooFast.Add(1)
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(h.o.RetryAfter.Seconds()))))
		refuseHandshake(w, http.StatusTooManyRequests, "too many handshakes at once; try again later")
		return
	}
	l := &line{timeout: h.o.WriteTimeout}
	conn, err := h.upgrader.Upgrade(hijacker{w, l}, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	l.open = true
	p := newPage(h, conn, l)
	if refusal := h.enter(p); refusal != nil {
		p.close(refusal)
		p.linger()
		return
	}
	p.greet()
}

// enter registers a page, or says why there is no room for it.
func (h *Hub) enter(p *page) *closing {
	h.entering.Lock()
	defer h.entering.Unlock()
	switch {
	case h.draining:
		h.numbers.whileDraining.Add(1)
		return &closing{CloseDraining, retryAfter(h.o.RetryAfter)}
	case !h.wheel.add(p, h.o.MaxConnections):
		h.numbers.tooMany.Add(1)
		return &closing{CloseTooMany, retryAfter(h.o.RetryAfter)}
	}
	h.running.Add(1)
	return nil
}

func (h *Hub) forget(p *page) {
	h.wheel.remove(p)
	h.running.Done()
}

// Run pings pages and pushes results until ctx ends; then it tells every page that the relay is stopping, closes them, and
// returns when the last is gone.
func (h *Hub) Run(ctx context.Context) error {
	var beside sync.WaitGroup
	beside.Go(func() { h.pushResults(ctx) })
	beside.Go(func() { h.rest(ctx) })
	h.pingPages(ctx)
	beside.Wait()
	h.drain()
	return nil
}

func (h *Hub) pingPages(ctx context.Context) {
	tick := time.NewTicker(h.o.PingInterval / beats)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			h.ping(h.wheel.turn())
		}
	}
}

// ping asks pages whether they are there, and closes those that did not answer for long.
func (h *Hub) ping(pages []*page) {
	due := pages[:0]
	for _, p := range pages {
		p.frames.Store(0)
		if p.silent.Load() >= maxSilent {
			h.numbers.silent.Add(1)
			p.close(&closing{websocket.CloseGoingAway, "no answer to pings"})
		} else if p.mailbox.put(func(b *mailbox) { b.ping = true }) {
			due = append(due, p)
		}
	}
	deliver(due)
}

func (h *Hub) pushResults(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.changed:
		}
		for key, c := range h.channels {
			if !c.resultsDirty.Swap(false) {
				continue
			}
			if !c.followed() {
				c.results = nil // whoever comes next is sent the whole
				continue
			}
			if r, ok := h.o.Results(key); ok {
				c.tellResults(key, r)
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(h.o.ResultsInterval):
		}
	}
}

// drain sends every page off, each to come back after its part of a time that is longer the more there are.
func (h *Hub) drain() {
	h.entering.Lock()
	h.draining = true
	h.entering.Unlock()
	pages := h.wheel.all()
	spread := max(h.o.RetryAfter, time.Duration(len(pages))*time.Millisecond)
	goodbye := newFrame(kindDrain, websocket.TextMessage, drainText(spread))
	due := pages[:0]
	for _, p := range pages {
		if p.mailbox.put(func(b *mailbox) {
			b.frames[drain] = goodbye
			b.last = &closing{CloseDraining, retryAfter(spread)}
		}) {
			due = append(due, p)
		}
	}
	deliver(due)
	cut := time.AfterFunc(h.o.DrainTimeout, func() {
		for _, p := range h.wheel.all() {
			_ = p.line.Close()
		}
	})
	defer cut.Stop()
	h.running.Wait()
}
