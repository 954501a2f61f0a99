package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/dispatcher"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/hub"
	"sortition/relay/internal/metrics"
	"sortition/relay/internal/results"
	"sortition/relay/internal/server"
	"sortition/relay/internal/site"
)

// relay is every part, put together. The parts know each other only through what is handed to them here.
type relay struct {
	settings *settings
	log      *slog.Logger
	fleet    *fleet.Fleet // nil without others
	store    *datasource.Store
	events   eventLog
	letters  dispatcher.LetterBox
	dispatch *dispatcher.Dispatcher
	results  counts
	hub      *hub.Hub
	advisor  *advisor
	metrics  *metrics.Registry
	changes  *server.Changes
	server   *server.Server

	certificate *certificate // nil without TLS
}

func newRelay(s *settings, shared *fleet.Fleet, log *slog.Logger) (_ *relay, err error) {
	files, frozen, err := openSite(s.Site)
	if err != nil {
		return nil, err
	}
	if err := seedDemo(s, files, log); err != nil {
		return nil, err
	}
	r := &relay{settings: s, log: log, fleet: shared, metrics: new(metrics.Registry), changes: server.NewChanges()}
	if err := r.openStorage(); err != nil {
		return nil, &settingError{setting: "data-dir", err: err}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	config, page := s.pageConfig(files)
	r.advisor = newAdvisor(s, page, log)
	r.advisor.start()
	access := s.access()
	r.results = r.newCounts()
	r.hub = r.newHub(access)
	if r.store, err = r.openStore(); err != nil {
		return nil, err
	}
	r.rememberDatafiles()
	r.dispatch = r.newDispatcher()
	r.nameNumbers()
	r.server = server.New(server.Options{
		Datafiles:       r.store,
		Events:          keeper{r.events},
		Results:         r.results,
		Deliveries:      r.deliveries,
		DeadLetters:     deadLetters{r.dispatch},
		Demo:            s.demo(),
		Stream:          r.hub,
		Site:            site.New(files, frozen, s.noticeOrigins()...),
		Metrics:         r.metrics,
		Access:          access,
		Changes:         r.changes,
		MaxStreams:      int(s.MaxConnections),
		Config:          config,
		WebhookSecrets:  s.WebhookSecret,
		AllowedOrigins:  s.origins(),
		EventsRatePerIP: int(s.EventsRatePerIP),
		TrustedProxies:  s.trustedProxies(),
		AdminToken:      s.AdminToken,
		AdminHost:       s.adminHost(),
		Logger:          log,
	})
	return r, nil
}

func (r *relay) newHub(access server.Access) *hub.Hub {
	s := r.settings
	return hub.New(hub.Options{
		SDKKeys:        s.sdkKeys(),
		Admit:          access.Topic,
		Results:        r.results.live,
		MaxConnections: int(s.MaxConnections),
		HandshakeRate:  int(s.HandshakeRate),
		ObservePush:    r.timePushes(),
		NoticeURL:      s.noticeURL,
		NoticeSpread:   time.Duration(s.NotifySpread),
		RetryAfter:     time.Duration(s.ReconnectSpread),
		DrainTimeout:   min(2*time.Second, s.stopping()/2),
		Logger:         r.log,
	})
}

func (r *relay) openStore() (*datasource.Store, error) {
	return datasource.Open(datasource.Options{
		Projects:        r.settings.sources(),
		Dir:             r.settings.DataDir,
		PollInterval:    time.Duration(r.settings.PollInterval),
		CDNTemplate:     string(r.settings.CDNURL),
		CDNAuthTemplate: string(r.settings.CDNAuthURL),
		Shared:          r.sharedDatafiles(),
		Logger:          r.log,
		OnChange: func(d *datasource.Datafile) {
			r.hub.Publish(hub.Update{SDKKey: d.SDKKey, Revision: d.Revision, Hash: d.Hash, Datafile: d.Bytes, Announced: d.Announced})
			r.changes.Tell(d.SDKKey)
			r.results.Revise()
			r.hub.ResultsChanged(d.SDKKey) // they are told by the datafile's experiments
			r.advisor.look(d, r.store.ByProjectID(d.ProjectID))
		},
		OnProblem: func(sdkKey string, p *datasource.Problem) {
			sentence := ""
			if p != nil {
				sentence = p.Sentence()
			}
			r.hub.Report(sdkKey, sentence)
		},
	})
}

// rememberDatafiles gives the hub those of before the start: pages that come back have one of them.
func (r *relay) rememberDatafiles() {
	for _, key := range r.settings.sdkKeys() {
		for _, text := range r.store.Texts(key) {
			r.hub.Remember(hub.Update{SDKKey: key, Hash: text.Hash, Datafile: text.Bytes})
		}
	}
}

// counted are the projects whose results are kept: those that have a datafile.
func (r *relay) counted() (projects []results.Project) {
	for _, d := range r.store.All() {
		projects = append(projects, results.Project{SDKKey: d.SDKKey, Datafile: d.Project, PrimaryEvent: r.settings.PageEvent})
	}
	return projects
}

func (r *relay) newDispatcher() *dispatcher.Dispatcher {
	var projects []dispatcher.Project
	for _, p := range r.settings.Project {
		projects = append(projects, dispatcher.Project{
			SDKKey: p.sdkKey,
			URL:    func() string { return r.upstream(p) },
			Known:  func() bool { _, ok := r.store.Newest(p.sdkKey); return ok },
			Owns:   func(projectID string) bool { return r.owns(p, projectID) },
		})
	}
	return dispatcher.New(dispatcher.Options{
		Log:      r.events,
		Letters:  r.letters,
		Lead:     r.lead(),
		Projects: projects,
		Grace:    min(3*time.Second, r.settings.stopping()/2),
		Logger:   r.log,
	})
}

// unknownUpstream is where nothing can be sent, so the dispatcher keeps the events and tries again.
const unknownUpstream = "no-datafile-yet:"

// upstream is where a project's events go; "" is nowhere.
func (r *relay) upstream(p project) string {
	switch {
	case p.sdkKey == sandboxKey:
		return ""
	case r.settings.EventsURL != "":
		return string(r.settings.EventsURL)
	case p.sdkKey == demoKey || p.source == "":
		return ""
	}
	d, ok := r.store.Newest(p.sdkKey)
	if !ok {
		return unknownUpstream
	}
	return dispatcher.RegionURL(d.Project.Region)
}

// owns tells whether events of a projectId that were posted without an sdkKey are a project's: they are the first configured's of it. Of
// a thousand projects each is asked about every such event, so it looks at the others only where the projectId is its own.
func (r *relay) owns(p project, projectID string) bool {
	if d, ok := r.store.Newest(p.sdkKey); !ok || d.ProjectID != projectID {
		return false
	}
	found := r.store.ByProjectID(projectID)
	return len(found) > 0 && found[0].SDKKey == p.sdkKey
}

// outside are the parts that face others; inside those that keep what the others brought, and stop last.
func (r *relay) outside() []func(context.Context) error {
	return []func(context.Context) error{r.store.Run, r.hub.Run, r.changes.Run}
}

func (r *relay) inside() []func(context.Context) error {
	return []func(context.Context) error{r.events.Run, r.dispatch.Run, r.results.Run, spareMemory}
}

// stopping is how long stopping may take.
func (s *settings) stopping() time.Duration { return time.Duration(s.ShutdownTimeout) }

// noticeURL is where a datafile is to be had for ever; "" where each page is sent it, as of a project that is not everyone's.
func (s *settings) noticeURL(sdkKey, hash string) string {
	if s.NotifyURL == "" || s.access().Tokens[sdkKey] != "" {
		return ""
	}
	return string(s.NotifyURL) + "/datafiles/" + sdkKey + "/" + hash + ".json"
}

// noticeOrigins are those of the addresses that pages are told of.
func (s *settings) noticeOrigins() []string {
	u, err := url.Parse(string(s.NotifyURL))
	if err != nil || u.Host == "" {
		return nil
	}
	return []string{u.Scheme + "://" + u.Host}
}

func (s *settings) sdkKeys() (keys []string) {
	for _, p := range s.Project {
		keys = append(keys, p.sdkKey)
	}
	return keys
}

func (s *settings) origins() (origins []string) {
	for _, o := range s.AllowOrigin {
		origins = append(origins, string(o))
	}
	return origins
}

func (s *settings) trustedProxies() (proxies []netip.Prefix) {
	for _, p := range s.TrustedProxy {
		proxies = append(proxies, netip.Prefix(p))
	}
	return proxies
}

func (s *settings) adminHost() string {
	host, _, _ := net.SplitHostPort(s.Admin)
	return host
}

// access is who may read what, by the settings.
func (s *settings) access() server.Access {
	a := server.Access{Tokens: map[string]string{}, ResultsToken: s.ResultsToken, OpenResults: []string{demoKey, sandboxKey}}
	for _, p := range s.Project {
		a.Tokens[p.sdkKey] = ""
	}
	for _, t := range s.AccessToken {
		a.Tokens[t.sdkKey] = t.token
	}
	return a
}

func (s *settings) sources() (projects []datasource.Project) {
	tokens := s.access().Tokens
	for _, p := range s.Project {
		source := p.source
		if source == "" {
			source = s.builtinFile(p.sdkKey)
		}
		projects = append(projects, datasource.Project{SDKKey: p.sdkKey, Source: source, AccessToken: tokens[p.sdkKey], Own: p.source == ""})
	}
	return projects
}
