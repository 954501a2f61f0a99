package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/internal/relaytest"
)

// page is an open store or results page whose failures are the test's.
type page struct {
	*browser.Page
	t *testing.T
}

// facts reads the store's visible facts, such as Variation, from the terms of its description lists.
const facts = `Object.fromEntries([...document.querySelectorAll('dt')].map(
	(dt) => [dt.textContent.trim(), dt.nextElementSibling.textContent.trim()]))`

// enter types a visitor id once the engine is there, presses Enter and waits until the page tells what this visitor sees.
func (p *page) enter(id string) (variation string) {
	p.t.Helper()
	p.until(`!document.querySelector('main').textContent.includes('Engine loading')`)
	must(p.t, p.Type("textbox", "visitor", id))
	p.until(`document.querySelector('main').textContent.includes(` + quote(id+" sees: sorted by ") + `)`)
	return p.variation()
}

func (p *page) variation() string {
	p.t.Helper()
	return eval[string](p, facts+`.Variation`)
}

// prices are the prices on the shelf in reading order: the elements that hold nothing but one.
func (p *page) prices() []int {
	p.t.Helper()
	texts := eval[[]string](p, `[...document.querySelectorAll('*')].filter((e) => !e.children.length)
		.map((e) => e.textContent.trim()).filter((text) => /^\$\d+$/.test(text))`)
	var prices []int
	for _, text := range texts {
		price, err := strconv.Atoi(text[1:])
		must(p.t, err)
		prices = append(prices, price)
	}
	return prices
}

// order tells by what the shelf is sorted.
func (p *page) order() string {
	p.t.Helper()
	prices := p.prices()
	if len(prices) != 9 {
		p.t.Fatalf("there are %d prices on the shelf, not 9: %v", len(prices), prices)
	}
	if slices.IsSorted(prices) {
		return "price"
	}
	if slices.Equal(prices, categoryOrder(p.t)) {
		return "category"
	}
	return fmt.Sprint("neither by price nor by category: ", prices)
}

// categoryOrder are the catalogue's prices as they stand on a shelf sorted by category, and inside each by name.
func categoryOrder(t *testing.T) []int {
	t.Helper()
	type item struct {
		Name, Category string
		Price          int
	}
	var items []item
	must(t, json.Unmarshal([]byte(relaytest.MustRead(t, "../../public/demo/items.json")), &items))
	slices.SortFunc(items, func(a, b item) int {
		return cmp.Or(strings.Compare(a.Category, b.Category), strings.Compare(a.Name, b.Name))
	})
	var prices []int
	for _, item := range items {
		prices = append(prices, item.Price)
	}
	return prices
}

func (p *page) until(expression string) {
	p.t.Helper()
	if err := p.Until(expression); err != nil {
		p.t.Fatalf("%v\nthe page shows:\n%s\nits console: %q", err, p.text(), p.Complaints())
	}
}

// sees waits until the page shows the text, in any case.
func (p *page) sees(text string) {
	p.t.Helper()
	p.until(`document.body.innerText.toLowerCase().includes(` + quote(strings.ToLower(text)) + `)`)
}

func (p *page) text() string {
	p.t.Helper()
	return eval[string](p, `document.body.innerText`)
}

// within fails when what step measures takes longer, three times over: one slow moment of a busy machine is no failure.
func within(t *testing.T, limit time.Duration, what string, step func() time.Duration) {
	t.Helper()
	fastest := time.Hour
	for range 3 {
		fastest = min(fastest, step())
		if fastest <= limit {
			return
		}
	}
	t.Errorf("%s took %v at best, more than %v", what, fastest, limit)
}

// mustBeContent fails the test for what the page complained of.
func (p *page) mustBeContent() {
	p.t.Helper()
	for _, complaint := range p.Complaints() {
		p.t.Errorf("the page's console: %s", complaint)
	}
}

func eval[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := browser.Eval[T](p.Page, expression)
	must(p.t, err)
	return value
}

// quote writes a value as JavaScript.
func quote(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // only strings and lists of them come here
	}
	return string(text)
}
