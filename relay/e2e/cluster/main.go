// Command cluster runs a fleet on this machine to be tried out: three NATS servers, two relays and a load balancer before
// them. It prints their addresses and ends all of them when it is interrupted. Its arguments go to every relay.
//
// It needs what make build writes, and runs from relay/e2e.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"sortition/relay/e2e/internal/balancer"
	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
)

const relays = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "sortition-cluster-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it lies where such things are cleared away
	nats, err := natsserver.Start(ctx, natsserver.Options{Dir: dir, Nodes: 3})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, nats.Stop()) }()
	for i, node := range nats.Nodes {
		fmt.Fprintf(stdout, "NATS %d           nats://%s  process %d\n", i+1, node.Address, node.PID())
	}
	var urls []string
	for i := range relays {
		relay, err := process.Start(ctx, process.Options{
			DataDir: filepath.Join(dir, "relay"+strconv.Itoa(i)),
			Args:    append([]string{"--nats", nats.URL(), "--trusted-proxy", "127.0.0.0/8"}, args...),
		})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, relay.Stop()) }()
		urls = append(urls, relay.URL)
		fmt.Fprintf(stdout, "relay %d          %s  operator's port %s  process %d\n", i+1, relay.URL, relay.AdminURL(), relay.PID())
	}
	return balance(ctx, urls, stdout)
}

// balance serves the load balancer until ctx ends.
func balance(ctx context.Context, urls []string, stdout io.Writer) error {
	b, err := balancer.New(urls...)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: b, ReadHeaderTimeout: 10 * time.Second}
	running, ctx := errgroup.WithContext(ctx)
	running.Go(func() error { return b.Run(ctx) })
	running.Go(func() error { return server.Serve(listener) })
	running.Go(func() error {
		<-ctx.Done()
		return server.Close()
	})
	fmt.Fprintf(stdout, "load balancer    http://%s/\n", listener.Addr())
	if err := running.Wait(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
