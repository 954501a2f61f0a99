package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"sortition/relay/e2e/internal/process"
	"sortition/wasm/engine/enginetest"
)

const (
	// maxDecideCPU is half of what Optimizely Agent took for the same flag on such a machine: 109 to 158 µs.
	maxDecideCPU = 54 // µs
	decideTurn   = 2 * time.Second
	decideFlag   = enginetest.MeasuredFlag
)

// measureEvaluations asks the relay for decisions about one flag of the medium project, and a bare server for as much JSON, in turns.
func measureEvaluations(ctx context.Context, t *table, rounds int) error {
	dir, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	datafile := enginetest.NewGenerator(seed).Datafile(enginetest.Medium)
	if err := os.WriteFile(filepath.Join(dir, "bench.json"), []byte(datafile), 0o600); err != nil {
		return err
	}
	relay, err := process.Start(ctx, process.Options{Binary: relayBinary, DataDir: filepath.Join(dir, "data"),
		Args: []string{"--project", "bench=" + filepath.Join(dir, "bench.json"), "--events-url", "http://127.0.0.1:9", "--max-backlog", "16GiB"}})
	if err != nil {
		return err
	}
	return errors.Join(askByTurns(ctx, t, relay, rounds), relay.Kill())
}

func askByTurns(ctx context.Context, t *table, relay *process.Relay, rounds int) error {
	var number atomic.Int64
	silent, telling := newDecideLoad(&number, `,"decideOptions":["DISABLE_DECISION_EVENT"]`), newDecideLoad(&number, "")
	size, err := answerSize(ctx, relay)
	if err != nil {
		return err
	}
	bare, err := startChild(ctx, bareAnswers, fmt.Sprint(size))
	if err != nil {
		return err
	}
	defer bare.kill()
	address, err := bare.line()
	if err != nil {
		return err
	}
	var asked, cpu, cpuOfBare, told, toldCPU []float64
	for range rounds {
		_, least, err := ask(ctx, bare.cmd.Process, address, silent)
		if err != nil {
			return fmt.Errorf("the bare server: %w", err)
		}
		perSecond, each, err := ask(ctx, relay.Process(), relay.Address(), silent)
		if err != nil {
			return fmt.Errorf("the relay: %w", err)
		}
		asked, cpu, cpuOfBare = append(asked, perSecond), append(cpu, each), append(cpuOfBare, each/least)
		if perSecond, each, err = ask(ctx, relay.Process(), relay.Address(), telling); err != nil {
			return fmt.Errorf("the relay, with events: %w", err)
		}
		told, toldCPU = append(told, perSecond), append(toldCPU, each)
	}
	each := spreadOf(cpu)
	t.note("decisions for clients, no event", spreadOf(asked).format("%.0f")+" a second")
	t.add("CPU of the relay for each", each.format("%.0f")+" µs", fmt.Sprintf("%d µs", maxDecideCPU), each.median <= maxDecideCPU)
	t.note("that of a bare net/http server that answers as much", spreadOf(cpuOfBare).format("%.2f")+" times as little")
	t.note("decisions for clients, the impression on disk before the answer", spreadOf(told).format("%.0f")+" a second")
	t.note("CPU of the relay for each", spreadOf(toldCPU).format("%.0f")+" µs")
	return nil
}

// newDecideLoad asks for the decision of one flag, each time for another visitor of the experiment's audience.
func newDecideLoad(number *atomic.Int64, options string) *load {
	body := `{"userId":"visitor_` + mark + `","userAttributes":{"country":"NO","age":42,"app_version":"2.4.1","plan":"pro plan","session":"` +
		mark + `"}` + options + `}`
	return newTemplate("/v1/decide?keys="+decideFlag, "X-Optimizely-SDK-Key: bench\r\n", body, number, readOK)
}

// ask runs a load against a server and returns how many answers it gave a second, and the processor time of each in µs.
func ask(ctx context.Context, server *os.Process, address string, l *load) (perSecond, cpu float64, err error) {
	before, err := process.CPU(server)
	if err != nil {
		return 0, 0, err
	}
	if perSecond, err = l.run(ctx, address, decideTurn); err != nil {
		return 0, 0, err
	}
	after, err := process.CPU(server)
	return perSecond, float64((after - before).Microseconds()) / (perSecond * decideTurn.Seconds()), err
}

// answerSize is the length of an answer, which must be a decision of the experiment.
func answerSize(ctx context.Context, relay *process.Relay) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, relay.URL+"/v1/decide?keys="+decideFlag, strings.NewReader(
		`{"userId":"visitor_`+mark+`","userAttributes":{"country":"NO","age":42,"app_version":"2.4.1","plan":"pro plan","session":"`+mark+`"}}`))
	if err != nil {
		return 0, err
	}
	request.Header.Set("X-Optimizely-SDK-Key", "bench")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !strings.Contains(string(body), `"ruleKey":"`+enginetest.MeasuredExperiment+`"`) {
		err = fmt.Errorf("the relay answers %d %s, not a decision of %s", response.StatusCode, body, enginetest.MeasuredExperiment)
	}
	return len(body), err
}

// bareAnswers is the first argument that makes this program the least that answers a post with JSON: net/http, a body that is read,
// and one that is written. The second is the length of that.
const bareAnswers = "bare-answers"

func runBareAnswers(size string, stdout io.Writer) error {
	var n int
	if _, err := fmt.Sscan(size, &n); err != nil || n < 2 {
		return fmt.Errorf("%q is no length of an answer", size)
	}
	answer := []byte(`"` + strings.Repeat("x", n-2) + `"`)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, listener.Addr())
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // measured for seconds
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
}
