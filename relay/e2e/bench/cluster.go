package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
)

const (
	fleetRelays   = 2
	minFleetPosts = 4000 // a second, of one event each
	maxFleetPush  = 1.5  // times a single relay's
	natsDefault   = "2m" // how often NATS syncs if nobody tells it otherwise
)

// measureCluster measures a fleet: three NATS servers, two relays and the load, all on this machine.
func measureCluster(ctx context.Context, t *table, rounds int) error {
	for _, sync := range []string{natsDefault, "always"} {
		if err := measureFleetPosts(ctx, t, sync, rounds); err != nil {
			return fmt.Errorf("sync_interval %s: %w", sync, err)
		}
	}
	return measureFleetPush(ctx, t, rounds)
}

// clusterOf is the servers and relays of a fleet.
type clusterOf struct {
	dir    string
	nats   *natsserver.Cluster
	relays []*process.Relay
}

func startFleet(ctx context.Context, sync string, args ...string) (*clusterOf, error) {
	dir, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return nil, err
	}
	c := &clusterOf{dir: dir}
	if c.nats, err = natsserver.Start(ctx, natsserver.Options{Dir: dir, Nodes: 3, Sync: sync}); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for i := range fleetRelays {
		relay, err := process.Start(ctx, process.Options{Binary: relayBinary, DataDir: filepath.Join(dir, "relay"+strconv.Itoa(i)),
			Args: append([]string{"--nats", c.nats.URL()}, args...)})
		if err != nil {
			return nil, errors.Join(err, c.stop())
		}
		c.relays = append(c.relays, relay)
	}
	return c, nil
}

func (c *clusterOf) stop() error {
	var errs []error
	for _, relay := range c.relays {
		errs = append(errs, relay.Kill())
	}
	return errors.Join(append(errs, c.nats.Stop(), os.RemoveAll(c.dir))...)
}

// measureFleetPosts posts events to all relays at the same time, with de-duplication, results and forwarding running.
func measureFleetPosts(ctx context.Context, t *table, sync string, rounds int) error {
	eventAPI := newEventAPI(http.StatusNoContent)
	defer eventAPI.Close()
	c, err := startFleet(ctx, sync, "--events-url", eventAPI.URL)
	if err != nil {
		return err
	}
	defer c.stop() //nolint:errcheck // everything is measured
	var number atomic.Int64
	single, err := c.post(ctx, newLoad(1, &number), rounds)
	if err != nil {
		return err
	}
	batched, err := c.post(ctx, newLoad(batchEvents, &number), rounds)
	if err != nil {
		return err
	}
	name := "posts of one event to 2 relays, acknowledged by 2 of 3 NATS servers"
	if sync == natsDefault {
		t.add(name, single.format("%.0f")+" a second", "4 000", single.median >= minFleetPosts)
	} else {
		name += ", sync_interval " + sync
		t.note(name, single.format("%.0f")+" a second")
	}
	t.note("the same in batches of 64, events", spreadOf([]float64{batched.min * batchEvents, batched.median * batchEvents, batched.max * batchEvents}).format("%.0f")+" a second")
	return nil
}

// post returns how many posts a second all relays take together.
func (c *clusterOf) post(ctx context.Context, l *load, rounds int) (spread[float64], error) {
	var posts []float64
	for range rounds {
		var running errgroup.Group
		each := make([]float64, len(c.relays))
		for i, relay := range c.relays {
			running.Go(func() (err error) {
				each[i], err = l.run(ctx, relay.Address(), eventTurn)
				return err
			})
		}
		if err := running.Wait(); err != nil {
			return spread[float64]{}, err
		}
		all := 0.0
		for _, n := range each {
			all += n
		}
		posts = append(posts, all)
	}
	return spreadOf(posts), nil
}

// measureFleetPush has a datafile pushed to the pages of two relays, in turns with one relay that has all of them.
func measureFleetPush(ctx context.Context, t *table, rounds int) error {
	f := &fanout{}
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(f.datafile.Load().(string))) //nolint:errcheck // no client would hear
	}))
	defer source.Close()
	delta := fanoutCases[0]
	if err := f.next(delta); err != nil {
		return err
	}
	project := []string{"--project", "demo=" + source.URL + "/demo.json", "--webhook-secret", webhookSecret}
	dir, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if f.relay, err = process.Start(ctx, process.Options{Binary: relayBinary, DataDir: dir, Args: project}); err != nil {
		return err
	}
	defer f.relay.Kill() //nolint:errcheck // everything is measured
	fleet, err := startFleet(ctx, natsDefault, project...)
	if err != nil {
		return err
	}
	defer fleet.stop() //nolint:errcheck // as above
	crowds, err := gatherCrowds(ctx, append(fleet.relays, f.relay))
	for _, crowd := range crowds {
		defer crowd.kill()
	}
	if err != nil {
		return err
	}
	f.ours = crowds[fleetRelays]
	var together, alone, ratios []float64
	for round := range rounds + 1 {
		if err := f.next(delta); err != nil {
			return err
		}
		last, _, err := f.push(ctx)
		if err != nil {
			return err
		}
		ofFleet, err := f.pushTo(ctx, fleet.relays[round%fleetRelays].URL, crowds[:fleetRelays])
		if err != nil {
			return err
		}
		if round > 0 { // in the first not everyone had a datafile that a delta could start from
			together, alone, ratios = append(together, ofFleet), append(alone, last), append(ratios, ofFleet/last)
		}
	}
	ratio := spreadOf(ratios)
	t.note("delta of a 100 KB datafile, webhook at either of 2 relays to the last of 2 x 5 000 pages", spreadOf(together).format("%.0f")+" ms")
	t.note("the same, one relay with 10 000", spreadOf(alone).format("%.0f")+" ms")
	t.add("the same, 2 relays / one", ratio.format("%.2f"), "1.5", ratio.median <= maxFleetPush)
	return nil
}

// gatherCrowds connects half the crowd to each relay of a fleet, and all of it to the last relay, which is by itself.
func gatherCrowds(ctx context.Context, relays []*process.Relay) (crowds []*child, err error) {
	for i, relay := range relays {
		size := crowdSize / fleetRelays
		if i == len(relays)-1 {
			size = crowdSize
		}
		crowd, err := startChild(ctx, pushClients, relay.Address(), strconv.Itoa(size), "read")
		if err != nil {
			return crowds, err
		}
		crowds = append(crowds, crowd)
		if _, err := crowd.line(); err != nil {
			return crowds, err
		}
	}
	return crowds, nil
}

// pushTo sends the webhook to a relay and returns after how many ms the last client of all crowds had the datafile.
func (f *fanout) pushTo(ctx context.Context, url string, crowds []*child) (last float64, err error) {
	sent := time.Now()
	status, err := demo.SendWebhook(ctx, url, strconv.Itoa(f.revision), webhookSecret)
	if err != nil || status != http.StatusOK {
		return 0, fmt.Errorf("the webhook was answered %d, %w", status, err)
	}
	for _, crowd := range crowds {
		heard, err := crowd.round()
		if err != nil {
			return 0, err
		}
		last = max(last, milliseconds(sent, heard.last))
	}
	return last, nil
}
