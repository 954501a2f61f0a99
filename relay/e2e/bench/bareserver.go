package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// bareServer is the first argument that makes this program the least that answers a post only when it is on disk: net/http
// and one goroutine that appends what is queued to a file and calls fdatasync. The second is the file.
const bareServer = "bare-server"

// measured is a server that posts are measured at.
type measured struct {
	address string
	process *os.Process
}

// startBare starts this program as a bare server in a process of its own.
func startBare(ctx context.Context, file string) (bare measured, stop func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return bare, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, self, bareServer, file)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return bare, nil, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	stop = func() error {
		cancel()
		if err := cmd.Wait(); ctx.Err() == nil {
			return err
		}
		return nil
	}
	return measured{strings.TrimSpace(line), cmd.Process}, stop, err
}

func runBare(path string, stdout io.Writer) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintln(stdout, listener.Addr())
	queue := make(chan bareAppend, 1024)
	go appendAll(file, queue)
	return http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // measured for seconds
		body, err := io.ReadAll(r.Body)
		if err == nil {
			done := make(chan error)
			queue <- bareAppend{body, done}
			err = <-done
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
}

type bareAppend struct {
	data []byte
	done chan error
}

// appendAll writes and syncs together what is queued at the same time.
func appendAll(file *os.File, queue <-chan bareAppend) {
	var group []bareAppend
	var buffer []byte
	for first := range queue {
		group, buffer = append(group[:0], first), append(buffer[:0], first.data...)
		for more := true; more; {
			select {
			case next := <-queue:
				group, buffer = append(group, next), append(buffer, next.data...)
			default:
				more = false
			}
		}
		_, err := file.Write(buffer)
		err = errors.Join(err, syscall.Fdatasync(int(file.Fd())))
		for _, a := range group {
			a.done <- err
		}
	}
}
