package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestEventsThatCannotBeTakenAreRefusedByNameAndDisturbNothing(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	good, uuids := demotest.Purchase(1)
	for _, test := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"nothing", "", 400, "JSON"},
		{"that break off", good[:len(good)-3], 400, "not valid JSON at byte"},
		{"nested a hundred thousand deep", strings.Repeat("[", 100_000), 400, "must be a JSON object"},
		{"nested a hundred thousand deep in a tag", strings.Replace(good, `"revenue":`, `"tags":`+strings.Repeat("[", 100_000)+`,"revenue":`, 1), 400, "nested deeper than"},
		{"that are not UTF-8", strings.Replace(good, "visitor-1", "visitor-\xff", 1), 400, "not valid UTF-8 at byte"},
		{"of 64 MB", strings.Replace(good, "visitor-1", strings.Repeat("v", 64<<20), 1), 413, "1048576"},
		{"of wrong types", strings.Replace(good, `"visitors":[`, `"visitors":[7,`, 1), 400, `"field":"visitors[0]"`},
		{"without a timestamp", strings.ReplaceAll(good, `"timestamp"`, `"timestamps"`), 400, `.timestamp"`},
		{"of a project that no datafile knows", strings.Replace(good, `"20410805626"`, `"1"`, 1), 400, `"field":"project_id"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, answer := post(t, relay, test.body)
			if status != test.status || !strings.Contains(answer, test.says) {
				t.Errorf("answered %d %.300s, not %d with %s", status, answer, test.status, test.says)
			}
		})
	}
	if status, answer := post(t, relay, good); status != http.StatusNoContent {
		t.Fatalf("good events are answered %d %s afterwards", status, answer)
	}
	upstream.WaitEvents(t, len(uuids))
	mustCountUntil(t, relay, counts{Visitors: 1, Conversions: 1})
}

func TestEventsOfAClockThatIsDecadesOffAreKeptAndTold(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	for number, year := range []int64{0, 4_102_444_800_000} { // 1970 and 2100
		body, _ := demotest.Purchase(int64(number))
		body = strings.ReplaceAll(body, fmt.Sprint(1_790_000_000_000+number), fmt.Sprint(year))
		body = strings.ReplaceAll(body, fmt.Sprint(1_790_000_000_001+number), fmt.Sprint(year+1))
		if status, answer := post(t, relay, body); status != http.StatusNoContent {
			t.Fatalf("answered %d %s", status, answer)
		}
	}
	upstream.WaitEvents(t, 4)
	mustCountUntil(t, relay, counts{Visitors: 2, Conversions: 2})
	results := mustOpen(t, relay.URL+"/results.html")
	results.sees("2 events came an hour or more after they happened")
	results.sees("2 events are from the future: a clock is wrong")
}

// TestSendersWhoNeverFinishHoldNobodyUp leaves the cutting off to TestAClientThatDawdlesIsCutOff of the relay's own tests, which has a clock
// that runs faster.
func TestSendersWhoNeverFinishHoldNobodyUp(t *testing.T) {
	t.Parallel()
	const slow = 300
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	for i := range slow {
		conn, err := net.Dial("tcp", relay.Address())
		must(t, err)
		defer conn.Close()
		begun := "POST /v1/events HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{"
		if i%2 == 0 {
			begun = begun[:30] // not even a header
		}
		_, err = io.WriteString(conn, begun)
		must(t, err)
	}
	for number := range int64(10) {
		body, _ := demotest.Purchase(number)
		if status, answer := post(t, relay, body); status != http.StatusNoContent {
			t.Fatalf("answered %d %s", status, answer)
		}
	}
	mustCountUntil(t, relay, counts{Visitors: 10, Conversions: 10})
}

// post posts events over a connection of its own, and reads the answer even when the relay does not read all of the body.
func post(t *testing.T, relay *process.Relay, body string) (status int, answer string) {
	t.Helper()
	conn, err := net.Dial("tcp", relay.Address())
	must(t, err)
	defer conn.Close()
	go func() {
		_, _ = fmt.Fprintf(conn, "POST /v1/events HTTP/1.1\r\nHost: relay\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
		_, _ = io.WriteString(conn, body) // a refusal may come before its end
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(text)
}
