package otherbrowser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// WebKit starts WebKitGTK's browser on a screen that nobody sees. It speaks WebDriver, by which it tells nothing of the page's console.
func WebKit(ctx context.Context) (*Browser, error) {
	path, err := find("WebKitWebDriver")
	if err != nil {
		return nil, err
	}
	display, closeScreen, err := startScreen(ctx)
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, errors.Join(err, closeScreen())
	}
	_, port, _ := net.SplitHostPort(address)
	command := exec.CommandContext(ctx, path, "--port="+port)
	command.Env = append(os.Environ(), "DISPLAY="+display, "NO_AT_BRIDGE=1")
	if err := command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting WebKitWebDriver: %w", err), closeScreen())
	}
	d := &webDriver{ctx: ctx, url: "http://" + address}
	stop := func() error {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
		return closeScreen()
	}
	version, err := d.begin()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reaching WebKit: %w", err), stop())
	}
	return &Browser{Version: version, driver: d, stop: func() error { return errors.Join(d.call(http.MethodDelete, "", nil, nil), stop()) }}, nil
}

// startScreen starts an X server that draws into memory, and returns its name.
func startScreen(ctx context.Context) (display string, stop func() error, err error) {
	path, err := find("Xvfb")
	if err != nil {
		return "", nil, err
	}
	command := exec.CommandContext(ctx, path, "-displayfd", "1", "-screen", "0", "1280x1024x24")
	output, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("starting Xvfb: %w", err)
	}
	stop = func() error {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
		return nil
	}
	number, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("reading the display of Xvfb: %w", err), stop())
	}
	return ":" + strings.TrimSpace(number), stop, nil
}

// freeAddress returns an address nobody listens on, as WebKitWebDriver cannot be told to choose one.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// webDriver is a session over HTTP.
type webDriver struct {
	ctx context.Context
	url string
}

// begin waits until the driver listens and begins a session.
func (d *webDriver) begin() (version string, err error) {
	if err := d.awaitListening(); err != nil {
		return "", err
	}
	var session struct {
		SessionID    string
		Capabilities struct{ BrowserVersion string }
	}
	if err := d.call(http.MethodPost, "/session", action{"capabilities": action{}}, &session); err != nil {
		return "", err
	}
	d.url += "/session/" + session.SessionID
	return "WebKitGTK " + session.Capabilities.BrowserVersion,
		d.call(http.MethodPost, "/timeouts", action{"script": Patience.Milliseconds(), "pageLoad": Patience.Milliseconds()}, nil)
}

// awaitListening asks again and again, as the driver does not tell.
func (d *webDriver) awaitListening() error {
	deadline := time.After(Patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := d.call(http.MethodGet, "/status", nil, nil)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-deadline:
			return err
		}
	}
}

// call reads the answer's value.
func (d *webDriver) call(method, path string, body, value any) error {
	ctx, cancel := context.WithTimeout(d.ctx, 2*Patience)
	defer cancel()
	sent, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, d.url+path, bytes.NewReader(sent))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, answer.Value)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, value)
}

func (d *webDriver) open(url string) error {
	return d.call(http.MethodPost, "/url", action{"url": url}, nil)
}

func (d *webDriver) evaluate(expression string) (string, error) {
	var answer struct{ Value, Error string }
	err := d.call(http.MethodPost, "/execute/async", action{"args": []any{}, "script": `
		const [done] = arguments;
		(` + expression + `).then((value) => done({ value }), (error) => done({ error: String(error) }));`}, &answer)
	if err == nil && answer.Error != "" {
		err = errors.New(answer.Error)
	}
	return answer.Value, err
}

func (d *webDriver) act(sources []source) error {
	return d.call(http.MethodPost, "/actions", action{"actions": sources}, nil)
}

func (d *webDriver) complaints() ([]string, error) { return nil, nil }
