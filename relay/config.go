package main

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

// settings are those of relay serve. Each is a flag, the environment variable of the same name with RELAY_ before it, or a
// member of the configuration file; the first of these that is there counts.
type settings struct {
	Listen  string `group:"Ports and storage:" default:":8080" placeholder:"HOST:PORT" help:"Where pages and SDKs find the relay; port 0 picks a free one, which the log names."`
	Admin   string `group:"Ports and storage:" default:"127.0.0.1:8081" placeholder:"HOST:PORT" help:"The operator's port: /metrics, /v1/projects, dead letters and /debug/pprof/."`
	TLSCert string `name:"tls-cert" group:"Ports and storage:" placeholder:"FILE" help:"Certificate (PEM, with its chain) for the public port, which then speaks TLS. A renewed file is noticed. Default: none, plain HTTP."`
	TLSKey  string `name:"tls-key" group:"Ports and storage:" placeholder:"FILE" help:"The certificate's private key (PEM). Default: none."`
	DataDir string `group:"Ports and storage:" default:"./data" placeholder:"DIR" help:"Where the event log, last known good datafiles and the demo's datafile are kept."`
	Site    string `group:"Ports and storage:" placeholder:"DIR" help:"Serve the site from a folder, read anew for each request, while developing. Default: the one built in."`

	Project       []project     `group:"Projects:" placeholder:"SDKKEY=SOURCE" help:"A project and where its datafile comes from: cdn (Optimizely's), an http:// or https:// URL, the path of a file, which is watched, or nothing for the demo's. Repeatable. Default: demo= and sandbox=."`
	AccessToken   []accessToken `group:"Projects:" placeholder:"SDKKEY=TOKEN" help:"Sent as Bearer to the project's source, and wanted of those who ask for its datafile. Repeatable. Default: none, the datafile is everyone's."`
	PollInterval  duration      `group:"Projects:" default:"5m" placeholder:"DURATION" help:"How often a source is asked without a webhook; at least 1s."`
	WebhookSecret []string      `group:"Projects:" placeholder:"SECRET" help:"Webhooks must be signed with it. Repeatable, for a rotation. Default: none, and a webhook only causes a refetch."`
	CDNURL        cdnTemplate   `name:"cdn-url" group:"Projects:" default:"https://cdn.optimizely.com/datafiles/%s.json" placeholder:"URL" help:"What the source cdn stands for, with %s for the SDK key."`
	CDNAuthURL    cdnTemplate   `name:"cdn-auth-url" group:"Projects:" default:"https://config.optimizely.com/datafiles/auth/%s.json" placeholder:"URL" help:"The same for a project with an access token."`

	pageSettings `embed:""`

	EventsURL  eventsURL `name:"events-url" group:"Events:" placeholder:"URL" help:"Where events go on to. Those of sandbox never do. Default: Optimizely's event API of the project's region, and nowhere for demo."`
	MaxBacklog size      `group:"Events:" default:"2GiB" placeholder:"SIZE" help:"How large the event log may grow; at it, what is forwarded and counted goes, and if that is not enough events are refused. At least 16MiB."`
	Retain     duration  `group:"Events:" default:"30d" placeholder:"DURATION" help:"How long the event log keeps what is forwarded and counted, while there is room; at least 1h."`

	fleetSettings `embed:""`

	EventsRatePerIP count     `name:"events-rate-per-ip" group:"Limits:" placeholder:"N" help:"How many posts of events a second one client address may send, in bursts of as many; more are answered 429. Default: all."`
	TrustedProxy    []proxy   `group:"Limits:" placeholder:"CIDR" help:"Proxies whose X-Forwarded-For says which address a client has, such as 10.0.0.0/8. Repeatable. Default: none, the connection's address counts."`
	MaxConnections  count     `group:"Limits:" default:"20000" placeholder:"N" help:"How many pages may hold a websocket."`
	HandshakeRate   count     `group:"Limits:" placeholder:"N" help:"How many websocket handshakes a second are taken, in bursts of as many; more are answered 429. Default: all."`
	NotifyURL       notifyURL `name:"notify-url" group:"Limits:" placeholder:"URL" help:"Tell pages of a new datafile, which they fetch from this address of the relay, or of a CDN before it, instead of sending it to each. Default: none, each is sent it."`
	NotifySpread    duration  `group:"Limits:" default:"5s" placeholder:"DURATION" help:"Over how much time pages spread that are told of a datafile."`
	ReconnectSpread duration  `group:"Limits:" default:"2s" placeholder:"DURATION" help:"Over how much time pages spread that come back after the relay has stopped; with more than 2000 pages, a millisecond for each at least."`
	ShutdownTimeout duration  `group:"Limits:" default:"8s" placeholder:"DURATION" help:"How long stopping may take: pages are told, requests finish, then the log is flushed."`

	AllowOrigin  []origin `group:"Who may do what:" placeholder:"ORIGIN" help:"Pages of this origin may use the relay: scheme://host[:port], or * for all. Repeatable. Default: the relay's own, which always may."`
	ResultsToken string   `group:"Who may do what:" placeholder:"TOKEN" help:"Bearer token that opens the results of projects other than demo and sandbox. Default: none, they are closed."`
	AdminToken   string   `group:"Who may do what:" placeholder:"TOKEN" help:"Bearer token of the operator's port; needed when that listens off loopback. Default: none."`
}

// pageSettings say what the page is about.
type pageSettings struct {
	PageProject    string      `group:"The page's experiment:" placeholder:"SDKKEY" help:"The project the page shows. Default: the first --project."`
	PageExperiment string      `group:"The page's experiment:" placeholder:"KEY" help:"The key of the experiment that decides the page's order. Default: item-sort."`
	PageEvent      string      `group:"The page's experiment:" placeholder:"KEY" help:"The key of the event that a purchase sends. Default: item_purchase."`
	PageSort       []sortOrder `group:"The page's experiment:" placeholder:"VARIATION=ORDER" help:"By what a variation sorts the page: price, category, name, or shelf for the shop's own order. Repeatable. Default: price=price and category=category."`
}

// complete fills in what is not set, and says what does not fit together. from tells where the setting came from that is to
// blame.
func (s *settings) complete(from sources) error {
	s.fillIn()
	return from.check(s.checkProjects, s.checkPage, s.checkPorts, s.checkLimits, s.checkFleet)
}

// fillIn puts in the projects that exist without any setting, and which of them the page shows.
func (s *settings) fillIn() {
	if len(s.Project) == 0 {
		s.Project = []project{{sdkKey: demoKey}, {sdkKey: sandboxKey}}
	}
	if s.PageProject == "" {
		s.PageProject = s.Project[0].sdkKey
	}
}

func (s *settings) checkProjects() (setting string, err error) {
	keys := map[string]bool{}
	for _, p := range s.Project {
		if keys[p.sdkKey] {
			return "project", fmt.Errorf("it names %s twice", p.sdkKey)
		}
		keys[p.sdkKey] = true
	}
	tokens := map[string]bool{}
	for _, t := range s.AccessToken {
		switch {
		case !keys[t.sdkKey]:
			return "access-token", fmt.Errorf("it is for %s, which is no --project; those are %v", t.sdkKey, s.sdkKeys())
		case tokens[t.sdkKey]:
			return "access-token", fmt.Errorf("it is given twice for %s", t.sdkKey)
		}
		tokens[t.sdkKey] = true
	}
	if slices.Contains(s.WebhookSecret, "") {
		return "webhook-secret", errors.New("one of them is empty, and anyone can sign with that")
	}
	return "", nil
}

func (s *settings) checkPage() (setting string, err error) {
	if _, ok := s.project(s.PageProject); !ok {
		return "page-project", fmt.Errorf("%q is no --project; those are %v", s.PageProject, s.sdkKeys())
	}
	orders := map[string]string{}
	for _, o := range s.PageSort {
		if _, twice := orders[o.variation]; twice {
			return "page-sort", fmt.Errorf("it names %q twice", o.variation)
		}
		orders[o.variation] = o.order
	}
	return "", nil
}

func (s *settings) checkPorts() (setting string, err error) {
	for _, port := range []struct{ setting, address string }{{"listen", s.Listen}, {"admin", s.Admin}} {
		if _, _, err := net.SplitHostPort(port.address); err != nil {
			return port.setting, fmt.Errorf("%q is not host:port, such as :8080 or 127.0.0.1:0", port.address)
		}
	}
	switch {
	case s.TLSCert != "" && s.TLSKey == "":
		return "tls-cert", fmt.Errorf("it needs a --tls-key as well")
	case s.TLSCert == "" && s.TLSKey != "":
		return "tls-key", fmt.Errorf("it needs a --tls-cert as well")
	}
	if s.AdminToken == "" && !isLoopback(s.Admin) {
		return "admin", fmt.Errorf("%s is open to other machines: it needs an --admin-token, or a loopback address", s.Admin)
	}
	return "", nil
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *settings) checkLimits() (setting string, err error) {
	const minBacklog = 16 << 20
	const maxSpread = duration(24 * time.Hour) // a browser's timers hold 24 days, and go off at once beyond
	switch {
	case s.PollInterval < duration(time.Second):
		return "poll-interval", fmt.Errorf("%v is too short; at least 1s is allowed", time.Duration(s.PollInterval))
	case s.MaxConnections < 1:
		return "max-connections", fmt.Errorf("%d is too few; at least 1 is allowed", s.MaxConnections)
	case s.HandshakeRate < 0:
		return "handshake-rate", fmt.Errorf("%d is too few; at least 1 is allowed, or 0 for no limit", s.HandshakeRate)
	case s.MaxBacklog < minBacklog:
		return "max-backlog", fmt.Errorf("%d bytes are too few; at least 16MiB is allowed", s.MaxBacklog)
	case s.Retain < duration(time.Hour):
		return "retain", fmt.Errorf("%v is too short; at least 1h is allowed", time.Duration(s.Retain))
	case s.EventsRatePerIP < 0:
		return "events-rate-per-ip", fmt.Errorf("%d is too few; at least 1 is allowed, or 0 for no limit", s.EventsRatePerIP)
	case s.NotifySpread < 0:
		return "notify-spread", fmt.Errorf("%v is too short; at least 0s is allowed", time.Duration(s.NotifySpread))
	case s.NotifySpread > maxSpread:
		return "notify-spread", fmt.Errorf("%v is too long; at most 24h is allowed", time.Duration(s.NotifySpread))
	case s.ReconnectSpread <= 0:
		return "reconnect-spread", fmt.Errorf("%v is too short; it must be more than 0", time.Duration(s.ReconnectSpread))
	case s.ReconnectSpread > maxSpread:
		return "reconnect-spread", fmt.Errorf("%v is too long; at most 24h is allowed", time.Duration(s.ReconnectSpread))
	case s.ShutdownTimeout <= 0:
		return "shutdown-timeout", fmt.Errorf("%v is too short; it must be more than 0", time.Duration(s.ShutdownTimeout))
	}
	return "", nil
}

// project returns the project of an sdkKey, if there is one.
func (s *settings) project(sdkKey string) (project, bool) {
	for _, p := range s.Project {
		if p.sdkKey == sdkKey {
			return p, true
		}
	}
	return project{}, false
}
