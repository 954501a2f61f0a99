package datasource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Project names a project and where its datafile comes from.
type Project struct {
	SDKKey      string
	Source      string // SourceCDN, an http:// or https:// URL, or the path of a file that is watched
	AccessToken string // sent as Bearer to a CDN or URL; empty for a public datafile
	Own         bool   // the Source is a file of the relay's, which may write there what is in force
}

// Options says which projects there are. Projects, Dir and, for projects of SourceCDN, the templates have no default.
type Options struct {
	Projects []Project
	// Dir is where datafiles/SDKKEY.json, the last known good ones, are kept.
	Dir string
	// PollInterval is how often a source is asked without a reason. Default 5 minutes.
	PollInterval time.Duration
	// OnChange is told of every datafile that comes into force, those from disk included, in order for each project. It must
	// not block: the project waits for it.
	OnChange func(*Datafile)
	// OnProblem is told of every problem that begins, and with nil of its end. It must not block either.
	OnProblem func(sdkKey string, p *Problem)
	// CDNTemplate and CDNAuthTemplate are the URLs behind SourceCDN, with %s for the SDK key; the second wants the
	// project's access token as Bearer.
	CDNTemplate, CDNAuthTemplate string
	// Shared is where relays that serve as one keep what is in force. Default nil: this one serves by itself.
	Shared Shared
	// Logger is told of new datafiles and of problems. Default slog.Default().
	Logger *slog.Logger

	client *http.Client
}

func (o Options) withDefaults() Options {
	o.PollInterval = cmp.Or(o.PollInterval, 5*time.Minute)
	if o.OnChange == nil {
		o.OnChange = func(*Datafile) {}
	}
	if o.OnProblem == nil {
		o.OnProblem = func(string, *Problem) {}
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	o.client = newClient(maxSilence)
	return o
}

// Store holds the newest datafile of every project. It is safe for concurrent use.
type Store struct {
	o        Options
	projects []*project
	byKey    map[string]*project
}

// Open makes a store and reads the last known good datafiles. Run fetches newer ones.
func Open(o Options) (*Store, error) {
	s := &Store{o: o.withDefaults(), byKey: make(map[string]*project)}
	left := leftovers{}
	for _, settings := range o.Projects {
		if err := CheckSource(settings.Source); err != nil {
			return nil, fmt.Errorf("project %s: %w", settings.SDKKey, err)
		}
		if s.byKey[settings.SDKKey] != nil {
			return nil, fmt.Errorf("project %s is configured twice", settings.SDKKey)
		}
		p := s.o.newProject(settings, left)
		s.projects = append(s.projects, p)
		s.byKey[settings.SDKKey] = p
	}
	return s, nil
}

func (o Options) newProject(settings Project, left leftovers) *project {
	p := &project{
		Project:     settings,
		source:      o.newSource(settings),
		forwardOnly: settings.Source == SourceCDN,
		dir:         o.Dir,
		poll:        o.PollInterval,
		log:         o.Logger,
		onChange:    o.OnChange,
		onProblem:   o.OnProblem,
		wake:        make(chan struct{}, 1),
		shared:      o.Shared,
		synced:      make(chan struct{}),
		history:     newHistory(o.Dir, settings.SDKKey),
	}
	if err := errors.Join(p.sweep(left), p.restore()); err != nil {
		p.report(err)
	}
	return p
}

// Run keeps every project's datafile the newest until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	var running sync.WaitGroup
	for _, p := range s.projects {
		running.Go(func() { p.run(ctx) })
		running.Go(func() { p.watch(ctx) })
	}
	running.Wait()
	s.o.client.CloseIdleConnections()
	return nil
}

// Synced waits until all is known that relays which serve as one had in force when
// this one began, and tells whether it is: false when ctx ends before.
func (s *Store) Synced(ctx context.Context) bool {
	for _, p := range s.projects {
		select {
		case <-p.synced:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// Newest returns a project's newest datafile, or false while there is none.
func (s *Store) Newest(sdkKey string) (*Datafile, bool) {
	p, ok := s.byKey[sdkKey]
	if !ok {
		return nil, false
	}
	d := p.newest.Load()
	return d, d != nil
}

// ByProjectID returns the newest datafiles that bear a projectId, in configured order.
func (s *Store) ByProjectID(id string) []*Datafile {
	var found []*Datafile
	for _, d := range s.All() {
		if d.ProjectID == id {
			found = append(found, d)
		}
	}
	return found
}

// All returns every newest datafile in configured order, leaving out projects that have none yet.
func (s *Store) All() []*Datafile {
	all := make([]*Datafile, 0, len(s.projects))
	for _, p := range s.projects {
		if d := p.newest.Load(); d != nil {
			all = append(all, d)
		}
	}
	return all
}

// Refetch makes a project ask its source now, without waiting for it, and again with growing pauses until the revision is
// there; "" names none. Requests that come during a fetch become one more.
func (s *Store) Refetch(sdkKey, revision string) {
	if p, ok := s.byKey[sdkKey]; ok {
		p.refetch(revision)
	}
}

// State is how a project stands.
type State struct {
	SDKKey   string
	Source   string    // without credentials
	Datafile *Datafile // nil while there is none
	Problem  *Problem  // nil while all is well
	Hold     *Hold     // nil while the source decides
	Wanted   string    // the revision that a webhook announced and the source is asked for; empty when there is none
}

// Lag is how many revisions the source is known to have beyond the one in force, where revisions are numbers.
func (s State) Lag() uint64 {
	if s.Datafile == nil {
		return 0
	}
	ahead := s.Wanted
	if ahead == "" && s.Hold != nil {
		ahead = s.Hold.SourceRevision
	}
	if order, ok := compareRevisions(ahead, s.Datafile.Revision); !ok || order <= 0 {
		return 0
	}
	newest, _ := strconv.ParseUint(ahead, 10, 64)
	inForce, _ := strconv.ParseUint(s.Datafile.Revision, 10, 64)
	return newest - inForce
}

// States returns how every project stands, in configured order.
func (s *Store) States() []State {
	states := make([]State, 0, len(s.projects))
	for _, p := range s.projects {
		states = append(states, State{p.SDKKey, p.source.String(), p.newest.Load(), p.trouble(), p.hold.Load(), p.wanted()})
	}
	return states
}
