// Command bench measures what the README claims and prints it as one table, with the machine it ran on:
//
//   - getVariation in one Chromium page, the official SDK and ours in turns, after every answer of both was compared
//   - the time from a webhook at the relay to the store page's new order
//   - the relay's start, memory and size, and what engine.wasm weighs
//
// It needs what make build writes, and runs from relay/e2e.
package main

import (
	"context"
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
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := flags.Int("rounds", 15, "interleaved rounds of getVariation")
	webhooks := flags.Int("webhooks", 20, "webhooks sent")
	starts := flags.Int("starts", 10, "starts of the relay")
	if err := flags.Parse(args); err != nil {
		return err
	}
	machine, err := describeMachine(ctx)
	if err != nil {
		return err
	}
	t := table{}
	if err := measureDecisions(ctx, &t, *rounds); err != nil {
		return fmt.Errorf("measuring getVariation: %w", err)
	}
	if err := measurePush(ctx, &t, *webhooks); err != nil {
		return fmt.Errorf("measuring webhook to page: %w", err)
	}
	if err := measureRelay(ctx, &t, *starts); err != nil {
		return fmt.Errorf("measuring the relay: %w", err)
	}
	fmt.Fprintf(stdout, "%s\n\n", machine)
	return t.write(stdout)
}
