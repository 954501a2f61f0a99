package browser

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// OpenWith opens url in a new tab whose pages all run script before their own, and waits until it has loaded.
func (b *Browser) OpenWith(url, script string) (*Page, error) {
	ctx, cancel := chromedp.NewContext(b.ctx)
	p := &Page{ctx: ctx, close: cancel, console: newConsole(ctx)}
	if err := chromedp.Do(ctx); err != nil { // the tab must be there before the script can be left in it
		return nil, fmt.Errorf("opening a tab: %w", err)
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script}); err != nil {
		return nil, fmt.Errorf("preparing a tab: %w", err)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return nil, fmt.Errorf("opening %s: %w", url, err)
	}
	return p, nil
}

// OpenWithoutScript opens url in a new tab that runs no JavaScript of its pages, and waits until it has loaded.
func (b *Browser) OpenWithoutScript(url string) (*Page, error) {
	p, err := b.Open("about:blank")
	if err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		return nil, fmt.Errorf("turning scripts off: %w", err)
	}
	return p, p.Go(url)
}

// SetOnline tells the page that its device has a network, or none, as an operating system does; the network itself stays.
func (p *Page) SetOnline(online bool) error {
	state := network.OverrideNetworkStateParams{Offline: !online, DownloadThroughput: -1, UploadThroughput: -1}
	_, err := chromedp.Call(p.ctx, network.OverrideNetworkState, state)
	return err
}

// CalledOff counts the page's requests that the browser calls off from now on, or that fail.
func (p *Page) CalledOff() (count func() int64, err error) {
	var n atomic.Int64
	err = chromedp.Listen(p.ctx, func(event any) {
		if _, ok := event.(*network.EventLoadingFailed); ok {
			n.Add(1)
		}
	})
	return n.Load, err
}

// SetDark makes the page believe that its reader prefers dark colours, or light ones.
func (p *Page) SetDark(dark bool) error {
	return p.SetMedia("", "prefers-color-scheme", map[bool]string{false: "light", true: "dark"}[dark])
}

// SetMedia makes the page believe that it is shown on a medium, such as "print" ("" is the screen), and that a feature of it has
// a value, such as prefers-reduced-motion: reduce.
func (p *Page) SetMedia(medium, feature, value string) error {
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media:    medium,
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	return err
}

// Print prints the page and tells how many sheets of A4 it takes.
func (p *Page) Print() (sheets int, err error) {
	paper := page.PrintToPDFParams{PaperWidth: 8.27, PaperHeight: 11.69}
	printed, err := chromedp.Call(p.ctx, page.PrintToPDF, paper)
	if err != nil {
		return 0, fmt.Errorf("printing: %w", err)
	}
	return bytes.Count(printed.Data, []byte("/Type /Page\n")), nil // a PDF's own word for each
}

// SetTextSize makes the page believe that its reader has set the browser's text so many times larger than usual.
func (p *Page) SetTextSize(times int64) error {
	sizes := page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: 16 * times, Fixed: 13 * times}}
	_, err := chromedp.Call(p.ctx, page.SetFontSizes, sizes)
	return err
}

// SetFrozen stops whatever the page does, as browsers do with a tab in the background, or lets it go on.
func (p *Page) SetFrozen(frozen bool) error {
	state := map[bool]page.SetWebLifecycleStateState{true: page.SetWebLifecycleStateStateFrozen, false: page.SetWebLifecycleStateStateActive}[frozen]
	_, err := chromedp.Call(p.ctx, page.SetWebLifecycleState, page.SetWebLifecycleStateParams{State: state})
	return err
}

// Go opens another address in the same tab and waits until it has loaded.
func (p *Page) Go(url string) error { return chromedp.Do(p.ctx, chromedp.Navigate(url)) }

// Back presses the back button, and does not wait: a page that the browser kept comes back without loading.
func (p *Page) Back() error {
	history, err := chromedp.Call(p.ctx, page.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		return err
	}
	before := history.Entries[history.CurrentIndex-1].ID
	_, err = chromedp.Call(p.ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before})
	return err
}
