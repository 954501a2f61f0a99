// Command bench measures what the README claims and prints it as one table, with the machine it ran on:
//
//   - what applications call often, and a datafile's update, in one Chromium page, the official SDK and ours by turns, after their
//     answers and events were compared; many visitors at once; the engine's memory; and pages from navigation to first decision, beside
//     one that loads an empty Go program
//   - the time from a webhook at the relay to the store page's new order
//   - pushes to ten thousand pages, against a server that does nothing but broadcast, and what such pages cost at rest
//   - posts of events, against a server that does nothing but append and sync, and a relay with a million to forward
//   - decisions that the relay makes for clients without the engine, against a server that answers as much JSON
//   - a fleet of two relays on three NATS servers: posts of events, and pushes against one relay
//   - the relay's start, memory and size, and what engine.wasm weighs
//
// It needs what make build writes, and runs from relay/e2e.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == bareServer:
		return runBare(args[1], stdout)
	case len(args) == 2 && args[0] == bareAnswers:
		go endWithParent()
		return runBareAnswers(args[1], stdout)
	case len(args) == 1 && args[0] == pushBare:
		go endWithParent()
		return runBroadcaster(stdout)
	case len(args) == 4 && args[0] == pushClients:
		go endWithParent()
		return runClients(args[1], args[2], args[3], stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := flags.Int("rounds", 15, "interleaved rounds of each call of the SDKs")
	millions := flags.Int("millions", 10, "millions of decisions over which the engine's memory must not grow")
	navigations := flags.Int("navigations", 40, "interleaved turns of visits to each page: how long one takes is more of chance than all else")
	webhooks := flags.Int("webhooks", 20, "webhooks sent")
	turns := flags.Int("turns", 7, "interleaved turns of posting events, and of decisions")
	starts := flags.Int("starts", 10, "starts of the relay")
	pushes := flags.Int("pushes", 7, "interleaved pushes of each datafile to 10 000 pages")
	fleets := flags.Int("fleets", 5, "turns of posting events to a fleet, and of pushes to its pages")
	only := flags.String("only", "", "measure one part only: decisions, updates, batches, memory, navigation, webhook, fanout, events, decide, relay or cluster")
	if err := flags.Parse(args); err != nil {
		return err
	}
	machine, err := describeMachine(ctx)
	if err != nil {
		return err
	}
	t := table{}
	var failed error // of the parts that could not be measured, beside which the others are told
	for _, part := range []struct {
		name    string
		measure func(context.Context, *table, int) error
		times   int
	}{
		{"decisions", measureDecisions, *rounds},
		{"updates", measureUpdates, *rounds},
		{"batches", measureBatches, *rounds},
		{"memory", measureMemory, *millions},
		{"navigation", measureNavigation, *navigations},
		{"webhook", measurePush, *webhooks},
		{"fanout", measureFanout, *pushes},
		{"events", measureEvents, *turns},
		{"decide", measureEvaluations, *turns},
		{"relay", measureRelay, *starts},
		{"cluster", measureCluster, *fleets},
	} {
		if *only != "" && *only != part.name {
			continue
		}
		if err := part.measure(ctx, &t, part.times); err != nil {
			failed = errors.Join(failed, fmt.Errorf("measuring %s: %w", part.name, err))
		}
	}
	fmt.Fprintf(stdout, "%s\n\n", machine)
	return errors.Join(failed, t.write(stdout))
}

// endWithParent ends this process when the one that started it has ended, however it did.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}
