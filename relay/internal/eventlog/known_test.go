package eventlog

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestKnownForgetsTheOldestFirst(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	k := newKnown(time.Hour, 1000)
	for id := range uint64(3000) {
		if !k.add(id+1, start) {
			t.Fatalf("event %d is known before it came", id+1)
		}
	}
	for id := range uint64(3000) {
		if want := id >= 2000; k.has(id+1) != want {
			t.Fatalf("event %d: known %v, want %v", id+1, !want, want)
		}
	}
	k.expire(start.Add(59 * time.Minute))
	if k.order.n != 1000 {
		t.Errorf("%d events before the hour is over", k.order.n)
	}
	k.expire(start.Add(62 * time.Minute))
	if k.order.n != 0 || len(k.ages) != 0 || k.has(3000) {
		t.Errorf("%d events after the hour", k.order.n)
	}
}

func TestKnownAgreesWithAMap(t *testing.T) {
	const events = 300
	random := rand.New(rand.NewPCG(1, 2))
	k := newKnown(time.Hour, events)
	k.scatter = 1
	var order []uint64 // the model: oldest first
	now := time.Unix(1_700_000_000, 0)
	for step := range 50_000 {
		id := random.Uint64N(3)<<54 | random.Uint64N(1000) + 1 // few homes, so that many collide
		if random.IntN(100) == 0 {
			now = now.Add(time.Duration(random.IntN(40)) * time.Minute)
			k.expire(now)
			order = order[len(order)-k.order.n:]
		}
		if count := random.IntN(20); count == 0 && len(order) > 3 {
			k.forgetNewest(3)
			order = order[:len(order)-3]
		}
		fresh := !slices.Contains(order, id)
		if k.add(id, now) != fresh {
			t.Fatalf("step %d: event %x was fresh %v, want %v", step, id, !fresh, fresh)
		}
		if fresh {
			order = append(order, id)
			order = order[max(0, len(order)-events):]
		}
		if k.order.n != len(order) || k.sum() != k.order.n {
			t.Fatalf("step %d: %d events, %d by age, want %d", step, k.order.n, k.sum(), len(order))
		}
	}
	for _, id := range order {
		if !k.has(id) {
			t.Errorf("event %x is not known", id)
		}
	}
}

func TestIDsChosenToMeetDoNotMeet(t *testing.T) {
	const events = 1 << 13
	random, now := rand.New(rand.NewPCG(1, 2)), time.Unix(1_700_000_000, 0)
	k := newKnown(time.Hour, events)
	var ids []uint64
	for range events {
		id := random.Uint64()<<24 | 1 // alike in the bits that a table of this size would look at
		ids = append(ids, id)
		k.add(id, now)
	}
	mask, steps := len(k.slots)-1, 0
	for _, id := range ids {
		steps += (k.find(id) - k.home(id)) & mask
	}
	if steps > 100*len(ids) {
		t.Errorf("%d ids are found after %d more looks each", len(ids), steps/len(ids))
	}
}

func (k *known) sum() (events int) {
	for _, a := range k.ages {
		events += a.events
	}
	return events
}

func TestTheClockMayGoBack(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	k := newKnown(time.Hour, 1000)
	k.add(1, start)
	k.add(2, start.Add(-24*time.Hour))
	k.expire(start)
	if !k.has(1) || !k.has(2) {
		t.Error("an event of now is forgotten because of the clock")
	}
}

func TestWhatIsTakenBackLeavesNothing(t *testing.T) {
	start := time.Unix(1_700_000_000, 0)
	k := newKnown(time.Hour, 1000)
	k.add(1, start)
	k.add(2, start.Add(time.Minute))
	k.forgetNewest(1)
	if !k.has(1) || k.has(2) || k.order.n != 1 || len(k.ages) != 1 {
		t.Errorf("after one was taken back: %d events of %d ages", k.order.n, len(k.ages))
	}
	k.forgetNewest(1)
	if k.has(1) || k.order.n != 0 || len(k.ages) != 0 {
		t.Errorf("after both were taken back: %d events of %d ages", k.order.n, len(k.ages))
	}
}

func TestMoreMayBeTakenBackThanIsKnown(t *testing.T) {
	k := newKnown(time.Hour, 3)
	for id := range uint64(5) {
		k.add(id+1, time.Unix(1_700_000_000, 0))
	}
	k.forgetNewest(5) // two were forgotten to make room
	if k.order.n != 0 || len(k.ages) != 0 || k.has(5) {
		t.Errorf("%d events of %d ages are left", k.order.n, len(k.ages))
	}
}

func BenchmarkKnownAdd(b *testing.B) {
	k := newKnown(72*time.Hour, 4_000_000)
	random := rand.New(rand.NewPCG(1, 2))
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		k.add(random.Uint64()|1, now)
	}
}
