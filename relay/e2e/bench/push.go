package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
)

const (
	webhookSecret = "bench"
	maxPush       = 100 // ms
)

// watch makes, in the store page, the promise of when the badge comes to show a variation, in ms since 1970.
const watch = `void (globalThis.shown = new Promise((resolve) => {
	const badge = document.querySelector('.js-variation-badge');
	const look = () => {
		if (!badge.textContent.includes(%q)) return;
		observer.disconnect();
		resolve(performance.timeOrigin + performance.now());
	};
	const observer = new MutationObserver(look);
	observer.observe(badge, { subtree: true, childList: true, characterData: true });
	look();
}))`

const live = `/live/i.test(document.querySelector('.js-connection').textContent)`

// measurePush sends webhooks and times each until the open store page shows the other variation. The source is a
// server of the bench, so the time holds the relay's refetch too.
func measurePush(ctx context.Context, t *table, webhooks int) error {
	var current atomic.Value
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(current.Load().(string))) //nolint:errcheck // the page would not follow
	}))
	defer source.Close()
	if err := setDatafile(&current, 1); err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	relay, err := process.Start(ctx, process.Options{Binary: relayBinary, DataDir: data, Args: []string{
		"--project", "demo=" + source.URL + "/demo.json", "--webhook-secret", webhookSecret,
	}})
	if err != nil {
		return err
	}
	times, err := pushTimes(ctx, relay.URL, &current, webhooks)
	if err != nil {
		relay.Kill() //nolint:errcheck // the first error counts
		return err
	}
	s := spreadOf(times)
	t.add("webhook sent to page re-decided", s.format("%.1f")+" ms", "under 100 ms", s.median < maxPush)
	return relay.Stop()
}

// pushTimes opens the store as Matt and returns how many ms after each webhook the page had re-decided.
func pushTimes(ctx context.Context, relayURL string, current *atomic.Value, webhooks int) ([]float64, error) {
	b, err := browser.Start(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	store, err := b.Open(relayURL + "/?user=Matt")
	if err != nil {
		return nil, err
	}
	if err := store.Until(live); err != nil {
		return nil, err
	}
	var times []float64
	for revision := 2; revision < 2+webhooks; revision++ {
		if err := setDatafile(current, revision); err != nil {
			return nil, err
		}
		if _, err := browser.Eval[any](store, fmt.Sprintf(watch, "sorted by "+variationOf(revision))); err != nil {
			return nil, err
		}
		sent := time.Now()
		status, err := demo.SendWebhook(ctx, relayURL, strconv.Itoa(revision), webhookSecret)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("the webhook was answered %d", status)
		}
		if err != nil {
			return nil, err
		}
		shown, err := browser.Eval[float64](store, `shown`)
		if err != nil {
			return nil, err
		}
		times = append(times, shown-float64(sent.UnixMicro())/1000)
	}
	return times, nil
}

func variationOf(revision int) string { return []string{"price", "category"}[revision%2] }

// setDatafile makes the source serve the demo with everyone in the revision's variation.
func setDatafile(current *atomic.Value, revision int) error {
	datafile, err := demo.Datafile(strconv.Itoa(revision), variationOf(revision))
	current.Store(datafile)
	return err
}
