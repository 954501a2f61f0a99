// Package browser drives a headless Chromium as a visitor would: it finds things by the role and accessible name
// that a screen reader hears, clicks where they are drawn, and types on a keyboard.
//
// Nothing here sleeps: every lookup waits, up to patience, for what it looks for.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// patience is how long a lookup waits before it fails: as long as relaytest has, so that a slow machine fails no test.
const patience = 20 * time.Second

// Browser is one Chromium process with an empty profile of its own.
type Browser struct {
	ctx     context.Context
	stop    func()
	profile string
}

// Start starts Chromium. Close ends it.
func Start(ctx context.Context) (*Browser, error) {
	profile, err := os.MkdirTemp("", "sortition-profile-")
	if err != nil {
		return nil, fmt.Errorf("making a browser profile: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(profile),
		chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("enable-precise-memory-info", true),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, closeTab := chromedp.NewContext(allocator)
	b := &Browser{ctx: tab, profile: profile, stop: func() { closeTab(); stopAllocator() }}
	if err := chromedp.Do(tab); err != nil {
		return nil, errors.Join(fmt.Errorf("starting Chromium: %w", err), b.Close())
	}
	return b, nil
}

// Close ends the process and removes its profile.
func (b *Browser) Close() error {
	b.stop()
	return os.RemoveAll(b.profile)
}

// Version is the product name and version, such as "Chrome/156.0.8078.79".
func (b *Browser) Version() (string, error) {
	v, err := chromedp.CallBrowser(b.ctx, cdpbrowser.GetVersion, cdp.Empty{})
	return v.Product, err
}

// Open opens url in a new tab and waits until it has loaded.
func (b *Browser) Open(url string) (*Page, error) {
	ctx, cancel := chromedp.NewContext(b.ctx)
	p := &Page{ctx: ctx, close: cancel, console: newConsole(ctx)}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return nil, fmt.Errorf("opening %s: %w", url, err)
	}
	return p, nil
}
