// Package otherbrowser drives Firefox and WebKit, as near to Safari as Linux gets, by what the W3C standardised for it: enough to go a
// visitor's way through the pages. What is tested thoroughly is tested with Chromium, by package browser.
package otherbrowser

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"sortition/relay/e2e/internal/browser"
)

// Patience is how long anything may take.
const Patience = 20 * time.Second

// ErrNotInstalled is why a browser cannot be started.
var ErrNotInstalled = errors.New("is not installed")

// Browser is one window of a browser with a profile of its own.
type Browser struct {
	// Version is the product's name and version, such as "Firefox 153.8.0".
	Version string
	driver  driver
	stop    func() error
}

// driver is what the protocols have in common.
type driver interface {
	open(url string) error
	// evaluate awaits an expression whose promise is for a text.
	evaluate(expression string) (string, error)
	act(sources []source) error
	// complaints are the errors on the pages' consoles, as far as the browser tells.
	complaints() ([]string, error)
}

// Close ends the browser.
func (b *Browser) Close() error { return b.stop() }

// Open opens url and waits until it has loaded.
func (b *Browser) Open(url string) error { return b.driver.open(url) }

// Complaints are the errors on the consoles of the pages since the start; none where the browser does not tell.
func (b *Browser) Complaints() ([]string, error) { return b.driver.complaints() }

// Eval evaluates a JavaScript expression in the page; a promise is awaited.
func Eval[T any](b *Browser, expression string) (T, error) {
	var value T
	text, err := b.driver.evaluate(`(async () => JSON.stringify(await (` + expression + `)))()`)
	if err != nil {
		return value, fmt.Errorf("evaluating %.80s: %w", expression, err)
	}
	return value, json.Unmarshal([]byte(text), &value)
}

// Until waits until a JavaScript expression is true in the page.
func (b *Browser) Until(expression string) error {
	shown, err := Eval[string](b, fmt.Sprintf(`new Promise((resolve) => {
		const deadline = Date.now() + %d;
		const look = () => {
			if (%s) resolve('');
			else if (Date.now() > deadline) resolve(document.body.innerText);
			else setTimeout(look, 20);
		};
		look();
	})`, (Patience/2).Milliseconds(), expression))
	if err == nil && shown != "" {
		err = fmt.Errorf("waiting until %s: the page shows\n%s", expression, shown)
	}
	return err
}

// source is a keyboard or a mouse, and what is done with it.
type source struct {
	Type    string   `json:"type"`
	ID      string   `json:"id"`
	Actions []action `json:"actions"`
}

type action map[string]any

// Enter is the key that ends a line.
const Enter = "\uE007"

// Press presses the keys, one after the other, wherever the focus is.
func (b *Browser) Press(keys string) error {
	var actions []action
	for _, key := range keys {
		actions = append(actions, action{"type": "keyDown", "value": string(key)}, action{"type": "keyUp", "value": string(key)})
	}
	return b.driver.act([]source{{Type: "key", ID: "keyboard", Actions: actions}})
}

// middle is, in JavaScript, a function that scrolls an element into sight and tells its middle; null while things move or lie above it.
const middle = `((element) => {
	if (!(` + browser.Still + `)) return null;
	element.scrollIntoView({ block: 'center', behavior: 'instant' });
	const { left, top, width, height } = element.getBoundingClientRect();
	const [X, Y] = [Math.floor(left + width / 2), Math.floor(top + height / 2)];
	return element.contains(document.elementFromPoint(X, Y)) ? { X, Y } : null;
})`

// armed is middle, and has the page note whether the next click misses the element: it may move between being looked for and being hit.
const armed = `((element) => {
	globalThis.hasMissed = false;
	addEventListener('pointerdown', ({ target }) => { globalThis.hasMissed = !element.contains(target); }, { capture: true, once: true });
	return ` + middle + `(element);
})`

// Click clicks in the middle of what a JavaScript expression is for, once that can be hit, and again if it has moved away.
func (b *Browser) Click(element string) error {
	for deadline := time.Now().Add(Patience); ; {
		missed, err := b.clickOnce(element)
		if err != nil || !missed {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not stay where it can be hit", element)
		}
	}
}

func (b *Browser) clickOnce(element string) (missed bool, err error) {
	if err := b.Until(middle + `(` + element + `)`); err != nil {
		return false, err
	}
	at, err := Eval[*struct{ X, Y int }](b, armed+`(`+element+`)`)
	if err != nil || at == nil {
		return true, err
	}
	if err := b.driver.act([]source{{Type: "pointer", ID: "mouse", Actions: []action{
		{"type": "pointerMove", "x": at.X, "y": at.Y}, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0},
	}}}); err != nil {
		return false, err
	}
	return Eval[bool](b, `globalThis.hasMissed === true`) // a page that it led to knows of nothing
}

// find returns the first command that is installed.
func find(commands ...string) (string, error) {
	for _, command := range commands {
		if path, err := exec.LookPath(command); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s %w", commands[0], ErrNotInstalled)
}
