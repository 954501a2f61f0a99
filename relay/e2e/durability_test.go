package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// shoppers post purchases, each again and again until it is answered 204, as a page does.
type shoppers struct {
	url     string
	number  atomic.Int64
	closing atomic.Bool
	safe    chan int64 // the number of each that was answered
	all     sync.WaitGroup
}

func openShop(t *testing.T, url string) *shoppers {
	t.Helper()
	s := &shoppers{url: url, safe: make(chan int64, 1_000_000)}
	ctx, cancel := context.WithCancel(context.Background())
	for range 8 {
		s.all.Go(func() {
			for ctx.Err() == nil && !s.closing.Load() {
				number := s.number.Add(1)
				for !s.buy(ctx, number) && ctx.Err() == nil {
					<-time.After(5 * time.Millisecond) // the relay is being started again, or is full
				}
				s.safe <- number
			}
		})
	}
	t.Cleanup(func() { cancel(); s.all.Wait() })
	return s
}

func (s *shoppers) buy(ctx context.Context, number int64) (safe bool) {
	body, _ := demotest.Purchase(number)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/events", strings.NewReader(body))
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusNoContent
}

// mustTake waits for so many more purchases that are safe.
func (s *shoppers) mustTake(t *testing.T, count int) (numbers []int64) {
	t.Helper()
	ctx := relaytest.Context(t)
	for i := range count {
		select {
		case number := <-s.safe:
			numbers = append(numbers, number)
		case <-ctx.Done():
			t.Fatalf("only %d of %d purchases became safe", i, count)
		}
	}
	return numbers
}

// taken returns further purchases that are safe already.
func (s *shoppers) taken() (numbers []int64) {
	for {
		select {
		case number := <-s.safe:
			numbers = append(numbers, number)
		default:
			return numbers
		}
	}
}

// close lets everyone finish and returns how many purchases were made, all safe by now.
func (s *shoppers) close() (purchases int64) {
	s.closing.Store(true)
	s.all.Wait()
	return s.number.Load()
}

// mustHaveAll waits until every event of the purchases was delivered and each is counted once.
func mustHaveAll(t *testing.T, relay *process.Relay, upstream *relaytest.EventAPI, purchases int64) {
	t.Helper()
	eventually(t, func() (bool, string) {
		delivered := upstream.UUIDs()
		for number := range purchases {
			for _, uuid := range second(demotest.Purchase(number + 1)) {
				if delivered[uuid] == 0 {
					return false, uuid + " was answered 204 and never delivered"
				}
			}
		}
		return true, ""
	})
	mustCountUntil(t, relay, counts{Visitors: int(purchases), Conversions: int(purchases)})
	if got := mustCountAll(t, relay); got != int(purchases) {
		t.Errorf("%d purchases are counted, %d were made", got, purchases)
	}
}

func second(_ string, uuids []string) []string { return uuids }

// mustCountAll adds up all conversions, not only each visitor's first.
func mustCountAll(t *testing.T, relay *process.Relay) (conversions int) {
	t.Helper()
	var results struct {
		Experiments []struct {
			Metrics []struct {
				Aggregator string
				Results    map[string]struct{ Value float64 }
			}
		}
	}
	must(t, json.Unmarshal([]byte(relaytest.MustGet(t, relay.URL+"/v1/results/demo").Body), &results))
	for _, metric := range results.Experiments[0].Metrics {
		if metric.Aggregator == "count" {
			for _, variation := range metric.Results {
				conversions += int(variation.Value)
			}
		}
	}
	return conversions
}

func TestNoEventIsLostOrCountedTwiceThroughADozenEndsAndAFailingUpstream(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	var asked atomic.Int64
	upstream.Decide(func(relaytest.EventBatch) relaytest.Answer {
		switch asked.Add(1) % 5 {
		case 1:
			return relaytest.Answer{Status: http.StatusServiceUnavailable}
		case 3:
			return relaytest.Answer{Lost: true}
		}
		return relaytest.Answer{}
	})
	options := process.Options{DataDir: t.TempDir(), Listen: mustKeepAddress(t), Args: []string{"--events-url", upstream.URL}}
	relay, err := process.Start(t.Context(), options)
	must(t, err)
	shop := openShop(t, relay.URL)
	for round := range 12 {
		shop.mustTake(t, 50)
		if round%4 == 3 {
			must(t, relay.Stop()) // SIGTERM, with posts under way
		} else {
			must(t, relay.Kill())
		}
		if relay, err = process.Start(t.Context(), options); err != nil {
			t.Fatal(err)
		}
	}
	shop.mustTake(t, 50)
	purchases := shop.close()
	upstream.Always(relaytest.Answer{})
	mustHaveAll(t, relay, upstream, purchases)
	must(t, relay.Stop())
}

func TestAFullDiskRefusesAndLosesNothing(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(data, syscall.MNT_DETACH)) })
	upstream := relaytest.NewEventAPI(t)
	upstream.Always(relaytest.Answer{Status: http.StatusServiceUnavailable})
	options := process.Options{DataDir: data, Args: []string{"--events-url", upstream.URL}}
	relay, err := process.Start(t.Context(), options)
	must(t, err)
	purchases := int64(0)
	var refused relaytest.Response
	for refused.Status == 0 {
		body, _ := demotest.Purchase(purchases + 1)
		if answer := relaytest.MustPost(t, relay.URL+"/v1/events", body); answer.Status == http.StatusNoContent {
			purchases++
		} else {
			refused = answer
		}
	}
	if refused.Status != http.StatusServiceUnavailable || refused.Header.Get("Retry-After") == "" || purchases < 100 {
		t.Errorf("after %d purchases the answer is %d %s, Retry-After %q", purchases, refused.Status, refused.Body, refused.Header.Get("Retry-After"))
	}
	must(t, relay.Kill())
	relay = mustStartFull(t, options)
	upstream.Always(relaytest.Answer{})
	mustHaveAll(t, relay, upstream, purchases)
	must(t, relay.Stop())
}

// mustStartFull starts a relay that cannot be ready since its disk is full.
func mustStartFull(t *testing.T, options process.Options) *process.Relay {
	t.Helper()
	options.Unready = true
	relay, err := process.Start(t.Context(), options)
	must(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the relay said:\n%s", withoutRequests(relay.Log()))
		}
	})
	return relay
}

func TestADamagedRecordIsPassedOverAndTold(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	upstream.Always(relaytest.Answer{Status: http.StatusServiceUnavailable})
	options := process.Options{DataDir: t.TempDir(), Args: []string{"--events-url", upstream.URL}}
	relay, err := process.Start(t.Context(), options)
	must(t, err)
	for number := range int64(20) {
		body, _ := demotest.Purchase(number + 1)
		if answer := relaytest.MustPost(t, relay.URL+"/v1/events", body); answer.Status != http.StatusNoContent {
			t.Fatalf("the answer is %d %s", answer.Status, answer.Body)
		}
	}
	must(t, relay.Kill())
	segments, err := filepath.Glob(filepath.Join(options.DataDir, "events", "*.log"))
	must(t, err)
	log := relaytest.MustRead(t, segments[0])
	relaytest.MustWrite(t, segments[0], strings.Replace(log, "purchase-7\"", "purchase-X\"", 1))

	upstream.Always(relaytest.Answer{})
	relay, err = process.Start(t.Context(), options)
	must(t, err)
	delivered := upstream.WaitEvents(t, 2*19)
	mustCountUntil(t, relay, counts{Visitors: 19, Conversions: 19})
	if len(delivered) != 2*19 || delivered["purchase-7"] != 0 || delivered["purchase-X"] != 0 {
		t.Errorf("delivered: %v", delivered)
	}
	if !strings.Contains(relay.Log(), "the event log was damaged") || !strings.Contains(relay.Log(), "damagedPlaces=1") {
		t.Errorf("the relay said:\n%s", relay.Log())
	}
	must(t, relay.Stop())
}

func TestEachAnswerFollowsTheSyncOfItsEvents(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	relay := mustStart(t, process.Options{})
	trace := filepath.Join(t.TempDir(), "trace")
	tracer := exec.Command("strace", "-f", "-y", "-e", "trace=write,pwrite64,fdatasync", "-p", fmt.Sprint(relay.PID()), "-o", trace)
	said, err := tracer.StderrPipe()
	must(t, err)
	must(t, tracer.Start())
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil || !strings.Contains(line, "attached") {
		t.Skipf("no process can be traced here: %s %v", line, err)
	}
	const posts = 50
	for number := range int64(posts) {
		body, _ := demotest.Purchase(number + 1)
		if answer := relaytest.MustPost(t, relay.URL+"/v1/events", body); answer.Status != http.StatusNoContent {
			t.Fatalf("the answer is %d %s", answer.Status, answer.Body)
		}
	}
	must(t, tracer.Process.Signal(syscall.SIGINT))
	_ = tracer.Wait() // it ends by the signal

	// Posts come one after the other, so between two answers there must be a write to the log and, behind it, a sync of it.
	const (
		nothing = iota
		written
		synced
	)
	state, answers := nothing, 0
	for line := range strings.Lines(relaytest.MustRead(t, trace)) {
		switch {
		case logWrite.MatchString(line):
			state = written
		case logSynced.MatchString(line) && state == written:
			state = synced
		case strings.Contains(line, "HTTP/1.1 204"):
			if answers++; state != synced {
				t.Fatalf("answer %d came before its events were on disk", answers)
			}
			state = nothing
		}
	}
	if answers != posts {
		t.Errorf("the trace has %d answers of %d", answers, posts)
	}
}

var (
	logWrite  = regexp.MustCompile(`pwrite64\(\d+<[^>]*/events/\d+\.log>`)
	logSynced = regexp.MustCompile(`fdatasync(\(\d+<[^>]*/events/\d+\.log>\)| resumed>\)) += 0`)
)
