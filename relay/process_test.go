package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
	"sortition/relay/internal/webhook"
)

// MustStartProcess runs a relay as a process of its own and returns it with its address.
func MustStartProcess(tb testing.TB) (*exec.Cmd, string) {
	tb.Helper()
	command := newProcess(tb)
	return command, mustStart(tb, command)
}

// newProcess returns a relay that can be started as a process of its own.
func newProcess(tb testing.TB) *exec.Cmd {
	tb.Helper()
	command := exec.CommandContext(relaytest.Context(tb), os.Args[0],
		"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data-dir", tb.TempDir(), "--site", "../public")
	command.Env = append(os.Environ(), asRelay+"=1")
	return command
}

// mustStart starts it and returns its address.
func mustStart(tb testing.TB, command *exec.Cmd) string {
	tb.Helper()
	stdout, err := command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, found := strings.CutPrefix(line, "Attic & Button is open at ")
	if err != nil || !found {
		tb.Fatalf("it says %q, %v", line, err)
	}
	return strings.TrimSuffix(url, "/\n")
}

func TestSIGTERMEndsTheProcessWell(t *testing.T) {
	command, url := MustStartProcess(t)
	page := relaytest.MustSubscribe(t, url+"/v1/stream", relaytest.Hello{SDKKey: demoKey})
	awaitRevision(t, page, "1")
	t.Logf("resident memory when idle: %.1f MB", float64(mustResident(t, command))/1e6)
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code, _ := page.WaitClose(t); code != 4503 {
		t.Errorf("the page was closed with %d", code)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestWhoReadsTheLogMayGo(t *testing.T) {
	command := newProcess(t)
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	url := mustStart(t, command)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the first is logged once it is answered
		relaytest.MustGet(t, url+"/nothing")
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

var resident = regexp.MustCompile(`VmRSS:\s+(\d+) kB`)

func mustResident(tb testing.TB, command *exec.Cmd) int {
	tb.Helper()
	status := relaytest.MustRead(tb, fmt.Sprintf("/proc/%d/status", command.Process.Pid))
	kilobytes, err := strconv.Atoi(resident.FindStringSubmatch(status)[1])
	if err != nil {
		tb.Fatal(err)
	}
	return kilobytes << 10
}

// BenchmarkReady times a process from its start until /readyz answers 200.
func BenchmarkReady(b *testing.B) {
	for b.Loop() {
		command, url := MustStartProcess(b)
		for {
			response, err := http.Get(url + "/readyz")
			if err != nil {
				b.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				break
			}
		}
		b.StopTimer()
		b.ReportMetric(float64(mustResident(b, command))/1e6, "MB-resident")
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait()
		b.StartTimer()
	}
}

// BenchmarkWebhookToPage times a webhook until the page has the frame, the source on the same machine.
func BenchmarkWebhookToPage(b *testing.B) {
	cdn := relaytest.NewCDN(b)
	s := MustStart(b, "", "--project", "demo="+cdn.Put("/demo.json", demoAt(b, 1)), "--webhook-secret", "S").awaitReady(b)
	page := s.follow(b)
	revision := 1
	var slowest time.Duration
	for b.Loop() {
		revision++
		cdn.Put("/demo.json", demoAt(b, revision))
		begin := time.Now()
		body := fmt.Sprintf(`{"project_id":20410805626,"event":"project.datafile_updated","data":{"revision":%d}}`, revision)
		signature := http.Header{webhook.SignatureHeader: {webhook.Sign("S", []byte(body))}}
		relaytest.MustDo(b, "POST", s.url+"/webhook", body, signature)
		awaitRevision(b, page, fmt.Sprint(revision))
		slowest = max(slowest, time.Since(begin))
	}
	b.ReportMetric(float64(slowest)/1e6, "ms-slowest")
}

// BenchmarkEvents times posts of one visitor each, 64 at a time, each answered when it is on disk.
func BenchmarkEvents(b *testing.B) {
	s := MustStart(b, "").awaitReady(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var visitor atomic.Int64
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			body := batch(fmt.Sprintf("visitor-%d", visitor.Add(1)))
			response, err := client.Post(s.url+"/v1/events?sdkKey=demo", "application/json", strings.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			response.Body.Close()
			if response.StatusCode != http.StatusNoContent {
				b.Errorf("answered %s", response.Status)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
}
