package browser

import (
	"fmt"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
)

// Press gives the focus to the first element of the role whose accessible name contains name, in any case, and presses keys,
// such as those of chromedp/kb.
func (p *Page) Press(role, name, keys string) error {
	element, err := p.find(role, name)
	if err != nil {
		return err
	}
	if _, err := chromedp.Call(p.ctx, dom.Focus, dom.FocusParams{BackendNodeID: element.backend}); err != nil {
		return fmt.Errorf("focusing the %s %q: %w", role, name, err)
	}
	return chromedp.Do(p.ctx, chromedp.KeyEvent(keys))
}

// Keys presses keys, such as those of chromedp/kb, wherever the focus is.
func (p *Page) Keys(keys string) error { return chromedp.Do(p.ctx, chromedp.KeyEvent(keys)) }
