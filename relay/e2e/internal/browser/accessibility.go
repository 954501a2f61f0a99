package browser

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Element is something on the page as assistive technology sees it.
type Element struct {
	Role, Name string
	backend    cdp.BackendNodeID
}

// Elements returns the page's elements of a role, in document order.
func (p *Page) Elements(role string) ([]Element, error) {
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, fmt.Errorf("reading the accessibility tree: %w", err)
	}
	var elements []Element
	for _, node := range tree.Nodes {
		if !node.Ignored && text(node.Role) == role {
			elements = append(elements, Element{Role: role, Name: text(node.Name), backend: node.BackendDOMNodeID})
		}
	}
	return elements, nil
}

// find waits for the first element of the role whose name contains name, in any case.
func (p *Page) find(role, name string) (Element, error) {
	deadline := time.After(Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		elements, err := p.Elements(role)
		if err != nil {
			return Element{}, err
		}
		for _, e := range elements {
			if strings.Contains(strings.ToLower(e.Name), strings.ToLower(name)) {
				return e, nil
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			return Element{}, fmt.Errorf("no %s with a name that contains %q; there are %v", role, name, elements)
		case <-p.ctx.Done():
			return Element{}, p.ctx.Err()
		}
	}
}

func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var s string
	if json.Unmarshal([]byte(v.Value), &s) != nil {
		return ""
	}
	return s
}
