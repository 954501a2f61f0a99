package fleet

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// house is some relays of one fleet, what they forward events to, and the servers between them.
type house struct {
	t        *testing.T
	nats     *natsserver.Cluster
	id       string
	args     []string
	upstream *relaytest.EventAPI

	mu     sync.Mutex
	relays []*process.Relay
}

// mustHouse starts a fleet of so many relays.
func mustHouse(t *testing.T, nats *natsserver.Cluster, relays int, args ...string) *house {
	t.Helper()
	h := &house{t: t, nats: nats, id: idOf(t.TempDir()), upstream: relaytest.NewEventAPI(t)}
	h.args = append([]string{"--nats", nats.URL(), "--nats-fleet", h.id, "--events-url", h.upstream.URL, "--max-backlog", "64MiB"}, args...)
	for range relays {
		h.mustStart()
	}
	t.Cleanup(func() {
		for i, relay := range h.all() {
			if err := relay.Stop(); err != nil {
				t.Error(err)
			}
			if t.Failed() {
				t.Logf("relay %d said, requests left out:\n%s", i, withoutRequests(relay.Log()))
			}
		}
	})
	return h
}

func withoutRequests(log string) string {
	lines := strings.SplitAfter(log, "\n")
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "msg=request") }), "")
}

// mustStart adds a relay with a data folder of its own.
func (h *house) mustStart() {
	h.t.Helper()
	relay, err := process.Start(h.t.Context(), process.Options{Binary: relayBinary, DataDir: h.t.TempDir(), Args: h.args})
	if err != nil {
		h.t.Fatal(err)
	}
	h.join(relay)
}

// join puts a relay back that leave took out.
func (h *house) join(relay *process.Relay) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.relays = append(slices.Clone(h.relays), relay)
}

// leave takes a relay out of those that are stopped at the end and that clients use.
func (h *house) leave(relay *process.Relay) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.relays = slices.DeleteFunc(slices.Clone(h.relays), func(r *process.Relay) bool { return r == relay })
}

func (h *house) all() []*process.Relay {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.relays
}

// mustHolder returns the relay whose log tells last that it has a lease.
func (h *house) mustHolder(lease string) (holder *process.Relay) {
	h.t.Helper()
	eventually(h.t, func() (bool, string) {
		for _, relay := range h.all() {
			log := relay.Log()
			had := strings.LastIndex(log, `has the lease" lease=`+lease)
			gave := strings.LastIndex(log, `gave up the lease" lease=`+lease)
			if had > gave {
				holder = relay
				return true, ""
			}
		}
		return false, "no relay has the lease " + lease
	})
	return holder
}

// mustAnnounce has the CDN's shop go on to a revision, and a relay told of it.
func (h *house) mustAnnounce(cdn *relaytest.CDN, relay *process.Relay, revision int) {
	h.t.Helper()
	cdn.Put("/shop.json", datafile(h.t, revision))
	status, err := demo.SendWebhook(h.t.Context(), relay.URL, fmt.Sprint(revision), "")
	if err != nil || status != http.StatusOK {
		h.t.Fatalf("the webhook was answered %d, %v", status, err)
	}
}

type shoppers struct {
	house   *house
	number  atomic.Int64
	safe    atomic.Int64
	closing atomic.Bool
	all     sync.WaitGroup
}

func (h *house) openShop(visitors int) *shoppers {
	s := &shoppers{house: h}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: visitors}}
	for range visitors {
		s.all.Go(func() {
			for !s.closing.Load() {
				number := s.number.Add(1)
				for try := int(number); !s.buy(client, try, number) && h.t.Context().Err() == nil; try++ {
					<-time.After(5 * time.Millisecond)
				}
				s.safe.Add(1)
			}
		})
	}
	h.t.Cleanup(func() { s.close(); client.CloseIdleConnections() })
	return s
}

func (s *shoppers) buy(client *http.Client, try int, number int64) (safe bool) {
	relays := s.house.all()
	if len(relays) == 0 {
		return false
	}
	body, _ := demotest.Purchase(number)
	response, err := client.Post(relays[try%len(relays)].URL+"/v1/events", "application/json", strings.NewReader(body))
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusNoContent
}

// mustTake waits for so many more purchases that are safe.
func (s *shoppers) mustTake(more int64) {
	s.house.t.Helper()
	want := s.safe.Load() + more
	eventually(s.house.t, func() (bool, string) {
		return s.safe.Load() >= want, fmt.Sprintf("only %d of %d purchases became safe", more-(want-s.safe.Load()), more)
	})
}

// close lets everyone finish and returns how many purchases were made, all safe by now.
func (s *shoppers) close() int64 {
	s.closing.Store(true)
	s.all.Wait()
	return s.number.Load()
}

// mustHaveAll waits until every event of the purchases was delivered, and every relay counts each once.
func (h *house) mustHaveAll(purchases int64) {
	h.t.Helper()
	eventually(h.t, func() (bool, string) {
		delivered, missing := h.upstream.UUIDs(), 0
		for number := range purchases {
			_, uuids := demotest.Purchase(number + 1)
			for _, uuid := range uuids {
				if delivered[uuid] == 0 {
					missing++
				}
			}
		}
		return missing == 0, fmt.Sprintf("%d events were answered 204 and never delivered", missing)
	})
	for _, relay := range h.all() {
		eventually(h.t, func() (bool, string) {
			visitors, conversions, doubt := counted(relay)
			return visitors == purchases && conversions == purchases,
				fmt.Sprintf("%d visitors and %d purchases are counted, %d were made %s", visitors, conversions, purchases, doubt)
		})
	}
}

// counted returns what a relay's results tell of the demo.
func counted(relay *process.Relay) (visitors, conversions int64, doubt string) {
	response, err := http.Get(relay.URL + "/v1/results/demo?timeseries=false")
	if err != nil {
		return 0, 0, err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK {
		return 0, 0, string(text)
	}
	var results struct {
		Experiments []struct {
			Reach struct {
				TotalCount int64 `json:"total_count"`
			} `json:"reach"`
			Metrics []struct {
				Name       string `json:"name"`
				Aggregator string `json:"aggregator"`
				Results    map[string]struct {
					Value float64 `json:"value"`
				} `json:"results"`
			} `json:"metrics"`
		} `json:"experiments"`
	}
	if err := json.Unmarshal(text, &results); err != nil {
		return 0, 0, err.Error()
	}
	for _, experiment := range results.Experiments {
		visitors += experiment.Reach.TotalCount
		for _, metric := range experiment.Metrics {
			if metric.Aggregator == "count" {
				for _, variation := range metric.Results {
					conversions += int64(variation.Value)
				}
				break
			}
		}
	}
	return visitors, conversions, ""
}

// eventually asks again and again, since nobody tells when a relay's answer changes; doubt says what was last amiss.
func eventually(t *testing.T, ok func() (done bool, doubt string)) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(40 * time.Second) // for servers to elect a leader among them more than once
	defer patience.Stop()
	for {
		done, doubt := ok()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-patience.C:
			t.Fatal(doubt)
		}
	}
}

// relayBinary is what make build writes.
var relayBinary = func() string {
	if binary := os.Getenv("RELAY_BINARY"); binary != "" {
		return binary
	}
	return "../../relay"
}()
