package dispatcher

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// failOn makes the event API answer batches with events that begin with bad by the status.
func failOn(api *relaytest.EventAPI, status int) {
	api.Decide(func(batch relaytest.EventBatch) relaytest.Answer {
		if slices.ContainsFunc(batch.UUIDs(), func(uuid string) bool { return strings.HasPrefix(uuid, "bad") }) {
			return relaytest.Answer{Status: status}
		}
		return relaytest.Answer{}
	})
}

func TestWhatTheEventAPIFailsOnForeverHoldsUpNothingElse(t *testing.T) {
	otherContext := func(uuid string) string {
		return strings.Replace(body(uuid), `"revision":"7"`, `"revision":"8"`, 1)
	}
	for name, c := range map[string]struct {
		kept, later []string // batches; later are kept once the first was failed on
		events      int      // good ones
	}{
		"among others in its batch":         {[]string{body("a", "bad1", "b")}, nil, 2},
		"first in its batch":                {[]string{body("bad1", "a")}, nil, 1},
		"two of a batch":                    {[]string{body("a", "bad1", "bad2", "b")}, nil, 2},
		"before a batch of another context": {[]string{body("bad1"), otherContext("a")}, nil, 1},
		"before what comes later":           {[]string{body("bad1")}, []string{body("a"), body("b")}, 2},
		"before another and what is good":   {[]string{body("bad1"), otherContext("bad2")}, []string{body("a")}, 1},
	} {
		for _, status := range []int{500, 503, 429, 408, 302} {
			t.Run(fmt.Sprintf("%s, by %d", name, status), func(t *testing.T) {
				api := relaytest.NewEventAPI(t)
				failOn(api, status)
				h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Patience: 20 * time.Millisecond})
				keep := func(batches []string) {
					for i, batch := range batches {
						h.mustAppend("another", fmt.Sprint(len(batches), i))
						eventlogtest.MustAppend(t, h.log, "one", batch)
					}
				}
				keep(c.kept)
				if len(c.later) > 0 {
					api.WaitRequests(t, 30)
					keep(c.later)
				}
				h.mustPass("one")
				letters := h.mustLetters()
				if want := strings.Count(strings.Join(c.kept, ""), `"bad`); len(letters) != want {
					t.Fatalf("%d dead letters, want %d: %+v", len(letters), want, letters)
				}
				for _, letter := range letters {
					if letter.Status != status || letter.Events != 1 || !strings.Contains(letter.Request, `"bad`) ||
						letter.Reason != "it fails while others get through" {
						t.Errorf("dead letter: %+v", letter)
					}
				}
				failed := len(api.WaitRequests(t, 1)) - len(api.Batches())
				if now := h.d.Statuses()[0]; now.Delivered != int64(c.events) || now.Attempts != 0 || now.Failures != int64(failed) {
					t.Errorf("%d requests failed; status: %+v", failed, now)
				}
			})
		}
	}
}

func TestWhileTheEventAPITakesNothingNothingIsGivenUp(t *testing.T) {
	for name, answer := range map[string]relaytest.Answer{
		"500":               {Status: http.StatusInternalServerError},
		"502":               {Status: http.StatusBadGateway},
		"503":               {Status: http.StatusServiceUnavailable},
		"429":               {Status: http.StatusTooManyRequests},
		"a lost connection": {Lost: true},
	} {
		t.Run(name, func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			api.Always(answer)
			h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Patience: time.Nanosecond})
			var want []string
			for i := range 20 {
				want = append(want, fmt.Sprint(i))
				h.mustAppend("one", want[i])
			}
			api.WaitRequests(t, 30)
			if letters := h.mustLetters(); len(letters) > 0 {
				t.Fatalf("dead letters: %+v", letters)
			}
			api.Always(relaytest.Answer{})
			h.mustPass("one")
			if counts := api.UUIDs(); len(counts) != 20 || len(h.mustLetters()) > 0 {
				t.Errorf("delivered: %v, dead letters: %+v", counts, h.mustLetters())
			}
		})
	}
}

func TestARequestIsNotToBlameBeforeItsTime(t *testing.T) {
	for _, status := range []int{500, 503, 429} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			failOn(api, status)
			h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Patience: time.Hour})
			h.mustAppend("one", "bad")
			api.WaitRequests(t, 1)
			h.mustAppend("one", "good")
			api.WaitRequests(t, 30)
			if letters := h.mustLetters(); len(letters) > 0 || len(api.Batches()) > 0 {
				t.Errorf("dead letters: %+v, delivered: %v", letters, api.UUIDs())
			}
		})
	}
}

func TestAnEventAPIThatIsBusyNowAndThenBlamesNobody(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	busy, free := relaytest.Answer{Status: http.StatusServiceUnavailable}, relaytest.Answer{}
	api.Next(busy, free, busy, busy, free, busy, busy, busy, busy, free, busy) // each time the request, another, and mostly the request again
	h := mustStart(t, Options{Patience: time.Nanosecond})
	h.mustAppend("one", "a", "b")
	h.options.Projects = []Project{project("one", api.URL)}
	h.restart()
	h.mustPass("one")
	if counts := api.UUIDs(); counts["a"] == 0 || counts["b"] == 0 || len(h.mustLetters()) > 0 {
		t.Errorf("delivered: %v, dead letters: %+v", counts, h.mustLetters())
	}
}

func TestAnEventAPIThatRecoversBetweenTwoRequestsBlamesNeither(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	api.Next(relaytest.Answer{Status: http.StatusInternalServerError})
	h := mustStart(t, Options{Projects: []Project{project("one", api.URL)}, Patience: time.Nanosecond})
	h.mustAppend("one", "a", "b")
	h.mustPass("one")
	if counts := api.UUIDs(); counts["a"] == 0 || counts["b"] == 0 || len(h.mustLetters()) > 0 {
		t.Errorf("delivered: %v, dead letters: %+v", counts, h.mustLetters())
	}
}

func TestAfterOneThatIsToBlameTheNextIsFoundSooner(t *testing.T) {
	l := &lane{options: Options{Patience: time.Hour}}
	if got := l.patience(); got != time.Hour {
		t.Errorf("for the first: %v", got)
	}
	l.blamed = time.Now()
	if got := l.patience(); got != time.Minute {
		t.Errorf("for the next: %v", got)
	}
}

func TestADispatcherThatStopsAsksNoMoreWhoIsToBlame(t *testing.T) {
	arrived, gate := make(chan struct{}, 10), make(chan struct{})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-gate
		w.WriteHeader(http.StatusInternalServerError)
	}))
	t.Cleanup(api.Close)
	h := mustStart(t, Options{Patience: time.Nanosecond})
	h.mustAppend("one", "a", "b")
	h.options.Projects = []Project{project("one", api.URL)}
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error)
	go func() { stopped <- New(h.options).Run(ctx) }()
	<-arrived
	stop()
	close(gate)
	if err := <-stopped; err != nil || len(arrived) > 0 {
		t.Errorf("it sent %d more; error %v", len(arrived), err)
	}
}
