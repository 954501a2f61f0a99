// Package natsserver runs real NATS servers as processes of their own, so that
// one can be killed as a machine would be.
package natsserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sortition/relay/e2e/internal/ports"
)

// Options say how a cluster is started. Dir is required.
type Options struct {
	Dir   string // for the servers' data and the program itself
	Nodes int    // 0 means one, which is no cluster
	// Sync is how often the servers sync to disk: "always", or an interval; "" is NATS's default.
	Sync string
	// Config is added to every server's configuration.
	Config string
}

// Cluster is one or more servers.
type Cluster struct {
	Nodes []*Node
	free  func() error // the servers' ports, on which one that was killed is started again
}

// Node is one server. It may be killed and started again.
type Node struct {
	Name    string
	Address string // host:port for clients

	monitor             string // host:port of its own health
	binary, config, log string
	data                string // the folder of what it keeps
	common              string // what of the configuration every server of the cluster has
	cmd                 *exec.Cmd
	done                chan struct{}
}

// build compiles the server of the version that go.mod names, and returns its path.
func build(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(cache, "sortition", "nats-server")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/nats-io/nats-server/v2")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build nats-server: %w\n%s", err, output)
	}
	return binary, nil
}

// Start starts the servers and waits until they answer.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	binary, err := build(ctx)
	if err != nil {
		return nil, err
	}
	count := max(o.Nodes, 1)
	ports, free, err := ports.Keep(3 * count)
	if err != nil {
		return nil, err
	}
	sync := o.Sync
	if sync == "" {
		sync = "2m"
	}
	c := &Cluster{free: free}
	var routes []string
	for i := range count {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", ports[count+i]))
	}
	for i := range count {
		data := filepath.Join(o.Dir, "data"+strconv.Itoa(i))
		name := "n" + strconv.Itoa(i)
		config := fmt.Sprintf("server_name: %s\nlisten: 127.0.0.1:%d\nhttp: 127.0.0.1:%d\njetstream { store_dir: %q, max_file: 400GB, max_mem: 256MB, sync_interval: %s }\n",
			name, ports[i], ports[2*count+i], data, sync)
		if count > 1 {
			config += fmt.Sprintf("cluster { name: c, listen: 127.0.0.1:%d, routes: [%s] }\n", ports[count+i], strings.Join(routes, ", "))
		}
		n := &Node{
			Name:    name,
			Address: fmt.Sprintf("127.0.0.1:%d", ports[i]),
			monitor: fmt.Sprintf("127.0.0.1:%d", ports[2*count+i]),
			binary:  binary,
			data:    data,
			common:  config,
			config:  filepath.Join(o.Dir, name+".conf"),
			log:     filepath.Join(o.Dir, name+".log"),
		}
		if err := n.Configure(o.Config); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
		c.Nodes = append(c.Nodes, n)
	}
	for _, n := range c.Nodes {
		if err := n.Start(); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	for _, n := range c.Nodes {
		if err := n.Await(ctx); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	return c, nil
}

// URL is where clients find the servers.
func (c *Cluster) URL() string {
	var urls []string
	for _, n := range c.Nodes {
		urls = append(urls, "nats://"+n.Address)
	}
	return strings.Join(urls, ",")
}

// Leader returns the server that makes the cluster's streams and consumers.
func (c *Cluster) Leader(ctx context.Context) (*Node, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.Nodes[0].monitor+"/jsz", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	var told struct {
		Meta struct {
			Leader string `json:"leader"`
		} `json:"meta_cluster"`
	}
	if err := json.NewDecoder(response.Body).Decode(&told); err != nil {
		return nil, err
	}
	return c.Node(told.Meta.Leader)
}

// Node returns the server of a name, by which the others know it.
func (c *Cluster) Node(name string) (*Node, error) {
	for _, n := range c.Nodes {
		if n.Name == name {
			return n, nil
		}
	}
	return nil, fmt.Errorf("no server is called %q", name)
}

// Stop ends all servers that run, for good.
func (c *Cluster) Stop() error {
	var errs []error
	for _, n := range c.Nodes {
		errs = append(errs, n.Kill())
	}
	return errors.Join(append(errs, c.free())...)
}

// Configure gives the server another Options.Config, from its next start on.
func (n *Node) Configure(config string) error {
	return os.WriteFile(n.config, []byte(n.common+config+"\n"), 0o600)
}

// Start starts the server, which must not run.
func (n *Node) Start() error {
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the process has its own
	n.cmd = exec.Command(n.binary, "-c", n.config)
	n.cmd.Stdout, n.cmd.Stderr = log, log
	if err := n.cmd.Start(); err != nil {
		return err
	}
	n.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		defer close(done)
		_ = cmd.Wait() // how it ended is whoever's who ended it
	}(n.cmd, n.done)
	return nil
}

// Await waits until the server and its JetStream are of use to clients.
func (n *Node) Await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if n.healthy(ctx) {
			return nil
		}
		select {
		case <-tick.C:
		case <-n.done:
			return fmt.Errorf("nats-server ended; it said:\n%s", n.Log())
		case <-ctx.Done():
			return fmt.Errorf("nats-server is not ready; it said:\n%s", n.Log())
		}
	}
}

func (n *Node) healthy(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+n.monitor+"/healthz", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.StatusCode == http.StatusOK && response.Body.Close() == nil
}

// Log is what the server has printed so far.
func (n *Node) Log() string {
	text, _ := os.ReadFile(n.log)
	return string(text)
}

// PID is the number of its process.
func (n *Node) PID() int { return n.cmd.Process.Pid }

// Kill ends the server as a power cut would. One that does not run stays so.
func (n *Node) Kill() error { return n.end(syscall.SIGKILL) }

// Wipe removes all that a server that does not run has kept, as a disk would that is lost.
func (n *Node) Wipe() error { return os.RemoveAll(n.data) }

// Copy copies to a folder what a server that does not run has of a stream.
func (n *Node) Copy(stream, dir string) error { return os.CopyFS(dir, os.DirFS(n.of(stream))) }

// Restore puts back what Copy has copied, as a power cut would that took what the disk had not got yet.
func (n *Node) Restore(stream, dir string) error {
	if err := os.RemoveAll(n.of(stream)); err != nil {
		return err
	}
	return os.CopyFS(n.of(stream), os.DirFS(dir))
}

// of is the folder of a stream.
func (n *Node) of(stream string) string {
	return filepath.Join(n.data, "jetstream", "$G", "streams", stream)
}

// Freeze makes the server silent, as a broken network would, until Thaw.
func (n *Node) Freeze() error { return n.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (n *Node) Thaw() error { return n.cmd.Process.Signal(syscall.SIGCONT) }

func (n *Node) end(signal syscall.Signal) error {
	if n.cmd == nil || n.cmd.Process == nil {
		return nil
	}
	if err := n.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-n.done
	return nil
}
