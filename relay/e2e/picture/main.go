// Command picture takes the README's screenshot: the store, as it is, with Matt in it. It runs from relay/e2e.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
)

const target = "../../.github/store.png"

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	data, err := os.MkdirTemp("", "sortition-picture-")
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
	picture, err := shoot(b, relay.URL+"/?user=Matt")
	if err := errors.Join(err, b.Close(), relay.Stop()); err != nil {
		return err
	}
	return os.WriteFile(target, picture, 0o644)
}

// shoot waits until the store is live, has decided and has drawn its pictures.
func shoot(b *browser.Browser, url string) ([]byte, error) {
	store, err := b.Open(url)
	if err != nil {
		return nil, err
	}
	if err := store.Resize(1120, 1040); err != nil {
		return nil, err
	}
	for _, condition := range []string{
		`/live/i.test(document.querySelector('header').innerText)`,
		`/price|category/.test(document.querySelector('.js-variation-badge').innerText)`,
		`document.images.length >= 9 && [...document.images].every((image) => image.complete)`,
		browser.Still,
	} {
		if err := store.Until(condition); err != nil {
			return nil, err
		}
	}
	return store.Screenshot()
}
