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

// element is something on the page as assistive technology sees it.
type element struct {
	role, name string
	backend    cdp.BackendNodeID
}

// elements returns the page's elements of a role, in document order.
func (p *Page) elements(role string) ([]element, error) {
	tree, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return nil, fmt.Errorf("reading the accessibility tree: %w", err)
	}
	var elements []element
	for _, node := range tree.Nodes {
		if !node.Ignored && text(node.Role) == role {
			elements = append(elements, element{role: role, name: text(node.Name), backend: node.BackendDOMNodeID})
		}
	}
	return elements, nil
}

// find waits for the first element of the role whose name contains name, in any case.
func (p *Page) find(role, name string) (element, error) {
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		elements, err := p.elements(role)
		if err != nil {
			return element{}, err
		}
		for _, e := range elements {
			if strings.Contains(strings.ToLower(e.name), strings.ToLower(name)) {
				return e, nil
			}
		}
		select {
		case <-tick.C:
		case <-deadline:
			return element{}, fmt.Errorf("no %s with a name that contains %q; there are %v", role, name, elements)
		case <-p.ctx.Done():
			return element{}, p.ctx.Err()
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
