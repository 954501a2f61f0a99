package hub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// follower is a page that asks for changes: what it makes of its frames, and what it takes of its mailbox when it has the time.
type follower struct {
	mailbox mailbox
	shown   struct {
		SDKKey, Revision string
		Experiments      []map[string]any
	}
}

func (f *follower) mustRead(tb testing.TB) *frame {
	tb.Helper()
	l, ok := f.mailbox.take()
	if !ok {
		return nil
	}
	var told struct {
		Type, Revision string
		Experiments    []map[string]any
		Health         map[string]map[string]any
	}
	_, text, _ := bytes.Cut(l.frame.plain, []byte(`{"type"`)) // behind what websockets put before it
	text = append([]byte(`{"type"`), text...)
	if err := json.Unmarshal(text, &told); err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	if told.Type == typeResults {
		f.shown.Revision, f.shown.Experiments = told.Revision, told.Experiments
		return l.frame
	}
	f.shown.Revision = told.Revision
	for i, is := range f.shown.Experiments {
		for _, e := range told.Experiments {
			if e["experiment_id"] == is["experiment_id"] {
				f.shown.Experiments[i] = e
			}
		}
		for name, count := range told.Health[is["experiment_id"].(string)] {
			is["x_health"].(map[string]any)[name] = count
		}
	}
	return l.frame
}

func TestWhoeverReadsNowAndThenKnowsAllThatHappened(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	type counted struct{ id, numbers, counts int }
	var project []counted
	revision, next := 1, 0
	results := func() (r Results) {
		r.Revision = fmt.Sprint(revision)
		for _, c := range project {
			r.Experiments = append(r.Experiments, Experiment{
				ID:      fmt.Sprint(c.id),
				Numbers: fmt.Appendf(nil, `{"experiment_id":"%d","n":%d,"x_health":{"srm":{},`, c.id, c.numbers),
				Counts:  fmt.Appendf(nil, `"late":%d`, c.counts),
			})
		}
		return r
	}
	followers := make([]follower, 5)
	for i := range followers {
		followers[i].mailbox.changes = true
	}
	c, kinds := newChannel(nil), map[kind]int{}
	for step := range 1000 {
		switch at := random.IntN(len(project) + 1); {
		case at == len(project) || random.IntN(50) == 0:
			if len(project) < 8 {
				project = append(project, counted{id: next})
				next++
			} else if random.IntN(20) == 0 {
				project = append(project[:at%8], project[at%8+1:]...)
			}
		case random.IntN(20) == 0:
			revision++
		case random.IntN(2) == 0:
			project[at].numbers++
		default:
			project[at].counts++
		}
		c.stand("demo", results())
		whole := follower{}
		whole.mailbox.tell(c.results)
		whole.mustRead(t)
		at := map[uint64]*frame{}
		for i := range followers {
			f := &followers[i]
			f.mailbox.tell(c.results)
			if random.IntN(1+3*i) > 0 {
				continue // it is slow
			}
			stood := f.mailbox.stands
			if frame := f.mustRead(t); frame != nil {
				kinds[frame.kind]++
				if at[stood] != nil && at[stood] != frame {
					t.Fatal("pages that stood at the same point have frames of their own")
				}
				at[stood] = frame
			}
			if !reflect.DeepEqual(f.shown, whole.shown) {
				t.Fatalf("step %d: page %d shows %v\nwant %v", step, i, f.shown, whole.shown)
			}
			if f.mustRead(t) != nil {
				t.Fatal("it was sent more than once")
			}
		}
	}
	if kinds[kindChanges] < 10*kinds[kindResults] {
		t.Errorf("%d times changes, %d times all", kinds[kindChanges], kinds[kindResults])
	}
}
