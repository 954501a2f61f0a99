package main

import (
	"bytes"
	"fmt"

	"sortition/relay/internal/site/published"
)

// publishWorker returns the service worker with the prefix in the place that it leaves for it. A browser takes a worker for a
// newer one when it differs by a byte, so every build of the site has one of its own.
func publishWorker(worker []byte, prefix string) ([]byte, error) {
	const place, build = "const BUILD = ''", "const BUILD = '%s'"
	if !bytes.Contains(worker, []byte(place)) {
		return nil, fmt.Errorf("%s has no line that begins %q", published.Worker, place)
	}
	return bytes.Replace(worker, []byte(place), fmt.Appendf(nil, build, prefix), 1), nil
}
