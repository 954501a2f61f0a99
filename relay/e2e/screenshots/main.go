// Command screenshots takes the README's pictures: the store and the console as Matt finds them, and the results of an
// experiment that simulated visitors took part in. It runs from relay/e2e.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
)

const target = "../../.github"

// visitors are enough for a verdict on 10 % against 13 %, in nearly every simulation.
const visitors = 12_000

// picture is one to take: what address in what size, and when it is there, in JavaScript.
type picture struct {
	name, address string
	width, height int64
	conditions    []string
}

var pictures = []picture{
	{"store", "/?user=Matt", 1240, 1040, []string{
		`/price|category/.test(document.querySelector('.js-variation-badge').innerText)`,
		`document.images.length >= 9 && [...document.images].every((image) => image.complete)`,
	}},
	{"results", "/results.html?project=sandbox", 1240, 1240, []string{
		`!['waiting', ''].includes(document.querySelector('.js-verdict').dataset.kind)`,
		`document.querySelector('.js-chart canvas')`,
	}},
	{"console", "/console.html?user=Matt#why", 1240, 960, []string{
		`document.querySelector('.line-hash')`,
	}},
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	data, err := os.MkdirTemp("", "sortition-screenshots-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	relay, err := process.Start(ctx, process.Options{DataDir: data})
	if err != nil {
		return err
	}
	b, err := browser.Start(ctx)
	if err != nil {
		return errors.Join(err, relay.Stop())
	}
	return errors.Join(takeAll(b, relay.URL), b.Close(), relay.Stop())
}

func takeAll(b *browser.Browser, url string) error {
	if err := simulate(b, url+"/console.html#simulate"); err != nil {
		return err
	}
	for _, p := range pictures {
		png, err := take(b, url, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := os.WriteFile(filepath.Join(target, p.name+".png"), png, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// simulate sends visitors through the experiment, as somebody at the console does.
func simulate(b *browser.Browser, url string) error {
	console, err := b.Open(url)
	if err != nil {
		return err
	}
	defer console.Close()
	if err := console.Until(`!document.querySelector('button[type="submit"]').disabled`); err != nil {
		return err
	}
	if err := console.Click("radio", "10% against 13%"); err != nil {
		return err
	}
	if err := console.Type("spinbutton", "Visitors", strconv.Itoa(visitors)); err != nil {
		return err
	}
	_, err = browser.Eval[bool](console, `new Promise((resolve) => {
		const progress = document.querySelector('[data-field="progress"]');
		const look = () => / visitors, done/.test(progress.textContent) ? resolve(true) : setTimeout(look, 100);
		look();
	})`)
	return err
}

// take waits until the page is live, shows what is wanted and has come to rest.
func take(b *browser.Browser, url string, p picture) ([]byte, error) {
	page, err := b.Open(url + p.address)
	if err != nil {
		return nil, err
	}
	defer page.Close()
	if err := page.Resize(p.width, p.height); err != nil {
		return nil, err
	}
	live := `/live/i.test(document.querySelector('header').innerText)`
	for _, condition := range append([]string{live}, append(p.conditions, browser.Still)...) {
		if err := page.Until(condition); err != nil {
			return nil, err
		}
	}
	return page.Screenshot()
}
