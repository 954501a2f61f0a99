// Package fleet tests relays that serve as one, with real NATS servers.
package fleet

import (
	"context"
	"fmt"
	"os"
	"testing"

	"sortition/relay/e2e/internal/natsserver"
)

// single is a server of its own that the tests of parts share; each has a fleet of its own there.
var single *natsserver.Cluster

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "nats")
	if err == nil {
		defer os.RemoveAll(dir)
		single, err = natsserver.Start(context.Background(), natsserver.Options{Dir: dir})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer single.Stop() //nolint:errcheck // it is killed
	return m.Run()
}
