package browser

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Page is one tab.
type Page struct {
	ctx     context.Context
	close   func()
	console *console
}

// Close closes the tab.
func (p *Page) Close() { p.close() }

// Reload loads the page anew and waits until it has loaded.
func (p *Page) Reload() error { return chromedp.Do(p.ctx, chromedp.Reload()) }

// Complaints returns the errors on the page's console since the last call.
func (p *Page) Complaints() []string { return p.console.take() }

// Still is, in JavaScript, whether nothing on the page is moving.
const Still = `document.getAnimations().every((animation) => animation.playState === 'finished')`

// Click waits until nothing moves and clicks in the middle of the first element of the role whose accessible name contains name, in any
// case; again if it has moved away from the click.
func (p *Page) Click(role, name string) error {
	for deadline := time.Now().Add(patience); ; {
		missed, err := p.clickOnce(role, name)
		if err != nil {
			return fmt.Errorf("clicking the %s %q: %w", role, name, err)
		}
		if !missed {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the %s %q does not stay where it can be hit", role, name)
		}
	}
}

func (p *Page) clickOnce(role, name string) (missed bool, err error) {
	element, err := p.find(role, name)
	if err != nil {
		return false, err
	}
	if err := p.Until(Still); err != nil {
		return false, err
	}
	if err := p.arm(element); err != nil {
		return false, err
	}
	x, y, err := p.middle(element)
	if err != nil {
		return false, err
	}
	if err := chromedp.Do(p.ctx, chromedp.MouseClickXY(x, y)); err != nil {
		return false, err
	}
	missed, err = Eval[bool](p, `globalThis.hasMissed === true`)
	return missed && err == nil, nil // a page that it led to knows of nothing
}

// arm has the page note whether the next click misses an element: it may move between being looked for and being hit.
func (p *Page) arm(e element) error {
	node, err := chromedp.Call(p.ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: e.backend})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(p.ctx, runtime.CallFunctionOn, runtime.CallFunctionOnParams{ObjectID: node.Object.ObjectID, FunctionDeclaration: `function () {
		globalThis.hasMissed = false;
		addEventListener('pointerdown', ({ clientX: x, clientY: y }) => {
			const { left, right, top, bottom } = this.getBoundingClientRect();
			globalThis.hasMissed = x < left || x > right || y < top || y > bottom;
		}, { capture: true, once: true });
	}`})
	return err
}

// Type replaces what an input holds and presses Enter.
func (p *Page) Type(role, name, text string) error {
	element, err := p.find(role, name)
	if err != nil {
		return err
	}
	if _, err := chromedp.Call(p.ctx, dom.Focus, dom.FocusParams{BackendNodeID: element.backend}); err != nil {
		return fmt.Errorf("typing into the %s %q: %w", role, name, err)
	}
	selectAll := chromedp.Evaluate[chromedp.Void](`document.activeElement.select?.()`)
	return chromedp.Do(p.ctx, selectAll, chromedp.KeyEvent(text+"\r"))
}

// Until waits until a JavaScript expression is true in the page, looking before every frame.
func (p *Page) Until(expression string) error {
	wait := chromedp.Poll[chromedp.Void](expression, chromedp.WithPollingTimeout(patience))
	if err := chromedp.Do(p.ctx, wait); err != nil {
		return fmt.Errorf("waiting until %s: %w", expression, err)
	}
	return nil
}

// Eval evaluates a JavaScript expression; a promise is awaited.
func Eval[T any](p *Page, expression string) (T, error) {
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		return value, fmt.Errorf("evaluating %.80s: %w", expression, err)
	}
	return value, nil
}

// Resize makes the page's window as large as this, in CSS pixels.
func (p *Page) Resize(width, height int64) error {
	return chromedp.Do(p.ctx, chromedp.EmulateViewport(width, height))
}

// Screenshot takes a PNG of what the window shows.
func (p *Page) Screenshot() ([]byte, error) { return chromedp.Run(p.ctx, chromedp.CaptureScreenshot()) }

func (p *Page) middle(e element) (x, y float64, err error) {
	scroll := dom.ScrollIntoViewIfNeededParams{BackendNodeID: e.backend}
	if _, err := chromedp.Call(p.ctx, dom.ScrollIntoViewIfNeeded, scroll); err != nil {
		return 0, 0, err
	}
	box, err := chromedp.Call(p.ctx, dom.GetContentQuads, dom.GetContentQuadsParams{BackendNodeID: e.backend})
	if err != nil {
		return 0, 0, err
	}
	if len(box.Quads) == 0 || len(box.Quads[0]) < 8 {
		return 0, 0, fmt.Errorf("it is not drawn")
	}
	q := box.Quads[0]
	return (q[0] + q[4]) / 2, (q[1] + q[5]) / 2, nil
}
