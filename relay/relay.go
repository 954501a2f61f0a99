package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/dispatcher"
	"sortition/relay/internal/eventlog"
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
	store    *datasource.Store
	events   *eventlog.Log
	dispatch *dispatcher.Dispatcher
	results  *results.Results
	hub      *hub.Hub
	advisor  *advisor
	metrics  *metrics.Registry
	server   *server.Server

	certificate *certificate // nil without TLS
}

func newRelay(s *settings, log *slog.Logger) (_ *relay, err error) {
	files, frozen, err := openSite(s.Site)
	if err != nil {
		return nil, err
	}
	if err := seedDemo(s, files, log); err != nil {
		return nil, err
	}
	r := &relay{settings: s, log: log, metrics: new(metrics.Registry)}
	if r.events, err = openLog(s, log); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.events.Close())
		}
	}()
	r.reportLog()
	config, page := s.pageConfig(files)
	r.advisor = newAdvisor(s, page, log)
	r.advisor.start()
	access := s.access()
	r.results = r.newResults()
	r.hub = hub.New(hub.Options{
		SDKKeys:        s.sdkKeys(),
		Admit:          access.Topic,
		Results:        accountant{r.results}.live,
		MaxConnections: int(s.MaxConnections),
		HandshakeRate:  int(s.HandshakeRate),
		ObservePush:    r.timePushes(),
		DrainTimeout:   min(2*time.Second, s.stopping()/2),
		Logger:         log,
	})
	if r.store, err = r.openStore(); err != nil {
		return nil, err
	}
	r.rememberDatafiles()
	if r.dispatch, err = r.newDispatcher(); err != nil {
		return nil, err
	}
	r.nameNumbers()
	r.server = server.New(server.Options{
		Datafiles:       r.store,
		Events:          keeper{r.events},
		Results:         accountant{r.results},
		Deliveries:      r.deliveries,
		DeadLetters:     deadLetters{r.dispatch},
		Demo:            s.demo(),
		Stream:          r.hub,
		Site:            site.New(files, frozen),
		Metrics:         r.metrics,
		Access:          access,
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

func (r *relay) openStore() (*datasource.Store, error) {
	return datasource.Open(datasource.Options{
		Projects:        r.settings.sources(),
		Dir:             r.settings.DataDir,
		PollInterval:    time.Duration(r.settings.PollInterval),
		CDNTemplate:     string(r.settings.CDNURL),
		CDNAuthTemplate: string(r.settings.CDNAuthURL),
		Logger:          r.log,
		OnChange: func(d *datasource.Datafile) {
			r.hub.Publish(hub.Update{SDKKey: d.SDKKey, Revision: d.Revision, Hash: d.Hash, Datafile: d.Bytes, Announced: d.Announced})
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

// openLog opens the event log, which keeps what its consumers have not dealt with: each project's delivery, and the results.
func openLog(s *settings, log *slog.Logger) (*eventlog.Log, error) {
	consumers := []string{"results"}
	for _, p := range s.Project {
		consumers = append(consumers, dispatcher.ReaderName(p.sdkKey))
	}
	return eventlog.Open(s.DataDir, eventlog.Options{
		MaxBytes:  int64(s.MaxBacklog),
		Retain:    time.Duration(s.Retain),
		Consumers: consumers,
		Logger:    log,
	})
}

// reportLog tells what the event log looked like when it was opened.
func (r *relay) reportLog() {
	found := r.events.Report()
	r.log.Info("event log", "records", found.Records, "events", found.Events, "bytes", found.Bytes)
	if found.Torn > 0 {
		r.log.Info("what a crash left unfinished at the event log's end was cut off; nobody was told that it is safe", "bytes", found.Torn)
	}
	if !found.Clean() {
		r.log.Warn("the event log was damaged", "damagedPlaces", found.DamagedPlaces,
			"damagedBytes", found.DamagedBytes, "first", fmt.Sprint(found.Damage[:min(3, len(found.Damage))]), "state", found.StateDamage)
	}
}

func (r *relay) newResults() *results.Results {
	return results.New(results.Options{
		Log:        r.events,
		Projects:   r.counted,
		Duplicates: r.events.Duplicates,
		MaxBehind:  int(r.settings.MaxBacklog) / 8,
		Changed: func(sdkKeys []string) {
			for _, key := range sdkKeys {
				r.hub.ResultsChanged(key)
			}
		},
		Logger: r.log,
	})
}

// counted are the projects whose results are kept: those that have a datafile.
func (r *relay) counted() (projects []results.Project) {
	for _, d := range r.store.All() {
		projects = append(projects, results.Project{SDKKey: d.SDKKey, Datafile: d.Project, PrimaryEvent: r.settings.PageEvent})
	}
	return projects
}

func (r *relay) newDispatcher() (*dispatcher.Dispatcher, error) {
	var projects []dispatcher.Project
	for _, p := range r.settings.Project {
		projects = append(projects, dispatcher.Project{SDKKey: p.sdkKey, URL: func() string { return r.upstream(p) }})
	}
	return dispatcher.New(dispatcher.Options{
		Log:      r.events,
		State:    r.events.State(),
		Projects: projects,
		Owner:    r.owner,
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

// owner is the project of events that were posted without an sdkKey: the first configured of their projectId.
func (r *relay) owner(projectID string) string {
	if found := r.store.ByProjectID(projectID); len(found) > 0 {
		return found[0].SDKKey
	}
	return ""
}

// outside are the parts that face others; inside those that keep what the others brought, and stop last.
func (r *relay) outside() []func(context.Context) error {
	return []func(context.Context) error{r.store.Run, r.hub.Run}
}

func (r *relay) inside() []func(context.Context) error {
	return []func(context.Context) error{r.events.Run, r.dispatch.Run, r.results.Run, spareMemory}
}

func (r *relay) close() error { return r.events.Close() }

// stopping is how long stopping may take.
func (s *settings) stopping() time.Duration { return time.Duration(s.ShutdownTimeout) }

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
		projects = append(projects, datasource.Project{SDKKey: p.sdkKey, Source: source, AccessToken: tokens[p.sdkKey]})
	}
	return projects
}
