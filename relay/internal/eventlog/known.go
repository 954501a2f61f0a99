package eventlog

import (
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/cespare/xxhash/v2"
)

// eventID is the hash that stands for an event: of its batch's project_id and
// of its uuid. The same uuid in two projects is two events; whether the post
// named an sdkKey makes no difference, as a retry may come by another way. In a
// full window of 4 million events a new one is taken for a known one with a
// probability of 2e-13.
func eventID(projectID, uuid string) uint64 {
	var d xxhash.Digest
	d.Reset()
	for _, part := range [...]string{projectID, "\x00", uuid} {
		d.WriteString(part) //nolint:errcheck // never fails
	}
	if id := d.Sum64(); id != 0 {
		return id
	}
	return 1 // zero marks a free slot
}

// known is the set of the newest events: an open-addressed table, since a Go map takes more than
// twice the memory and stalls for 90 ms when it grows to a million, and a queue
// to forget the oldest by.
//
// It belongs to one goroutine.
type known struct {
	keep   time.Duration // forget what is older
	events int           // and what is more

	slots []uint64 // length is a power of two; 0 is free
	order ids      // oldest first

	// scatter sends ids to slots, with each start of the relay to others: uuids can be made up whose ids are alike where one wants them
	// to be, and would otherwise all ask for one slot, each search then walking over all of them.
	scatter uint64

	ages []age // oldest first; sums up to the events there are
}

// age counts events that came within the same minute.
type age struct {
	minute int64 // since 1970
	events int
}

func newKnown(keep time.Duration, events int) *known {
	return &known{keep: keep, events: events, slots: make([]uint64, 1<<10), scatter: rand.Uint64() | 1}
}

// add reports whether the event is new, and knows it from then on.
func (k *known) add(id uint64, at time.Time) bool {
	slot := k.find(id)
	if k.slots[slot] != 0 {
		return false
	}
	if k.order.n == k.events {
		k.forgetOldest(1)
		slot = k.find(id) // the slots may have moved
	}
	if k.order.n == len(k.slots)/4*3 {
		k.grow()
		slot = k.find(id)
	}
	k.slots[slot] = id
	k.order.push(id)
	k.count(at)
	return true
}

func (k *known) has(id uint64) bool { return k.slots[k.find(id)] != 0 }

// count adds one to the newest age, which never goes back with the clock.
func (k *known) count(at time.Time) {
	minute := at.Unix() / 60
	if last := len(k.ages) - 1; last >= 0 && minute <= k.ages[last].minute {
		k.ages[last].events++
		return
	}
	k.ages = append(k.ages, age{minute, 1})
}

// expire forgets what is too old.
func (k *known) expire(now time.Time) {
	limit := now.Add(-k.keep).Unix() / 60
	for len(k.ages) > 0 && k.ages[0].minute < limit {
		k.forgetOldest(k.ages[0].events)
	}
}

func (k *known) forgetOldest(count int) {
	for range count {
		k.remove(k.order.oldest())
		if k.ages[0].events--; k.ages[0].events == 0 {
			k.ages = k.ages[1:]
		}
	}
}

// forgetNewest takes back the last adds, or what of them was not forgotten meanwhile.
func (k *known) forgetNewest(count int) {
	for range min(count, k.order.n) {
		k.remove(k.order.newest())
		last := len(k.ages) - 1
		if k.ages[last].events--; k.ages[last].events == 0 {
			k.ages = k.ages[:last]
		}
	}
}

// find returns the slot that holds id, or the free one it belongs in.
func (k *known) find(id uint64) int {
	mask := len(k.slots) - 1
	slot := k.home(id)
	for k.slots[slot] != 0 && k.slots[slot] != id {
		slot = (slot + 1) & mask
	}
	return slot
}

// home returns the slot where the search for id begins.
func (k *known) home(id uint64) int {
	return int(id * k.scatter >> bits.LeadingZeros64(uint64(len(k.slots)-1))) //nolint:gosec // below the length
}

// remove frees the slot of id and moves up what had to step aside for it, so
// that find need not pass over graves.
func (k *known) remove(id uint64) {
	mask := len(k.slots) - 1
	hole := k.find(id)
	for next := (hole + 1) & mask; k.slots[next] != 0; next = (next + 1) & mask {
		if home := k.home(k.slots[next]); (next-home)&mask >= (next-hole)&mask {
			k.slots[hole] = k.slots[next]
			hole = next
		}
	}
	k.slots[hole] = 0
}

// grow doubles the table, which stays at most three quarters full.
func (k *known) grow() {
	old := k.slots
	k.slots = make([]uint64, 2*len(old))
	for _, id := range old {
		if id != 0 {
			k.slots[k.find(id)] = id
		}
	}
}
