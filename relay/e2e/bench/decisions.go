package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"time"

	"sortition/relay/e2e/internal/browser"
)

// Where things lie, seen from relay/e2e.
const (
	sdkFolder   = "../../public/sdk"
	officialSDK = "node_modules/@optimizely/optimizely-sdk/dist/optimizely.browser.umd.min.js"
)

const (
	seed     = 20261123
	roundMs  = 300
	atLeastX = 15 // how much faster than the official SDK a getVariation has to be
)

//go:embed page
var page embed.FS

// measureDecisions times getVariation of the official SDK and of ours in turns, in one page.
func measureDecisions(ctx context.Context, t *table, rounds int) error {
	site, stop, err := servePage()
	if err != nil {
		return err
	}
	defer stop()
	b, err := browser.Start(ctx)
	if err != nil {
		return err
	}
	defer b.Close()
	p, err := b.Open(site)
	if err != nil {
		return err
	}
	same, err := browser.Eval[struct{ Answers, Bucketed int }](p, `compare()`)
	if err != nil {
		return errors.Join(err, fmt.Errorf("the page says %q", p.Complaints()))
	}
	official, ours, ratios, err := playRounds(p, rounds)
	if err != nil {
		return err
	}
	ratio := spreadOf(ratios)
	t.note("answers compared, all equal", fmt.Sprintf("%d (%d of them a variation)", same.Answers, same.Bucketed))
	t.note("getVariation, official SDK 6.6.1", spreadOf(official).format("%.0f")+" ns")
	t.note("getVariation, ours", spreadOf(ours).format("%.0f")+" ns")
	t.add("official / ours", ratio.format("%.1f"), fmt.Sprintf("at least %d", atLeastX), ratio.median >= atLeastX)
	return nil
}

func playRounds(p *browser.Page, rounds int) (official, ours, ratios []float64, err error) {
	for i := range rounds + 1 {
		ns, err := browser.Eval[[2]float64](p, fmt.Sprintf(`round(%d)`, roundMs))
		if err != nil {
			return nil, nil, nil, err
		}
		if i == 0 {
			continue // the first warms both up
		}
		official, ours = append(official, ns[0]), append(ours, ns[1])
		ratios = append(ratios, ns[0]/ns[1])
	}
	return official, ours, ratios, nil
}

// servePage serves the bench page, both SDKs and the workload on a free port of this machine.
func servePage() (url string, stop func(), err error) {
	handler, err := pageHandler()
	if err != nil {
		return "", nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	go server.Serve(listener) //nolint:errcheck // ends with stop
	return "http://" + listener.Addr().String() + "/", func() { _ = server.Close() }, nil
}

func pageHandler() (http.Handler, error) {
	g := newGenerator(seed)
	project := g.project()
	datafile, err := json.Marshal(project)
	if err != nil {
		return nil, err
	}
	workload, err := json.Marshal(object{
		"experimentKeys": experimentKeys(project), "benchExperiment": benchExperiment,
		"benchUsers": g.matching(), "checkUsers": g.arbitrary(),
	})
	if err != nil {
		return nil, err
	}
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
	mux.HandleFunc("/datafile.json", serveJSON(datafile))
	mux.HandleFunc("/workload.json", serveJSON(workload))
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

func experimentKeys(project object) (keys []string) {
	add := func(experiments list) {
		for _, e := range experiments {
			keys = append(keys, e.(object)["key"].(string))
		}
	}
	add(project["experiments"].(list))
	for _, g := range project["groups"].(list) {
		add(g.(object)["experiments"].(list))
	}
	return append(keys, "no_such_experiment")
}
