package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"sortition/relay/internal/datasource"
	"sortition/relay/internal/datasource/shareddatafiles"
	"sortition/relay/internal/dispatcher/sharedletters"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
)

// natsSettings say where a fleet keeps what it shares.
type natsSettings struct {
	NATS            natsURL `name:"nats" group:"A fleet of relays:" placeholder:"URL" help:"NATS servers with JetStream that keep events and datafiles for all relays that name the same: nats://[USER:PASSWORD@]HOST:PORT, several with commas between them. Default: none, everything is kept in the data folder."`
	NATSCredentials string  `name:"nats-credentials" group:"A fleet of relays:" placeholder:"FILE" help:"The relay's .creds file for NATS. Default: none."`
	NATSFleet       fleetID `name:"nats-fleet" group:"A fleet of relays:" placeholder:"ID" help:"What the fleet's streams and buckets begin with: relays of another ID share nothing with these. Default: sortition."`
}

// errNoNATS is what is wrong with a fleet's setting of a relay that would serve by itself.
var errNoNATS = errors.New("it needs a --nats as well")

// check says what of them makes no sense.
func (n *natsSettings) check() (setting string, err error) {
	switch {
	case n.NATS == "" && n.NATSCredentials != "":
		return "nats-credentials", errNoNATS
	case n.NATS == "" && n.NATSFleet != "":
		return "nats-fleet", errNoNATS
	case n.NATSCredentials != "":
		_, err = os.ReadFile(n.NATSCredentials) // the NATS client would not say what they are
		return "nats-credentials", err
	}
	return "", nil
}

// fleetID is what the names of the fleet's streams begin with.
func (n *natsSettings) fleetID() string { return cmp.Or(string(n.NATSFleet), "sortition") }

// fleetSettings are those of relays that serve as one.
type fleetSettings struct {
	natsSettings `embed:""`
	NATSReplicas count `name:"nats-replicas" group:"A fleet of relays:" placeholder:"N" help:"How many of the NATS servers keep everything: 1, 3 or 5. Default: 3 of a cluster, 1 of a single server."`
}

// joinFleet joins what the fleet shares, once its servers are there; nil for a relay by itself.
func joinFleet(ctx context.Context, s *settings, lobby lobby, log *slog.Logger) (shared *fleet.Fleet, err error) {
	if s.NATS == "" {
		return nil, nil
	}
	const sentence = "the relay waits for the NATS servers of its fleet; its log says what they lack"
	err = lobby.during(ctx, sentence, func(ctx context.Context) (err error) {
		shared, err = fleet.Connect(ctx, fleet.Options{
			URL:         string(s.NATS),
			Credentials: s.NATSCredentials,
			ID:          s.fleetID(),
			Replicas:    int(s.NATSReplicas),
			MaxBytes:    int64(s.MaxBacklog),
			Projects:    s.sdkKeys(),
			Logger:      log,
		})
		return err
	})
	return shared, err
}

// openShared opens the event log and the dead letters in what the fleet shares.
func (r *relay) openShared() {
	r.events = streamlog.New(r.fleet, streamlog.Options{
		Consumers: r.settings.consumers(),
		Retain:    time.Duration(r.settings.Retain),
		Logger:    r.log,
	})
	r.letters = sharedletters.New(r.fleet.Letters)
}

// sharedDatafiles is where the fleet's datafiles are; nil for a relay by itself.
func (r *relay) sharedDatafiles() datasource.Shared {
	if r.fleet == nil {
		return nil
	}
	return shareddatafiles.New(r.fleet, r.log)
}

// lead is how a part learns that it is this relay's turn to do what only one may do with the fleet's events; nil for a relay
// by itself. A relay that does not know the fleet's datafiles yet gets no turn: they tell whose the events are that name no SDK key.
func (r *relay) lead() func(ctx context.Context, name string, lead func(context.Context)) {
	if r.fleet == nil {
		return nil
	}
	return func(ctx context.Context, name string, lead func(context.Context)) {
		if r.store.Synced(ctx) {
			r.fleet.Lead(ctx, name, lead)
		}
	}
}

// leaveInTime leaves the fleet once stopping has taken as long as it may: servers that are slow are waited for no longer, and
// what they were not told of by then is done again, as after a kill. What it returns takes that back.
func (r *relay) leaveInTime(ctx context.Context) (stopped func()) {
	waiting, stopped := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		fleet.Pause(waiting, r.settings.stopping())
		if waiting.Err() == nil {
			r.log.Warn("the NATS servers are too slow to wait for; what they were not told of is done again")
			_ = r.fleet.Close() // it never fails
		}
	})
	return stopped
}

// checkFleet says what of the fleet's settings makes no sense.
func (s *settings) checkFleet() (setting string, err error) {
	switch {
	case !slices.Contains([]count{0, 1, 3, 5}, s.NATSReplicas):
		return "nats-replicas", fmt.Errorf("%d is none of 1, 3 and 5", s.NATSReplicas)
	case s.NATS == "" && s.NATSReplicas != 0:
		return "nats-replicas", errNoNATS
	}
	return s.check()
}

// natsURL is the address of NATS servers.
type natsURL string

// UnmarshalText implements encoding.TextUnmarshaler. A URL can hold credentials.
func (n *natsURL) UnmarshalText(text []byte) error {
	*n = natsURL(text)
	for one := range strings.SplitSeq(string(text), ",") {
		u, err := url.Parse(strings.TrimSpace(one))
		if err != nil || u.Host == "" || u.Scheme != "nats" && u.Scheme != "tls" {
			return errors.New("it is not nats:// or tls:// and a host, such as nats://127.0.0.1:4222; several have commas between them")
		}
	}
	return nil
}

// fleetID is what the names of a fleet's streams begin with.
type fleetID string

var fleetIDs = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *fleetID) UnmarshalText(text []byte) error {
	*f = fleetID(text)
	if !fleetIDs.Match(text) {
		return fmt.Errorf("%q is not an id of at most 32 letters, digits and -", text)
	}
	return nil
}
