package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestBuyNowReachesTheEventAPIAndTheResultsPageWithinASecond(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	store, results := mustOpen(t, relay.URL+"/"), mustOpen(t, relay.URL+"/results.html")

	// The pages tell when: to find a button, to wait until it stands still and to look again is the test's time, not a visitor's.
	eval[bool](store, `(addEventListener('click', () => { globalThis.clickedAt = Date.now(); }, true), true)`)
	eval[bool](results, `(globalThis.shownAt = {}, new MutationObserver(() => { shownAt[`+conversionsShown+`] ??= Date.now(); })
		.observe(document.body, { childList: true, subtree: true, characterData: true }), true)`)
	buyers := []string{"Matt", "Joe", "Ada"}
	bought := 0
	within(t, time.Second, "from Buy Now to the results page", func() time.Duration {
		store.enter(buyers[bought])
		bought++
		must(t, store.Click("button", "buy now"))
		shownAt := `shownAt[` + quote(bought) + `]`
		results.until(shownAt)
		return time.Duration(eval[int64](results, shownAt)-eval[int64](store, `clickedAt`)) * time.Millisecond
	})
	store.sees("bought")

	upstream.WaitEvents(t, 2*bought) // an impression and a conversion each
	conversions := 0
	for _, batch := range upstream.Batches() {
		if strings.Contains(batch.Raw, `"item_purchase"`) && strings.Contains(batch.Raw, `"revenue"`) {
			conversions++
		}
	}
	if conversions < 1 {
		t.Errorf("no batch that reached the event API holds an item_purchase with revenue: %+v", upstream.Batches())
	}
}

// conversionsShown adds up what the results page shows in its column of conversions.
const conversionsShown = `(() => {
	const table = document.querySelector('table');
	if (!table) return -1;
	const column = [...table.tHead.rows[0].cells].findIndex((cell) => /conversions/i.test(cell.textContent));
	return [...table.tBodies[0].rows].reduce((sum, row) => sum + parseInt(row.cells[column].textContent, 10), 0);
})()`

// counts are the visitors and the unique conversions of /v1/results/demo, added up over the variations.
type counts struct{ Visitors, Conversions int }

func mustCount(t *testing.T, relay *process.Relay) counts {
	t.Helper()
	var results struct {
		Experiments []struct {
			Reach struct {
				Total int `json:"total_count"`
			}
			Metrics []struct {
				Aggregator string
				Results    map[string]struct{ Value float64 }
			}
		}
	}
	answer := relaytest.MustGet(t, relay.URL+"/v1/results/demo")
	if answer.Status != http.StatusOK {
		t.Fatalf("/v1/results/demo answered %d %s", answer.Status, answer.Body)
	}
	if err := json.Unmarshal([]byte(answer.Body), &results); err != nil {
		t.Fatalf("/v1/results/demo answered %d %s: %v", answer.Status, answer.Body, err)
	}
	var c counts
	for _, experiment := range results.Experiments {
		c.Visitors += experiment.Reach.Total
		for _, metric := range experiment.Metrics {
			if metric.Aggregator != "unique" {
				continue
			}
			for _, variation := range metric.Results {
				c.Conversions += int(variation.Value)
			}
		}
	}
	return c
}

// mustCountUntil waits until the relay tells these counts.
func mustCountUntil(t *testing.T, relay *process.Relay, want counts) {
	t.Helper()
	eventually(t, func() (bool, string) {
		if answer := relaytest.MustGet(t, relay.URL+"/v1/results/demo?timeseries=false"); answer.Status == http.StatusServiceUnavailable {
			return false, answer.Body // it still counts what it kept
		}
		got := mustCount(t, relay)
		return got == want, fmt.Sprintf("the results are %+v, not %+v", got, want)
	})
}
