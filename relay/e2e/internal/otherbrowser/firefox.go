package otherbrowser

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"time"

	"github.com/gorilla/websocket"
)

// Firefox starts Firefox, which speaks WebDriver BiDi.
func Firefox(ctx context.Context) (*Browser, error) {
	path, err := find("firefox-esr", "firefox")
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "sortition-firefox-")
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0")
	output, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting Firefox: %w", err)
	}
	b := &Browser{stop: func() error {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
		return os.RemoveAll(profile)
	}}
	late := time.AfterFunc(Patience, func() { _ = command.Process.Kill() })
	line, err := dial(ctx, output)
	late.Stop()
	if err == nil {
		b.driver = line
		b.Version, err = line.begin()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reaching Firefox: %w", err), b.stop())
	}
	return b, nil
}

var listening = regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`)

// dial reads the address from what Firefox prints.
func dial(ctx context.Context, output io.Reader) (*bidi, error) {
	for lines := bufio.NewScanner(output); lines.Scan(); {
		m := listening.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		go func() { _, _ = io.Copy(io.Discard, output) }() // whatever it says from here on
		socket, answer, err := websocket.DefaultDialer.DialContext(ctx, m[1]+"/session", nil)
		if err != nil {
			return nil, err
		}
		return &bidi{socket: socket}, answer.Body.Close()
	}
	return nil, errors.New("it ended without telling its address")
}

// bidi is a session over a websocket, with one call at a time.
type bidi struct {
	socket  *websocket.Conn
	calls   int
	context string
	errors  []string
}

// begin begins the session, in the window that is there.
func (l *bidi) begin() (version string, err error) {
	var session struct {
		Capabilities struct{ BrowserName, BrowserVersion string }
	}
	var tree struct {
		Contexts []struct{ Context string }
	}
	for _, step := range []struct {
		method string
		params any
		answer any
	}{
		{"session.new", action{"capabilities": action{}}, &session},
		{"session.subscribe", action{"events": []string{"log.entryAdded"}}, &struct{}{}},
		{"browsingContext.getTree", struct{}{}, &tree},
	} {
		result, err := l.call(step.method, step.params)
		if err != nil {
			return "", err
		}
		if err := json.Unmarshal(result, step.answer); err != nil {
			return "", err
		}
	}
	l.context = tree.Contexts[0].Context
	return "Firefox " + session.Capabilities.BrowserVersion, nil
}

// call waits for the answer, and keeps what the page complains of meanwhile.
func (l *bidi) call(method string, params any) (json.RawMessage, error) {
	l.calls++
	if err := l.socket.SetReadDeadline(time.Now().Add(Patience)); err != nil {
		return nil, err
	}
	if err := l.socket.WriteJSON(action{"id": l.calls, "method": method, "params": params}); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	for {
		var message struct {
			ID             int
			Error, Message string
			Method         string
			Params         struct{ Level, Text string }
			Result         json.RawMessage
		}
		if err := l.socket.ReadJSON(&message); err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case message.Method == "log.entryAdded" && message.Params.Level == "error":
			l.errors = append(l.errors, message.Params.Text)
		case message.ID == l.calls && message.Error != "":
			return nil, fmt.Errorf("%s: %s: %s", method, message.Error, message.Message)
		case message.ID == l.calls:
			return message.Result, nil
		}
	}
}

func (l *bidi) open(url string) error {
	_, err := l.call("browsingContext.navigate", action{"context": l.context, "url": url, "wait": "complete"})
	return err
}

func (l *bidi) evaluate(expression string) (string, error) {
	result, err := l.call("script.evaluate", action{"expression": expression, "target": action{"context": l.context}, "awaitPromise": true})
	if err != nil {
		return "", err
	}
	var answer struct {
		Result           struct{ Value string }
		ExceptionDetails *struct{ Text string }
	}
	if err := json.Unmarshal(result, &answer); err != nil {
		return "", err
	}
	if answer.ExceptionDetails != nil {
		return "", errors.New(answer.ExceptionDetails.Text)
	}
	return answer.Result.Value, nil
}

func (l *bidi) act(sources []source) error {
	_, err := l.call("input.performActions", action{"context": l.context, "actions": sources})
	return err
}

// complaints asks for something first, ahead of whose answer everything comes that was said before.
func (l *bidi) complaints() ([]string, error) {
	_, err := l.call("session.status", struct{}{})
	return l.errors, err
}
