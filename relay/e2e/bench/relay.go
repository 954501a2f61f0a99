package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"sortition/relay/e2e/internal/process"
)

const (
	relayBinary = "../relay"

	maxReady  = 150 * time.Millisecond
	maxRSS    = 20 << 20
	maxBinary = 18 << 20
)

// measureRelay starts the relay several times, as it comes, and looks at what it takes.
func measureRelay(ctx context.Context, t *table, starts int) error {
	var ready []float64
	var rss []float64
	for range starts {
		r, bytes, err := startOnce(ctx)
		if err != nil {
			return err
		}
		ready = append(ready, float64(r.Microseconds())/1000)
		rss = append(rss, float64(bytes)/(1<<20))
	}
	info, err := os.Stat(relayBinary)
	if err != nil {
		return fmt.Errorf("the relay is not built (make build): %w", err)
	}
	took, held := spreadOf(ready), spreadOf(rss)
	t.add("relay ready after its start", took.format("%.0f")+" ms", "150 ms",
		took.median <= float64(maxReady.Milliseconds()))
	t.add("idle relay, resident memory", held.format("%.1f")+" MB", "20 MB", held.median < maxRSS>>20)
	t.add("relay binary, stripped, with the site", fmt.Sprintf("%.1f MB", float64(info.Size())/(1<<20)), "18 MB",
		info.Size() < maxBinary)
	return nil
}

func startOnce(ctx context.Context) (ready time.Duration, rss int64, err error) {
	data, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(data)
	r, err := process.Start(ctx, process.Options{Binary: relayBinary, DataDir: data})
	if err != nil {
		return 0, 0, err
	}
	rss, err = r.RSS()
	if err != nil {
		return 0, 0, err
	}
	return r.Ready, rss, r.Stop()
}
