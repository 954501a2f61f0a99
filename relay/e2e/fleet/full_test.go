package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demotest"
	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

func TestAFullStreamRefusesUntilWhatIsDealtWithHasGone(t *testing.T) {
	f := mustJoin(t, fleet.Options{ID: idOf(t.TempDir()), MaxBytes: 256 << 10})
	log := streamlog.New(f, streamlog.Options{Consumers: []string{"one"}})
	t.Cleanup(func() { must(t, f.Close()) })
	relaytest.MustRun(t, "event log", log.Run)
	taken := 0
	appendOne := func() error {
		visitor := relaytest.Conversion("v"+relaytest.Noise(4<<10), "9", "bought", fmt.Sprint(taken), 1000, 0)
		_, err := log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", relaytest.Body(visitor)))
		return err
	}
	var err error
	for ; err == nil; taken++ {
		err = appendOne()
	}
	if !errors.Is(err, eventlog.ErrFull) || !errors.Is(log.Ready(), eventlog.ErrFull) {
		t.Fatalf("a full log says %v, and when asked whether it is ready %v", err, log.Ready())
	}
	if records := eventlogtest.MustReplay(t, log); len(records) != taken-1 {
		t.Errorf("%d records, %d batches were taken", len(records), taken-1)
	}
	reader, err := log.Reader("one")
	must(t, err)
	must(t, reader.Commit(log.End()))
	eventually(t, func() (bool, string) {
		err := log.Ready()
		return err == nil, fmt.Sprint("the log still says ", err)
	})
	must(t, appendOne())
}

// mustBury has the event API refuse two events for good, and returns the id of the dead letter once every relay tells of it.
func mustBury(t *testing.T, h *house) (id int) {
	t.Helper()
	h.upstream.Always(relaytest.Answer{Status: http.StatusForbidden})
	body, _ := demotest.Purchase(1)
	if got := relaytest.MustPost(t, h.all()[0].URL+"/v1/events", body); got.Status != http.StatusNoContent {
		t.Fatalf("the events were answered %d: %s", got.Status, got.Body)
	}
	for _, relay := range h.all() {
		eventually(t, func() (bool, string) {
			var letters []struct{ ID, Events int }
			text := relaytest.MustGet(t, relay.AdminURL()+"/v1/dead-letters").Body
			must(t, json.Unmarshal([]byte(text), &letters))
			if len(letters) != 1 || letters[0].Events != 2 {
				return false, "the dead letters are " + text
			}
			id = letters[0].ID
			return true, ""
		})
	}
	return id
}

func TestDeadLettersAreEveryRelays(t *testing.T) {
	h := mustHouse(t, single, 2)
	mustBury(t, h)
	h.upstream.Always(relaytest.Answer{})
	mustOperate(t, h.all()[1], http.MethodPost, "/v1/dead-letters/resend", "")
	h.upstream.WaitEvents(t, 2)
	if text := relaytest.MustGet(t, h.all()[0].AdminURL()+"/v1/dead-letters").Body; strings.TrimSpace(text) != "[]" {
		t.Errorf("the dead letters are %s", text)
	}
}

func TestADeadLetterThatAnotherRelayDiscardsWhileItIsSentAgainStaysAway(t *testing.T) {
	h := mustHouse(t, single, 2)
	letter := fmt.Sprint("/v1/dead-letters/", mustBury(t, h))
	h.upstream.Decide(func(relaytest.EventBatch) relaytest.Answer {
		if got := relaytest.MustDo(t, http.MethodDelete, h.all()[0].AdminURL()+letter, "", nil); got.Status != http.StatusNoContent {
			t.Errorf("the discard was answered %d: %s", got.Status, got.Body)
		}
		return relaytest.Answer{Status: http.StatusForbidden}
	})
	mustOperate(t, h.all()[1], http.MethodPost, "/v1/dead-letters/resend", "")
	if text := relaytest.MustGet(t, h.all()[1].AdminURL()+"/v1/dead-letters").Body; strings.TrimSpace(text) != "[]" {
		t.Errorf("the dead letters are %s", text)
	}
}
