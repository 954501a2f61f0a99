package hub

import (
	"context"
	"runtime/debug"
	"time"
)

// A handshake leaves garbage several times what a page keeps, and Go holds on to that memory for long. So when a crowd has come and
// nobody else does, what is of no use any more is given back to the system: some 30 ms for ten thousand pages.
const (
	crowd      = 1000
	restLength = 5 * time.Second
)

// rest waits for crowds to have come, until ctx ends.
func (h *Hub) rest(ctx context.Context) {
	tick := time.NewTicker(restLength)
	defer tick.Stop()
	for tidied, before := 0, 0; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := h.wheel.size()
		if now < before+crowd/10 && now >= tidied+crowd {
			debug.FreeOSMemory()
			tidied = now
		}
		tidied, before = min(tidied, now), now
	}
}
