package eventlog_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/wasm/engine/event"
)

// crashDir makes the test binary a process that appends to the log in the
// folder it names until it is killed.
const crashDir = "EVENTLOG_CRASH_DIR"

const crashWriters = 8

// appendUntilKilled prints each uuid after the log called it safe. Every
// event is appended again right away, as a client does that missed the answer.
// Those of every second writer are so long that they are packed.
func appendUntilKilled(dir string) {
	log, err := eventlog.Open(dir, eventlog.Options{SegmentBytes: 20 << 10})
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	go log.Run(context.Background()) //nolint:errcheck // the process does not outlive it
	var writers sync.WaitGroup
	for writer := range crashWriters {
		writers.Go(func() {
			for i := 0; ; i++ {
				uuid := fmt.Sprintf("%d-%d-%d", os.Getpid(), writer, i)
				body := tinyBody(uuid, strings.Repeat("v", writer%2*2000))
				for range 2 {
					if err := appendOnce(log, body); err != nil {
						fmt.Println("error:", err)
						return
					}
				}
				fmt.Println(uuid)
			}
		})
	}
	writers.Wait()
}

func appendOnce(log *eventlog.Log, body string) error {
	events, err := event.Decode(body)
	if err != nil {
		return err
	}
	_, err = log.Append(context.Background(), eventlog.Batch{Body: body, Events: events})
	return err
}

func TestEveryAcknowledgedEventOutlivesKillNine(t *testing.T) {
	const kills, acknowledgements = 6, 300
	dir := t.TempDir()
	safe := map[string]bool{}
	for range kills {
		for _, uuid := range appendAndKill(t, dir, acknowledgements) {
			safe[uuid] = true
		}
	}

	log := mustStart(t, dir, eventlog.Options{})
	stored := map[string]int{}
	for _, uuid := range eventlogtest.UUIDs(t, eventlogtest.MustReplay(t, log)) {
		if stored[uuid]++; stored[uuid] > 1 {
			t.Errorf("%s is stored %d times", uuid, stored[uuid])
		}
	}
	for uuid := range safe {
		if stored[uuid] == 0 {
			t.Errorf("%s was acknowledged and is lost", uuid)
		}
	}
	if len(safe) < kills*acknowledgements {
		t.Errorf("only %d events were acknowledged", len(safe))
	}
	if report := log.Report(); !report.Clean() {
		t.Errorf("report: %+v", report)
	}
}

// appendAndKill lets a process append until it has acknowledged n events,
// kills it, and returns all it acknowledged.
func appendAndKill(t *testing.T, dir string, n int) (uuids []string) {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), crashDir+"="+dir)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if uuids = append(uuids, lines.Text()); len(uuids) == n {
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	command.Wait() //nolint:errcheck // it was killed
	if len(uuids) < n {
		t.Fatalf("it ended after %q", uuids)
	}
	return uuids
}
