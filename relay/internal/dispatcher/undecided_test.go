package dispatcher

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

// keyless is a project that owns what came without an SDK key as soon as its datafile is there.
func keyless(url string) (o Options, arrive func()) {
	var there atomic.Bool
	one := Project{"one", func() string { return url }, there.Load, func(string) bool { return there.Load() }}
	return Options{Projects: []Project{one}}, func() { there.Store(true) }
}

// mustWait waits until a delivery is tried again.
func (h *house) mustWait() {
	h.tb.Helper()
	for timeout := time.After(relaytest.Patience); h.d.Statuses()[0].Attempts < 2; {
		select {
		case <-timeout:
			h.tb.Fatalf("it waits for nothing: %+v", h.d.Statuses()[0])
		case <-time.After(time.Millisecond):
		}
	}
}

func TestEventsWithoutAnSDKKeyWaitForTheDatafileThatTellsWhoseTheyAre(t *testing.T) {
	for name, meanwhile := range map[string]func(*house){
		"while it runs":    func(*house) {},
		"across a restart": func(h *house) { h.restart(); h.mustWait() },
	} {
		t.Run(name, func(t *testing.T) {
			api := relaytest.NewEventAPI(t)
			o, arrive := keyless(api.URL)
			h := mustStart(t, o)
			h.mustAppend("", "a")
			h.mustAppend("one", "b")
			h.mustWait()
			meanwhile(h)
			arrive()
			h.mustPass("one")
			if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("delivered: %q", got)
			}
			if status := h.d.Statuses()[0]; status.Attempts != 0 || !status.NextRetry.IsZero() {
				t.Errorf("status: %+v", status)
			}
		})
	}
}

func TestEventsWithoutAnSDKKeyHoldUpNothingForEver(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	o, _ := keyless(api.URL)
	o.Projects = append(o.Projects, project("two", api.URL))
	o.Patience = 20 * time.Millisecond
	h := mustStart(t, o)
	h.mustAppend("", "a")
	h.mustAppend("one", "b")
	h.mustPass("one")
	h.mustAppend("", "c")
	h.mustAppend("one", "d")
	h.mustPass("one")
	if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"b", "d"}) {
		t.Errorf("delivered: %q", got)
	}
	if status := h.d.Statuses()[0]; status.Attempts != 0 || !status.NextRetry.IsZero() {
		t.Errorf("status: %+v", status)
	}
}

func TestEventsWithoutAnSDKKeyWaitForAsLongAsNoProjectHasADatafile(t *testing.T) {
	api := relaytest.NewEventAPI(t)
	o, arrive := keyless(api.URL)
	o.Patience = time.Nanosecond
	h := mustStart(t, o)
	h.mustAppend("", "a")
	h.mustWait()
	arrive()
	h.mustPass("one")
	if got := uuidsOf(api.Batches()); !slices.Equal(got, []string{"a"}) {
		t.Errorf("delivered: %q", got)
	}
}
