// Package process runs the built relay as its own process, as an operator would, on ports that are free.
package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Options say how the relay is started. The zero value needs only DataDir.
type Options struct {
	// Binary is the relay's file; default "../relay", which make build writes.
	Binary string
	// DataDir is where it keeps its data. Required, so that no run finds another's.
	DataDir string
	// Listen is its address; default 127.0.0.1 and a free port.
	Listen string
	// Args are further flags.
	Args []string
	// Unready lets Start return before the relay is ready.
	Unready bool
	// Log receives what the relay prints; default nowhere.
	Log io.Writer
}

// Relay is a running relay.
type Relay struct {
	// URL is its address without a slash at the end.
	URL string
	// Ready is how long it took from its start until /readyz answered 200.
	Ready time.Duration

	cmd  *exec.Cmd
	done chan struct{}

	mu  sync.Mutex
	log strings.Builder
}

// listening finds the address of the site in the log line that tells it. The operator's port has another message.
var listening = regexp.MustCompile(`listening.*?((?:127\.0\.0\.1|\[::1\]|\[::\]|0\.0\.0\.0):\d+)`)

// Start starts the relay and waits until it is ready, or until ctx ends.
func Start(ctx context.Context, o Options) (*Relay, error) {
	binary, listen := o.Binary, o.Listen
	if binary == "" {
		binary = "../relay"
	}
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	args := append([]string{"--listen", listen, "--admin", "127.0.0.1:0", "--data-dir", o.DataDir}, o.Args...)
	r := &Relay{cmd: exec.Command(binary, args...), done: make(chan struct{})}
	r.cmd.Env = append(os.Environ(), "NO_COLOR=1")

	output, err := r.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	r.cmd.Stdout = r.cmd.Stderr
	started := time.Now()
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s (make build writes it): %w", binary, err)
	}
	address := make(chan string, 1)
	go r.read(output, address, o.Log)

	if err := r.awaitReady(ctx, address, o.Unready); err != nil {
		return nil, errors.Join(err, r.Kill())
	}
	r.Ready = time.Since(started)
	return r, nil
}

// read keeps the log, tells the address when that of the operator's port has come by as well, and reaps the process at the end.
func (r *Relay) read(output io.Reader, address chan<- string, copyTo io.Writer) {
	defer close(r.done)
	var public string
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		line := lines.Text()
		if copyTo != nil {
			fmt.Fprintln(copyTo, line)
		}
		r.mu.Lock()
		r.log.WriteString(line + "\n")
		r.mu.Unlock()
		if m := listening.FindStringSubmatch(line); m != nil {
			public = m[1]
		}
		if operators.MatchString(line) {
			select {
			case address <- public:
			default:
			}
		}
	}
	_ = r.cmd.Wait() // how it ended is told by its log and by whoever ended it
}

func (r *Relay) awaitReady(ctx context.Context, address <-chan string, unready bool) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	select {
	case a := <-address:
		r.URL = "http://" + a
	case <-r.done:
		return fmt.Errorf("the relay ended at once; it said:\n%s", r.Log())
	case <-ctx.Done():
		return fmt.Errorf("the relay told no address; it said:\n%s", r.Log())
	}
	for {
		response, err := get(ctx, r.URL+"/readyz")
		if err == nil && (response == http.StatusOK || unready) {
			return nil
		}
		select {
		case <-r.done:
			return fmt.Errorf("the relay ended before it was ready; it said:\n%s", r.Log())
		default:
		}
		if ctx.Err() != nil {
			return errors.Join(fmt.Errorf("the relay did not become ready (%d); it said:\n%s", response, r.Log()), err)
		}
	}
}

func get(ctx context.Context, url string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// Address is the host and port.
func (r *Relay) Address() string { return strings.TrimPrefix(r.URL, "http://") }

// operators finds the address of the operator's port in its log line.
var operators = regexp.MustCompile(`operator's port.*?(127\.0\.0\.1:\d+)`)

// AdminURL is the address of the operator's port, "" before the relay told it.
func (r *Relay) AdminURL() string {
	if m := operators.FindStringSubmatch(r.Log()); m != nil {
		return "http://" + m[1]
	}
	return ""
}

// PID is the number of its process.
func (r *Relay) PID() int { return r.cmd.Process.Pid }

// Log is what the relay has printed so far.
func (r *Relay) Log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.log.String()
}

// RSS is the resident memory in bytes, as the kernel counts it.
func (r *Relay) RSS() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0, errors.New("/proc tells no VmRSS")
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10, err
}

// CPU is the processor time it took so far, as the kernel counts it: in hundredths of a second.
func (r *Relay) CPU() (time.Duration, error) { return CPU(r.cmd.Process) }

// Process is the running one.
func (r *Relay) Process() *os.Process { return r.cmd.Process }

// CPU is the processor time that a process has taken so far.
func CPU(of *os.Process) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", of.Pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(stat), ") ") // the name before may have anything in it
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, errors.New("/proc tells no processor time")
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, err
}

// Ended tells whether the relay has ended, by itself or by one of the methods below.
func (r *Relay) Ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Freeze makes the relay silent, as a machine that is cut off, until Thaw.
func (r *Relay) Freeze() error { return r.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen relay go on.
func (r *Relay) Thaw() error { return r.cmd.Process.Signal(syscall.SIGCONT) }

// Kill ends the relay as a power cut would.
func (r *Relay) Kill() error { return r.end(syscall.SIGKILL) }

// Stop asks the relay to stop, as an operator's service manager does, and fails when it does not exit with 0.
func (r *Relay) Stop() error {
	if err := r.end(syscall.SIGTERM); err != nil {
		return err
	}
	if code := r.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("the relay exited with %d; it said:\n%s", code, r.Log())
	}
	return nil
}

func (r *Relay) end(signal syscall.Signal) error {
	if err := r.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-r.done:
		return nil
	case <-time.After(15 * time.Second):
		return errors.Join(errors.New("the relay did not end"), r.cmd.Process.Kill())
	}
}
