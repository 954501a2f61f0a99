// Package e2e tests the built relay as a process, with real Chromium, with Firefox and WebKit where they are installed, and with
// the official SDK in Node.js: what a visitor sees, what an operator does, and what survives a crash.
package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/ports"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestMain(m *testing.M) {
	if _, err := os.Stat("../relay"); err != nil {
		fmt.Fprintln(os.Stderr, "the relay is not built; run make test, or make build first:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// mustStart starts a relay that ends with the test, and shows its log when the test fails.
func mustStart(t *testing.T, o process.Options) *process.Relay {
	t.Helper()
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
	}
	relay, err := process.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := relay.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the relay said, requests left out:\n%s", withoutRequests(relay.Log()))
		}
	})
	return relay
}

func withoutRequests(log string) string {
	lines := strings.SplitAfter(log, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "msg=request") }), "")
}

// mustKeepAddress returns where a relay may listen, and others after it.
func mustKeepAddress(t *testing.T) string {
	t.Helper()
	kept, free, err := ports.Keep(1)
	must(t, err)
	t.Cleanup(func() { must(t, free()) })
	return fmt.Sprint("127.0.0.1:", kept[0])
}

// mustBrowser starts a browser with a fresh profile.
func mustBrowser(t *testing.T) *browser.Browser {
	t.Helper()
	b, err := browser.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// mustOpen opens the page in a browser of its own and checks at the end that nothing complained on its console.
func mustOpen(t *testing.T, url string) *page {
	t.Helper()
	p, err := mustBrowser(t).Open(url)
	if err != nil {
		t.Fatal(err)
	}
	opened := &page{Page: p, t: t}
	t.Cleanup(opened.mustBeContent)
	return opened
}

// demoDatafile is the demo's datafile with a revision of its own and all visitors in one variation.
func demoDatafile(t *testing.T, revision, variation string) string {
	t.Helper()
	text, err := demo.Datafile(revision, variation)
	must(t, err)
	return text
}

// mustReplace writes the file as editors do: a new one renamed over the old.
func mustReplace(t *testing.T, path, content string) {
	t.Helper()
	next := filepath.Join(filepath.Dir(path), ".next")
	relaytest.MustWrite(t, next, content)
	must(t, os.Rename(next, path))
}

// eventually asks again and again, since nobody tells when a relay's answer changes; doubt says what was last amiss.
func eventually(t *testing.T, ok func() (done bool, doubt string)) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	ctx := relaytest.Context(t)
	for {
		done, doubt := ok()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal(doubt)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
