package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
)

const (
	crowdSize = 10_000
	settling  = 12 * time.Second // the relay gives back what handshakes left when nobody else comes
	idling    = 30 * time.Second
	patience  = time.Minute

	maxFanout      = 1.1     // times the bare broadcaster
	maxFanoutLarge = 1.2     // the same for 1 MB
	maxClientBytes = 6 << 10 // resident, of an idle client
	maxIdleCores   = 0.02
)

// fanoutCase is a datafile that is pushed, and what the bare broadcaster sends meanwhile.
type fanoutCase struct {
	name  string
	size  int // of the datafile
	bare  int // bytes that the bare broadcaster sends
	whole bool
	stuck int // further pages of the relay that read nothing
	aim   float64
}

// Pages that read nothing come last: what the kernel still holds for them afterwards slows a push of the largest. That in turn leaves the
// bare broadcaster's buffers in the kernel larger than they were.
var fanoutCases = []fanoutCase{
	{"delta of a 100 KB datafile, the bare broadcaster 1 KB", 100 << 10, 1 << 10, false, 0, maxFanout},
	{"a 100 KB datafile, whole", 100 << 10, 100 << 10, true, 0, maxFanout},
	{"a 1 MB datafile, whole", 1 << 20, 1 << 20, true, 0, maxFanoutLarge},
	{"a 100 KB datafile, whole, while 100 more read nothing", 100 << 10, 100 << 10, true, 100, maxFanout},
}

// fanout is a relay and a bare broadcaster with as many clients each, which take turns.
type fanout struct {
	relay      *process.Relay
	datafile   atomic.Value // of the source, a string
	revision   int
	ours, bare *child
	server     *child // the bare broadcaster
	bareURL    string
	fresh      *rand.ChaCha8
}

// measureFanout has datafiles pushed to ten thousand pages, in turns with a broadcaster that does nothing else.
func measureFanout(ctx context.Context, t *table, rounds int) error {
	f := &fanout{fresh: rand.NewChaCha8([32]byte{})}
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(f.datafile.Load().(string))) //nolint:errcheck // no client would hear
	}))
	defer source.Close()
	if err := f.next(fanoutCases[0]); err != nil {
		return err
	}
	data, err := os.MkdirTemp("", "sortition-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if f.relay, err = process.Start(ctx, process.Options{Binary: relayBinary, DataDir: data, Args: []string{
		"--project", "demo=" + source.URL + "/demo.json", "--webhook-secret", webhookSecret,
	}}); err != nil {
		return err
	}
	defer f.relay.Kill() //nolint:errcheck // it has answered what it was asked
	if err := f.gather(ctx, t); err != nil {
		return err
	}
	for _, c := range []*child{f.server, f.bare, f.ours} {
		defer c.kill() // before what they are connected to
	}
	for _, c := range fanoutCases {
		if err := f.takeTurns(ctx, t, c, rounds); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// gather connects the clients, and weighs them at rest.
func (f *fanout) gather(ctx context.Context, t *table) (err error) {
	before, err := f.relay.RSS()
	if err != nil {
		return err
	}
	if f.ours, err = startChild(ctx, pushClients, f.relay.Address(), strconv.Itoa(crowdSize), "read"); err != nil {
		return err
	}
	if _, err := f.ours.line(); err != nil {
		return err
	}
	time.Sleep(settling) //nolint:forbidigo // at rest is what is measured
	after, err := f.relay.RSS()
	if err != nil {
		return err
	}
	began, err := f.relay.CPU()
	if err != nil {
		return err
	}
	time.Sleep(idling) //nolint:forbidigo // as above
	ended, err := f.relay.CPU()
	if err != nil {
		return err
	}
	each := (after - before) / crowdSize
	t.add("resident memory of an idle client, of 10 000", fmt.Sprintf("%.1f KB", float64(each)/1024), "6 KB", each <= maxClientBytes)
	cores := (ended - began).Seconds() / idling.Seconds()
	t.add("processor at rest with 10 000 clients", fmt.Sprintf("%.1f %% of a core", 100*cores), "2 %", cores < maxIdleCores)

	if f.server, err = startChild(ctx, pushBare); err != nil {
		return err
	}
	address, err := f.server.line()
	if err != nil {
		return err
	}
	f.bareURL = "http://" + address
	if f.bare, err = startChild(ctx, pushClients, address, strconv.Itoa(crowdSize), "read"); err != nil {
		return err
	}
	_, err = f.bare.line()
	return err
}

// takeTurns has both push by turns and compares when the last client had it.
func (f *fanout) takeTurns(ctx context.Context, t *table, c fanoutCase, rounds int) error {
	if err := f.next(c); err != nil {
		return err
	}
	if _, _, err := f.push(ctx); err != nil { // so that the next is a delta, if it can be
		return err
	}
	var ours, p99, bare, ratios []float64
	for range rounds {
		b, last, most, err := f.turn(ctx, c)
		if err != nil {
			return err
		}
		ours, p99, bare, ratios = append(ours, last), append(p99, most), append(bare, b), append(ratios, last/b)
	}
	ratio := spreadOf(ratios)
	t.note(c.name+": webhook to the last of 10 000", spreadOf(ours).format("%.0f")+" ms")
	t.note("the same, 99 of 100 clients", spreadOf(p99).format("%.0f")+" ms")
	t.note("the same, bare broadcaster to the last", spreadOf(bare).format("%.0f")+" ms")
	t.add("the same, ours / bare", ratio.format("%.2f"), fmt.Sprintf("%.1f", c.aim), ratio.median <= c.aim)
	return nil
}

// turn has the bare broadcaster push, and then the relay. Pages that read nothing come anew for each turn, and before both: the relay
// closes them after ten seconds.
func (f *fanout) turn(ctx context.Context, c fanoutCase) (bare, last, p99 float64, err error) {
	if c.stuck > 0 {
		stuck, err := startChild(ctx, pushClients, f.relay.Address(), strconv.Itoa(c.stuck), "stuck")
		if err != nil {
			return 0, 0, 0, err
		}
		defer stuck.kill()
		if _, err := stuck.line(); err != nil {
			return 0, 0, 0, err
		}
	}
	if bare, err = f.broadcast(ctx, c.bare); err != nil {
		return 0, 0, 0, err
	}
	if err := f.next(c); err != nil {
		return 0, 0, 0, err
	}
	last, p99, err = f.push(ctx)
	return bare, last, p99, err
}

// next makes the source serve another revision: of the same text, or with nothing in it that was there before.
func (f *fanout) next(c fanoutCase) error {
	f.revision++
	text, err := demo.Datafile(strconv.Itoa(f.revision), variationOf(f.revision))
	if err != nil {
		return err
	}
	if !c.whole {
		f.fresh = rand.NewChaCha8([32]byte{})
	}
	padding := make([]byte, (c.size-len(text))*3/4)
	_, _ = f.fresh.Read(padding)
	var project map[string]any
	if err := json.Unmarshal([]byte(text), &project); err != nil {
		return err
	}
	project["padding"] = base64.StdEncoding.EncodeToString(padding)
	padded, err := json.Marshal(project)
	f.datafile.Store(string(padded))
	return err
}

// push sends the webhook and returns after how many ms the last client, and 99 of 100, had the datafile.
func (f *fanout) push(ctx context.Context) (last, p99 float64, err error) {
	sent := time.Now()
	status, err := demo.SendWebhook(ctx, f.relay.URL, strconv.Itoa(f.revision), webhookSecret)
	if err != nil || status != http.StatusOK {
		return 0, 0, fmt.Errorf("the webhook was answered %d, %w", status, err)
	}
	heard, err := f.ours.round()
	return milliseconds(sent, heard.last), milliseconds(sent, heard.p99), err
}

// broadcast has the bare broadcaster send so many bytes, and returns after how many ms the last client had them.
func (f *fanout) broadcast(ctx context.Context, size int) (last float64, err error) {
	sent := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.bareURL, strings.NewReader(strings.Repeat("x", size)))
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	heard, err := f.bare.round()
	if err == nil {
		err = response.Body.Close()
	}
	return milliseconds(sent, heard.last), err
}

// child is this program in another role, as a process of its own.
type child struct {
	cmd   *exec.Cmd
	lines chan string
}

// startChild starts this program with some arguments. It is killed when ctx ends.
func startChild(ctx context.Context, args ...string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(ctx, self, args...), lines: make(chan string, 16)}
	c.cmd.Stderr = os.Stderr
	output, err := c.cmd.StdoutPipe()
	if err == nil {
		_, err = c.cmd.StdinPipe() // closes with this process
	}
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(c.lines)
		for scanner := bufio.NewScanner(output); scanner.Scan(); {
			c.lines <- scanner.Text()
		}
	}()
	return c, c.cmd.Start()
}

// line returns the next line that it prints.
func (c *child) line() (string, error) {
	select {
	case line, ok := <-c.lines:
		if !ok {
			return "", fmt.Errorf("%s ended", c.cmd.Args[1])
		}
		return line, nil
	case <-time.After(patience):
		return "", fmt.Errorf("%s says nothing", c.cmd.Args[1])
	}
}

func (c *child) round() (round, error) {
	line, err := c.line()
	if err != nil {
		return round{}, err
	}
	return parseRound(line)
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}
