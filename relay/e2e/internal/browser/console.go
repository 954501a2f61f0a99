package browser

import (
	"context"
	"sync"

	"github.com/chromedp/chromedp"
)

// console keeps what a page complained of: console errors, uncaught exceptions, failed requests and breaches of
// the content security policy, all of which Chromium reports on its console.
type console struct {
	mu     sync.Mutex
	errors []string
}

// newConsole listens until ctx, the tab's, ends.
func newConsole(ctx context.Context) *console {
	c := &console{}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == chromedp.ConsoleError {
				c.add(m.String() + " (" + m.URL + ")")
			}
		}
	}()
	return c
}

func (c *console) add(message string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errors = append(c.errors, message)
}

// take returns what was there and forgets it.
func (c *console) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.errors
	c.errors = nil
	return taken
}
