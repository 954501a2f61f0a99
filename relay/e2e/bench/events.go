package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"sortition/relay/e2e/internal/process"
)

const (
	eventTurn    = 2 * time.Second // of the bare server and the relay, each
	batchEvents  = 64
	backlog      = 1_000_000 // events
	maxPostCPU   = 70        // µs
	minOfBare    = 0.7
	minBatched   = 250_000 // events a second
	maxBacklogMB = 150
	maxRestart   = 2 * time.Second
)

// measureEvents posts events to the relay and to a bare server in turns, with de-duplication, results and forwarding
// running, and then looks at a relay with a large backlog.
func measureEvents(ctx context.Context, t *table, rounds int) error {
	dir, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return errors.Join(measurePosts(ctx, t, dir, rounds), measureBacklog(ctx, t, filepath.Join(dir, "backlog")))
}

func measurePosts(ctx context.Context, t *table, dir string, rounds int) error {
	bare, stopBare, err := startBare(ctx, filepath.Join(dir, "bare"))
	if err != nil {
		return fmt.Errorf("starting the bare server: %w", err)
	}
	eventAPI := newEventAPI(http.StatusNoContent)
	defer eventAPI.Close()
	relay, err := process.Start(ctx, process.Options{Binary: relayBinary, DataDir: filepath.Join(dir, "posts"),
		Args: []string{"--events-url", eventAPI.URL, "--max-backlog", "16GiB"}})
	if err != nil {
		return errors.Join(err, stopBare())
	}
	err = takeTurns(ctx, t, measured{relay.Address(), relay.Process()}, bare, rounds)
	return errors.Join(err, relay.Stop(), stopBare())
}

func takeTurns(ctx context.Context, t *table, relay, bare measured, rounds int) error {
	var number atomic.Int64
	single, batched := newLoad(1, &number), newLoad(batchEvents, &number)
	var ofBare, posts, cpu, bareCPU, events []float64
	for range rounds {
		atBare, costOfBare, err := bare.take(ctx, single)
		if err != nil {
			return fmt.Errorf("the bare server: %w", err)
		}
		atRelay, cost, err := relay.take(ctx, single)
		if err != nil {
			return fmt.Errorf("the relay: %w", err)
		}
		ofBare, posts = append(ofBare, atRelay/atBare), append(posts, atRelay)
		cpu, bareCPU = append(cpu, cost), append(bareCPU, costOfBare)
	}
	for range rounds {
		atRelay, _, err := relay.take(ctx, batched)
		if err != nil {
			return fmt.Errorf("the relay, batches: %w", err)
		}
		events = append(events, atRelay*batchEvents)
	}
	ratio, each, batch := spreadOf(ofBare), spreadOf(cpu), spreadOf(events)
	t.note("posts of one event, each on disk before its 204", spreadOf(posts).format("%.0f")+" a second")
	t.add("posts / those of a bare append-and-fdatasync server", ratio.format("%.2f"), "0.7", ratio.median >= minOfBare)
	t.add("CPU of the relay for each", each.format("%.0f")+" µs", "70 µs", each.median <= maxPostCPU)
	t.note("CPU of the bare server for each", spreadOf(bareCPU).format("%.0f")+" µs")
	t.add("events in batches of 64", batch.format("%.0f")+" a second", "250 000", batch.median >= minBatched)
	return nil
}

// take gives a server its turn: posts a second, and the microseconds of processor time that each took it.
func (m measured) take(ctx context.Context, l *load) (posts, cost float64, err error) {
	before, err := process.CPU(m.process)
	if err != nil {
		return 0, 0, err
	}
	if posts, err = l.run(ctx, m.address, eventTurn); err != nil {
		return 0, 0, err
	}
	after, err := process.CPU(m.process)
	return posts, float64((after - before).Microseconds()) / (posts * eventTurn.Seconds()), err
}

// newEventAPI takes every batch with the status and looks at none.
func newEventAPI(status int) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
	}))
}

// measureBacklog fills a relay whose event API is down, ends it as a power cut would, and starts it again.
func measureBacklog(ctx context.Context, t *table, data string) error {
	eventAPI := newEventAPI(http.StatusServiceUnavailable)
	defer eventAPI.Close()
	options := process.Options{Binary: relayBinary, DataDir: data, Args: []string{"--events-url", eventAPI.URL}}
	relay, err := process.Start(ctx, options)
	if err != nil {
		return err
	}
	var number atomic.Int64
	for batched := newLoad(batchEvents, &number); number.Load() < backlog && err == nil; {
		_, err = batched.run(ctx, relay.Address(), eventTurn/8)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("filling the backlog: %w", err), relay.Kill())
	}
	before, err := relay.RSS()
	if err := errors.Join(err, relay.Kill()); err != nil {
		return err
	}
	if relay, err = process.Start(ctx, options); err != nil {
		return err
	}
	after, err := relay.RSS()
	if err := errors.Join(err, relay.Stop()); err != nil {
		return err
	}
	held := float64(max(before, after)) / (1 << 20)
	t.add(fmt.Sprintf("resident memory with a backlog of %.1f million events", float64(number.Load())/1e6),
		fmt.Sprintf("%.0f MB; %.0f MB after a restart", float64(before)/(1<<20), float64(after)/(1<<20)), "150 MB", held <= maxBacklogMB)
	t.add("killed with it, ready again after", fmt.Sprintf("%.2f s", relay.Ready.Seconds()), "2 s", relay.Ready <= maxRestart)
	return nil
}
