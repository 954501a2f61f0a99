package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sortition/relay/e2e/internal/browser"
	"sortition/wasm/engine/enginetest"
)

// siteFolder is what the relay serves, minified and encoded, seen from relay/e2e.
const siteFolder = "../internal/site/dist"

const (
	maxOverEmpty = 1.25
	maxSDKBytes  = 15_000
)

// navigations are the pages that are compared: ours, one that loads a Go program that does nothing, and one of the official SDK. Each
// asks for what runs first before all else, and for a datafile last.
var navigations = []string{"ours", "empty", "official"}

// measureNavigation times pages from the start of their navigation to a first decision, with nothing cached and with everything.
func measureNavigation(ctx context.Context, t *table, rounds int) error {
	dir, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	site, err := newNavigationSite(ctx, dir)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: time.Second}
	go server.Serve(listener) //nolint:errcheck // ends with Close
	defer server.Close()
	b, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	cold, warm := map[string][]float64{}, map[string][]float64{}
	reached := map[string][]phases{}
	for i := range rounds {
		for _, name := range navigations {
			// Under an address of its own nothing is cached; the code of scripts is, from the third visit on.
			url := fmt.Sprintf("http://%s/%d/%s.html", listener.Addr(), i, name)
			times, err := navigate(b, url, 4)
			if err != nil {
				return err
			}
			cold[name], warm[name] = append(cold[name], times[0]), append(warm[name], times[3])
			if name == "official" {
				continue
			}
			by, err := navigateByPhases(b, fmt.Sprintf("http://%s/phases-%d/%s.html", listener.Addr(), i, name))
			if err != nil {
				return err
			}
			reached[name] = append(reached[name], by)
		}
	}
	t.compareNavigation("cold", cold)
	t.compareNavigation("warm", warm)
	t.notePhases(reached)
	if err := site.countCompiled(ctx, t); err != nil {
		return err
	}
	return sdkSize(t)
}

// navigate visits a page several times and returns how many ms each took.
func navigate(b *browser.Browser, url string, visits int) (times []float64, err error) {
	for range visits {
		p, err := b.Open(url)
		if err != nil {
			return nil, err
		}
		ms, err := browser.Eval[float64](p, "globalThis.decided")
		p.Close()
		if err != nil {
			return nil, errors.Join(err, fmt.Errorf("%s says %q", url, p.Complaints()))
		}
		times = append(times, ms)
	}
	return times, nil
}

func (t *table) compareNavigation(how string, took map[string][]float64) {
	over, ratio := ratios(took["ours"], took["empty"]), ratios(took["ours"], took["official"])
	t.add("navigation to the first decision, medium, "+how+", ours / an empty Go module", fmt.Sprintf("%s / %s ms = %s",
		spreadOf(took["ours"]).format("%.0f"), spreadOf(took["empty"]).format("%.0f"), spreadOf(over).format("%.2f")),
		fmt.Sprintf("at most %.2f", maxOverEmpty), spreadOf(over).median <= maxOverEmpty)
	t.note("the same, "+how+", ours / official SDK", fmt.Sprintf("%s, of %s ms", spreadOf(ratio).format("%.2f"), spreadOf(took["official"]).format("%.0f")))
}

// sdkSize weighs the SDK as a page loads it, minified, brotli 11: one module with what every client needs, and what the first client
// with a relay loads besides, or the first that polls or sends batches.
func sdkSize(t *table) error {
	var sizes [3]int64
	for i, name := range []string{"index.min.js.br", "relay/index.min.js.br", "optimizely/index.min.js.br"} {
		info, err := os.Stat(filepath.Join(siteFolder, "sdk", name))
		if err != nil {
			return fmt.Errorf("the site is not built (make build): %w", err)
		}
		sizes[i] = info.Size()
	}
	t.add("JavaScript of the SDK, minified, brotli 11", fmt.Sprintf("%d bytes", sizes[0]), "15 KB", sizes[0] <= maxSDKBytes)
	t.note("what a client with a relay loads besides", fmt.Sprintf("%d bytes", sizes[1]))
	t.note("what one that polls and sends batches loads besides", fmt.Sprintf("%d bytes", sizes[2]))
	return nil
}

// navigationSite serves the pages and all they load under any first part of a path, to be cached for ever.
type navigationSite struct{ dir, datafile string }

// newNavigationSite builds an empty Go program as anyone would, into dir.
func newNavigationSite(ctx context.Context, dir string) (*navigationSite, error) {
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return nil, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-buildmode=c-shared", "-ldflags=-s -w", "-o", "empty.wasm", "main.go")
	build.Dir, build.Env = dir, append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building an empty program: %w: %s", err, out)
	}
	// The site's build has brotli at its highest setting for the engine only; gzip for both is as fair, and loopback is no network.
	if out, err := exec.CommandContext(ctx, "gzip", "-k9", filepath.Join(dir, "empty.wasm")).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compressing it: %w: %s", err, out)
	}
	return &navigationSite{dir: dir, datafile: enginetest.NewGenerator(seed).Datafile(enginetest.Medium)}, nil
}

func (s *navigationSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	h := w.Header()
	switch {
	case strings.HasSuffix(name, ".html"):
		h.Set("Cache-Control", "no-cache")
		http.ServeFileFS(w, r, page, "page/navigation/"+name)
		return
	case strings.HasSuffix(name, "navigation.js"):
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeFileFS(w, r, page, "page/navigation/"+name)
		return
	case name == "medium.json":
		h.Set("Content-Type", "application/json")
		h.Set("Cache-Control", "no-cache")
		w.Write([]byte(s.datafile)) //nolint:errcheck // the page would fail
		return
	}
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	file := filepath.Join(siteFolder, name)
	switch name {
	case "official.js":
		http.ServeFile(w, r, officialSDK)
		return
	case "empty.wasm":
		file = filepath.Join(s.dir, name)
	}
	switch filepath.Ext(name) {
	case ".wasm":
		h.Set("Content-Type", "application/wasm")
	case ".js":
		h.Set("Content-Type", "text/javascript")
	}
	h.Set("Content-Encoding", "gzip")
	http.ServeFile(w, r, file+".gz")
}
