package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

// refuse makes the event API refuse batches with these events for good.
func refuse(api *relaytest.EventAPI, uuids ...string) {
	api.Decide(func(batch relaytest.EventBatch) relaytest.Answer {
		if slices.ContainsFunc(batch.UUIDs(), func(uuid string) bool { return slices.Contains(uuids, uuid) }) {
			return relaytest.Answer{Status: http.StatusBadRequest}
		}
		return relaytest.Answer{}
	})
}

// mustBury starts a dispatcher of the projects one and two, whose events a, b and c are among the dead letters, a of two.
func mustBury(t *testing.T) (*house, *relaytest.EventAPI) {
	t.Helper()
	api := relaytest.NewEventAPI(t)
	refuse(api, "a", "b", "c")
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL), project("two", api.URL)}})
	h.mustAppend("two", "a")
	h.mustAppend("two", "behind a")
	api.WaitEvents(t, 1)
	h.mustAppend("one", "b")
	h.mustAppend("one", "c")
	h.mustAppend("one", "behind c")
	api.WaitEvents(t, 2)
	return h, api
}

func (h *house) mustResend(sdkKey string, id uint64) Resent {
	h.tb.Helper()
	resent, err := h.d.Resend(relaytest.Context(h.tb), sdkKey, id)
	if err != nil {
		h.tb.Fatal(err)
	}
	return resent
}

func TestDeadLettersAreListedByProjectOldestFirstAcrossRestarts(t *testing.T) {
	h, _ := mustBury(t)
	for range 2 {
		letters := h.mustLetters()
		if len(letters) != 3 || letters[0].Request != body("a") || letters[1].Request != body("b") || letters[2].Request != body("c") {
			t.Fatalf("letters: %+v", letters)
		}
		for letter, err := range h.d.Letters("two") {
			if err != nil || letter.SDKKey != "two" || letter.Events != 1 || letter.Status != 400 {
				t.Errorf("letter: %+v, %v", letter, err)
			}
		}
		if one, two := h.d.Statuses()[0], h.d.Statuses()[1]; one.DeadLetters != 2 || two.DeadLetters != 1 {
			t.Errorf("status: %+v, %+v", one, two)
		}
		h.restart()
	}
}

func TestDeadLettersAreSentAgainOnDemand(t *testing.T) {
	h, api := mustBury(t)
	refuse(api, "b")
	if got := h.mustResend("one", 0); got != (Resent{Delivered: 1, Refused: 1, LastError: "400 Bad Request"}) {
		t.Errorf("of one project: %+v", got)
	}
	letters := h.mustLetters()
	if len(letters) != 2 || letters[0].Request != body("a") || letters[1].Request != body("b") {
		t.Fatalf("letters: %+v", letters)
	}
	api.Always(relaytest.Answer{Status: http.StatusServiceUnavailable})
	if got := h.mustResend("", 0); got != (Resent{Left: 2, LastError: "503 Service Unavailable"}) {
		t.Errorf("while the event API is down: %+v", got)
	}
	api.Always(relaytest.Answer{})
	if got := h.mustResend("", letters[1].ID); got != (Resent{Delivered: 1}) {
		t.Errorf("one letter: %+v", got)
	}
	if got := h.mustResend("", 0); got != (Resent{Delivered: 1}) {
		t.Errorf("all letters: %+v", got)
	}
	if counts := api.UUIDs(); len(counts) != 5 || counts["a"] != 1 || counts["b"] != 1 || counts["c"] != 1 {
		t.Errorf("delivered: %v", counts)
	}
	if one, two := h.d.Statuses()[0], h.d.Statuses()[1]; one.DeadLetters != 0 || two.DeadLetters != 0 || one.Delivered != 3 {
		t.Errorf("status: %+v, %+v", one, two)
	}
}

func TestWhatIsRefusedInARowIsCountedUntilSomethingGetsThrough(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	api.Always(relaytest.Answer{Status: http.StatusForbidden})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	for want := 1; want <= 3; want++ {
		h.mustAppend("one", fmt.Sprint(want))
		h.mustPass("one")
		if status := h.d.Statuses()[0]; status.Refused != want || status.Attempts != 0 || status.LastError != "403 Forbidden" || status.LastErrorAt.IsZero() {
			t.Errorf("after %d: %+v", want, status)
		}
	}
	api.Always(relaytest.Answer{})
	h.mustAppend("one", "good")
	h.mustPass("one")
	if status := h.d.Statuses()[0]; status.Refused != 0 || status.DeadLetters != 3 {
		t.Errorf("when one got through: %+v", status)
	}
}

// countedLetters counts how many letters are read.
type countedLetters struct {
	LetterBox
	read int
}

func (c *countedLetters) From(id uint64, sdkKey string) (Letter, bool, error) {
	c.read++
	return c.LetterBox.From(id, sdkKey)
}

func TestOneDeadLetterIsSentAgainWithoutReadingTheOthers(t *testing.T) {
	h, _ := mustBury(t)
	counted := &countedLetters{LetterBox: h.letters}
	o := h.options
	o.Letters = counted
	d := New(o)
	letters := h.mustLetters()
	for _, c := range []struct {
		sdkKey string
		id     uint64
		want   Resent
	}{
		{"", letters[2].ID, Resent{Refused: 1, LastError: "400 Bad Request"}},
		{"one", letters[1].ID, Resent{Refused: 1, LastError: "400 Bad Request"}},
		{"one", letters[0].ID, Resent{}}, // which is another project's
		{"", letters[2].ID + 1, Resent{}},
	} {
		counted.read = 0
		if got, err := d.Resend(relaytest.Context(t), c.sdkKey, c.id); err != nil || got != c.want || counted.read != 1 {
			t.Errorf("letter %d of %q: %+v, %v, and %d letters were read", c.id, c.sdkKey, got, err, counted.read)
		}
	}
}

func TestDeadLettersThatHaveNowhereToGoStayAndItIsSaidWhy(t *testing.T) {
	h, _ := mustBury(t)
	for _, c := range []struct {
		name     string
		projects []Project
		want     Resent
	}{
		{"the project is not configured any more", []Project{project("two", "")}, Resent{Left: 2, LastError: "one is none of the relay's projects any more"}},
		{"the project's events go nowhere", []Project{project("one", "")}, Resent{Left: 2, LastError: "the events of one go to no event API"}},
	} {
		o := h.options
		o.Projects = c.projects
		if got, err := New(o).Resend(relaytest.Context(t), "one", 0); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func TestNoDeadLetterIsReadForWhoeverHasGone(t *testing.T) {
	h, _ := mustBury(t)
	counted := &countedLetters{LetterBox: h.letters}
	o := h.options
	o.Letters = counted
	gone, leave := context.WithCancel(t.Context())
	leave()
	if got, err := New(o).Resend(gone, "", 0); err != nil || got != (Resent{Left: 1, LastError: "context canceled"}) || counted.read != 1 {
		t.Errorf("%+v, %v, and %d letters were read", got, err, counted.read)
	}
}

func TestDeadLettersThatAreSentAgainAreCountedAndSayNothingOfTheLane(t *testing.T) {
	h, api := mustBury(t)
	d := New(h.options) // whose lanes do nothing
	d.lanes[0].noteFailure(0, outcome{status: http.StatusBadGateway}, time.Hour)
	mustResend := func() {
		if _, err := d.Resend(relaytest.Context(t), "one", 0); err != nil {
			t.Fatal(err)
		}
	}
	mustResend()
	if status := d.Statuses()[0]; status.Failures != 2 || status.Delivered != 0 {
		t.Errorf("after two that were refused: %+v", status)
	}
	api.Always(relaytest.Answer{})
	mustResend()
	if status := d.Statuses()[0]; status.Failures != 2 || status.Delivered != 2 || status.Attempts != 1 || status.NextRetry.IsZero() {
		t.Errorf("after both were delivered: %+v", status)
	}
}

func TestADeadLetterThatTheEventAPIFailsOnHoldsUpNoOther(t *testing.T) {
	for status, now := range map[int]int{500: 502, 503: 503, 429: 503, 0: 503} {
		h, api := mustBury(t)
		for letter, err := range h.d.Letters("one") {
			if letter.Status = status; err != nil || h.letters.Replace(letter) != nil {
				t.Fatal("the letters cannot be made such as it failed on")
			}
		}
		api.Decide(func(batch relaytest.EventBatch) relaytest.Answer {
			if slices.Contains(batch.UUIDs(), "b") {
				return relaytest.Answer{Status: now}
			}
			return relaytest.Answer{}
		})
		want := Resent{Delivered: 1, Refused: 1, LastError: fmt.Sprintf("%d %s", now, http.StatusText(now))}
		if got := h.mustResend("one", 0); got != want {
			t.Errorf("after %d: %+v, want %+v", status, got, want)
		}
	}
}

func TestWhileTheEventAPIIsAwayDeadLettersThatItFailedOnAreLeft(t *testing.T) {
	h, api := mustBury(t)
	for letter, err := range h.d.Letters("one") {
		if letter.Status = http.StatusInternalServerError; err != nil || h.letters.Replace(letter) != nil {
			t.Fatal("the letters cannot be made such as it failed on")
		}
	}
	api.Always(relaytest.Answer{Lost: true})
	if got := h.mustResend("one", 0); got.Left != 2 || got.Refused != 0 {
		t.Errorf("%+v", got)
	}
}

func TestADeadLetterCanBeDiscarded(t *testing.T) {
	h, _ := mustBury(t)
	id := h.mustLetters()[1].ID
	for _, want := range []bool{true, false} {
		if found, err := h.d.Discard(id); found != want || err != nil {
			t.Errorf("discard: %v, %v; want %v", found, err, want)
		}
	}
	if letters := h.mustLetters(); len(letters) != 2 || letters[0].Request != body("a") || letters[1].Request != body("c") {
		t.Errorf("letters: %+v", letters)
	}
}

func TestADeadLetterThatIsDiscardedWhileItIsSentAgainStaysAway(t *testing.T) {
	for _, status := range []int{http.StatusNoContent, http.StatusBadRequest} {
		h, api := mustBury(t)
		id := h.mustLetters()[1].ID
		api.Decide(func(relaytest.EventBatch) relaytest.Answer {
			if found, err := h.d.Discard(id); !found || err != nil {
				t.Errorf("discard: %v, %v", found, err)
			}
			return relaytest.Answer{Status: status}
		})
		h.mustResend("", id)
		letters := h.mustLetters()
		if len(letters) != 2 || letters[0].Request != body("a") || letters[1].Request != body("c") {
			t.Errorf("after %d: %+v", status, letters)
		}
		if one := h.d.Statuses()[0]; one.DeadLetters != 1 {
			t.Errorf("after %d there are said to be %d", status, one.DeadLetters)
		}
	}
}

func TestNoDeadLetterIsThrownAwayForANewOne(t *testing.T) {
	h := mustStart(t, Options{})
	box, err := openLetters(h.log.State(), 3500)
	if err != nil {
		t.Fatal(err)
	}
	letter := Letter{SDKKey: "one", Request: strings.Repeat("x", 1000)}
	kept := 0
	for ; err == nil; kept++ {
		err = box.Put(letter)
	}
	if kept--; !errors.Is(err, ErrNoRoom) || kept != 3 || len(h.mustLetters()) != 3 {
		t.Errorf("%d letters were taken, %d are there: %v", kept, len(h.mustLetters()), err)
	}
	if err := errors.Join(box.Remove(h.mustLetters()[0]), box.Put(letter)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestWhenTheDeadLettersAreFullDeliveriesWait(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	refuse(api, "bad")
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}})
	h.letters.mu.Lock()
	h.letters.maxBytes = 0
	h.letters.mu.Unlock()
	h.mustAppend("one", "bad")
	h.mustAppend("one", "behind it")
	api.WaitRequests(t, 3)
	if status := h.d.Statuses()[0]; !strings.Contains(status.LastError, ErrNoRoom.Error()) || status.Delivered != 0 {
		t.Errorf("status: %+v", status)
	}
	h.letters.mu.Lock()
	h.letters.maxBytes = maxLetterBytes
	h.letters.mu.Unlock()
	api.WaitEvents(t, 1)
	if letters := h.mustLetters(); len(letters) != 1 || letters[0].Request != body("bad") {
		t.Errorf("letters: %+v", letters)
	}
}
