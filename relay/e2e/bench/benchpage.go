package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"sortition/relay/e2e/internal/browser"
	"sortition/wasm/engine/enginetest"
)

// Where things lie, seen from relay/e2e.
const (
	sdkFolder   = "../../public/sdk"
	officialSDK = "node_modules/@optimizely/optimizely-sdk/dist/optimizely.browser.umd.min.js"
)

// seed makes the projects and visitors that are measured; another one makes others.
const seed = 20261123

//go:embed page
var page embed.FS

// sizes are the projects that pages ask for by name.
var sizes = map[string]enginetest.Size{"small": enginetest.Small, "medium": enginetest.Medium, "large": enginetest.Large}

// benchPage is a page with both SDKs and a project of a size, served on a free port of this machine.
type benchPage struct {
	*browser.Page
	browser *browser.Browser
	server  *http.Server
}

func openBenchPage(ctx context.Context, size string) (*benchPage, error) {
	handler, err := pageHandler()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &benchPage{server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}}
	go p.server.Serve(listener) //nolint:errcheck // ends with Close
	if p.browser, err = browser.Start(ctx); err != nil {
		return nil, err
	}
	p.Page, err = p.browser.Open("http://" + listener.Addr().String() + "/?size=" + size)
	return p, err
}

func (p *benchPage) Close() {
	_ = p.browser.Close()
	_ = p.server.Close()
}

func pageHandler() (http.Handler, error) {
	if _, err := os.Stat(officialSDK); err != nil {
		return nil, fmt.Errorf("the official SDK is not installed (npm ci in relay/e2e): %w", err)
	}
	static, err := fs.Sub(page, "page")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(static))
	mux.Handle("/sdk/", http.StripPrefix("/sdk/", http.FileServer(http.Dir(sdkFolder))))
	mux.HandleFunc("/official.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, officialSDK) })
	for name, size := range sizes {
		g := enginetest.NewGenerator(seed)
		datafile := g.Datafile(size)
		workload, err := json.Marshal(map[string]any{
			"keys": map[string]string{
				"flag": enginetest.MeasuredFlag, "rollout": enginetest.MeasuredRollout,
				"experiment": enginetest.MeasuredExperiment, "variation": enginetest.MeasuredVariation, "event": enginetest.MeasuredEvent,
			},
			"experiments": enginetest.ExperimentKeys(size), "matching": g.Matching(1000), "arbitrary": g.Arbitrary(200),
		})
		if err != nil {
			return nil, err
		}
		mux.HandleFunc("/"+name+".json", serveJSON([]byte(datafile)))
		mux.HandleFunc("/"+name+"-workload.json", serveJSON(workload))
	}
	return isolated(mux), nil
}

func serveJSON(body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(body) //nolint:errcheck // the page would fail
	}
}

// isolated gives the page a clock of 5 µs; other pages get 100 µs.
func isolated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
		w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		next.ServeHTTP(w, r)
	})
}
