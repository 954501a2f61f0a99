package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sortition/relay/internal/datasource"
)

// settings are those of relay serve. Each is a flag, the environment variable of the same name with RELAY_ before it, or a
// member of the configuration file; the first of these that is there counts.
type settings struct {
	Listen          string        `default:":8080" help:"Where pages and SDKs find the relay; port 0 picks a free one."`
	Admin           string        `default:"127.0.0.1:8081" help:"The operator's port: /v1/projects and /debug/pprof/."`
	DataDir         string        `default:"./data" help:"Where the event log, last known good datafiles and the demo's datafile are kept."`
	Project         []project     `placeholder:"SDKKEY=SOURCE" help:"A project and where its datafile comes from: cdn (Optimizely's), an http:// or https:// URL, or the path of a file, which is watched; nothing means the demo's. Repeatable. Without any there are demo= and sandbox=."`
	AccessToken     []accessToken `placeholder:"SDKKEY=TOKEN" help:"Sent as Bearer to the project's source, and wanted of those who ask for its datafile. Repeatable."`
	PollInterval    time.Duration `default:"5m" help:"How often a source is asked without a webhook."`
	WebhookSecret   []string      `placeholder:"SECRET" help:"Webhooks must be signed with it. Repeatable, for a rotation. Without one a webhook still only causes a refetch."`
	EventsURL       eventsURL     `name:"events-url" placeholder:"URL" help:"Where events go on to. Without it: Optimizely's event API of the project's region, except those of demo, which go nowhere. Those of sandbox never do."`
	AllowOrigin     []origin      `placeholder:"ORIGIN" help:"Pages of this origin may use the relay: scheme://host[:port], or * for all. Repeatable. The relay's own always may."`
	ResultsToken    string        `placeholder:"TOKEN" help:"Bearer token that opens the results of projects other than demo and sandbox."`
	AdminToken      string        `placeholder:"TOKEN" help:"Bearer token of the operator's port; needed when that listens off loopback."`
	MaxConnections  int           `default:"20000" help:"How many pages may hold a websocket."`
	MaxBacklog      size          `default:"2GiB" help:"How large the event log may grow before events are refused."`
	ShutdownTimeout time.Duration `default:"8s" help:"How long stopping may take: pages are told, requests finish, then the log is flushed."`
	Site            string        `placeholder:"DIR" help:"Serve the site from a folder instead of the one built in, while developing."`
}

// Validate is called once all settings are read. It completes the projects and says what does not fit together.
func (s *settings) Validate() error {
	if len(s.Project) == 0 {
		s.Project = []project{{sdkKey: demoKey}, {sdkKey: sandboxKey}}
	}
	keys := map[string]bool{}
	for _, p := range s.Project {
		if keys[p.sdkKey] {
			return fmt.Errorf("--project names %s twice", p.sdkKey)
		}
		keys[p.sdkKey] = true
	}
	for _, t := range s.AccessToken {
		if !keys[t.sdkKey] {
			return fmt.Errorf("--access-token is for %s, which is no --project", t.sdkKey)
		}
	}
	if err := checkAddress("--listen", s.Listen); err != nil {
		return err
	}
	if err := checkAddress("--admin", s.Admin); err != nil {
		return err
	}
	switch {
	case s.AdminToken == "" && !isLoopback(s.Admin):
		return fmt.Errorf("--admin %s is open to other machines: it needs an --admin-token, or a loopback address", s.Admin)
	case s.PollInterval < time.Second:
		return fmt.Errorf("--poll-interval is %v; at least 1s is allowed", s.PollInterval)
	case s.MaxConnections < 1:
		return fmt.Errorf("--max-connections is %d; at least 1 is allowed", s.MaxConnections)
	case s.MaxBacklog < minBacklog:
		return fmt.Errorf("--max-backlog is %d bytes; at least 16MiB is allowed", s.MaxBacklog)
	case s.ShutdownTimeout <= 0:
		return fmt.Errorf("--shutdown-timeout is %v; it must be more than 0", s.ShutdownTimeout)
	}
	return nil
}

const minBacklog = 16 << 20

func checkAddress(flag, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("%s is %q; host:port is allowed, such as :8080 or 127.0.0.1:0", flag, address)
	}
	return nil
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// project is SDKKEY=SOURCE; an empty source is the demo's datafile.
type project struct{ sdkKey, source string }

// sdkKey is also a file's name, so there is nothing in it that a path could be made of.
var sdkKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *project) UnmarshalText(text []byte) (err error) {
	var ok bool
	p.sdkKey, p.source, ok = strings.Cut(string(text), "=")
	if !ok || !sdkKey.MatchString(p.sdkKey) {
		return fmt.Errorf("%q is not SDKKEY=SOURCE with a key of letters, digits, _ and -", text)
	}
	if p.source != "" {
		return datasource.CheckSource(p.source)
	}
	return nil
}

// accessToken is SDKKEY=TOKEN.
type accessToken struct{ sdkKey, token string }

// UnmarshalText implements encoding.TextUnmarshaler. Its error does not repeat the token.
func (a *accessToken) UnmarshalText(text []byte) error {
	var ok bool
	a.sdkKey, a.token, ok = strings.Cut(string(text), "=")
	if !ok || !sdkKey.MatchString(a.sdkKey) || a.token == "" {
		return errors.New("SDKKEY=TOKEN is allowed")
	}
	return nil
}

// origin is scheme://host[:port], or *.
type origin string

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *origin) UnmarshalText(text []byte) error {
	*o = origin(text)
	u, err := url.Parse(string(text))
	if *o == "*" || err == nil && u.Host != "" && u.Scheme+"://"+u.Host == string(text) {
		return nil
	}
	return fmt.Errorf("%q is not scheme://host[:port], such as https://shop.example, or *", text)
}

// eventsURL is an http:// or https:// URL.
type eventsURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (e *eventsURL) UnmarshalText(text []byte) error {
	*e = eventsURL(text)
	u, err := url.Parse(string(text))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not an http:// or https:// URL", text)
	}
	return nil
}

// size is a number of bytes, written as such or with a unit.
type size int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *size) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "KMGTiB")
	unit, known := map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}[string(text)[len(digits):]]
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || !known || n < 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size such as 512MiB or 2GiB", text)
	}
	*s = size(n * unit)
	return nil
}
