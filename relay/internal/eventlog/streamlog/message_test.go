package streamlog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/relaytest"
)

// batchOf is one with a visitor for each uuid, made longer by so many bytes each.
func batchOf(tb testing.TB, extra int, uuids ...string) eventlog.Batch {
	tb.Helper()
	var visitors []string
	noise := relaytest.Noise(extra * len(uuids))
	for i, uuid := range uuids {
		visitors = append(visitors, relaytest.Conversion("v"+noise[i*extra:][:extra], "9", "bought", uuid, 1000, 0))
	}
	return eventlogtest.MustDecode(tb, "key", relaytest.Body(visitors...))
}

// mustMake returns the messages of batches of which everything is new.
func mustMake(tb testing.TB, max int, batches ...eventlog.Batch) []*flight {
	tb.Helper()
	m := maker{max: max, now: time.UnixMilli(1_790_000_000_000)}
	for _, b := range batches {
		p := newPending(tb.Context(), b)
		var places []int
		for i := range p.ids {
			places = append(places, i)
		}
		if err := m.add(p, places); err != nil {
			tb.Fatal(err)
		}
	}
	m.close()
	return m.flights
}

func TestBatchesOfAMomentShareAMessage(t *testing.T) {
	flights := mustMake(t, 1<<20, batchOf(t, 0, "a", "b"), batchOf(t, 0, "c"))
	if len(flights) != 1 {
		t.Fatalf("there are %d messages", len(flights))
	}
	records, err := decodeMessage(7, flights[0].text)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2 || records[0].Position != position(7, 0) || records[1].Position != position(7, 1) || len(records[0].ids) != 2 {
		t.Errorf("records: %+v", records)
	}
	if records[0].SDKKey != "key" || records[0].Received.UnixMilli() != 1_790_000_000_000 {
		t.Errorf("the first record: %+v", records[0])
	}
}

func TestABatchThatIsTooLargeForAMessageGoesInSeveral(t *testing.T) {
	flights := mustMake(t, 4<<10, batchOf(t, 1000, "a", "b", "c", "d", "e", "f"))
	var uuids []string
	for i, f := range flights {
		if len(f.text) > 4<<10 {
			t.Errorf("message %d has %d bytes", i, len(f.text))
		}
		records, err := decodeMessage(uint64(i+1), f.text)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			uuids = append(uuids, eventlogtest.UUIDs(t, []eventlog.Record{r.Record})...)
		}
	}
	if got := strings.Join(uuids, ""); got != "abcdef" {
		t.Errorf("the events are %s", got)
	}
}

func TestABatchWithAnEventThatIsTooLargeByItselfIsRefusedAsAWhole(t *testing.T) {
	const most = 4 << 10
	small, large := relaytest.Conversion("v", "9", "bought", "a", 1000, 0), relaytest.Conversion("v"+relaytest.Noise(most), "9", "bought", "b", 1000, 0)
	p := newPending(t.Context(), eventlogtest.MustDecode(t, "key", relaytest.Body(small, large)))
	m := maker{max: most}
	if err := m.add(p, []int{0, 1}); !errors.Is(err, eventlog.ErrTooLarge) || !strings.Contains(err.Error(), "max_payload") {
		t.Errorf("it was answered %v", err)
	}
	if m.close(); len(m.flights) > 0 || p.flying > 0 {
		t.Errorf("%d messages were made all the same, and %d are waited for", len(m.flights), p.flying)
	}
}

// The second relay's message of an event is left out by everyone, since all follow the order of the stream.
func TestOfAnEventThatIsInTheStreamTwiceTheFirstCounts(t *testing.T) {
	stream := mustMake(t, 1<<20, batchOf(t, 0, "a", "b"))
	stream = append(stream, mustMake(t, 1<<20, batchOf(t, 0, "b", "c"), batchOf(t, 0, "a"))...)
	follower := newTail(time.Hour, 100)
	for i, f := range stream {
		records, err := decodeMessage(uint64(i+1), f.text)
		if err != nil {
			t.Fatal(err)
		}
		follower.add(uint64(i+1), len(f.text), records, time.Now())
	}
	records, all := follower.after(0)
	if got := fmt.Sprint(eventlogtest.UUIDs(t, records)); !all || got != "[a b c]" {
		t.Errorf("readers get %s", got)
	}
	if follower.end != position(2, 0) || follower.seen != 2 {
		t.Errorf("the end is %v, message %d was seen", follower.end, follower.seen)
	}
}

func FuzzDecodeMessage(f *testing.F) {
	for _, flight := range mustMake(f, 1<<20, batchOf(f, 0, "a", "b"), batchOf(f, 10, "c")) {
		f.Add(flight.text)
		f.Add(flight.text[:len(flight.text)-1])
	}
	f.Add([]byte(messageStart))
	f.Add([]byte(messageStart + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, text []byte) {
		records, err := decodeMessage(1, text)
		if err != nil {
			return
		}
		made := []byte(messageStart)
		for _, r := range records {
			made = appendRecord(made, eventlog.AppendPayload(nil, r.Record, r.ids))
		}
		again, err := decodeMessage(1, made)
		if err != nil || fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", records) {
			t.Errorf("%+v became %+v, %v", records, again, err)
		}
	})
}

// A sequence that is given twice is the first that a relay hears of a loss, if it is the one that sends.
func TestAMessageThatIsPlacedBeforeTheNewestTellsOfALoss(t *testing.T) {
	for _, test := range []struct {
		sequence, newest uint64
		lost             bool
	}{{8, 7, false}, {7, 7, true}, {3, 7, true}} {
		l := &Log{tail: newTail(time.Hour, 100)}
		l.tail.seen = test.sequence
		lost := false
		l.lose = func() { lost = true }
		l.place(test.sequence, test.newest, &flight{})
		if lost != test.lost {
			t.Errorf("message %d behind message %d: lost is %v", test.sequence, test.newest, lost)
		}
	}
}

// Two relays took it at the same moment, and this one was the later.
func TestAnEventThatWasInTheStreamBeforeIsADuplicateOfItsAppend(t *testing.T) {
	l := &Log{tail: newTail(time.Hour, 100)}
	mustDeliver(t, &l.tail, 1, time.Now(), batchOf(t, 0, "b", "d"))
	later := mustMake(t, 1<<20, batchOf(t, 0, "a", "b"), batchOf(t, 0, "c", "d"))[0]
	records, err := decodeMessage(2, later.text)
	if err != nil {
		t.Fatal(err)
	}
	l.tail.add(2, len(later.text), records, time.Now())
	l.judge(2, later)
	for i, share := range later.shares {
		if r := share.of.receipt(); r.Fresh != 1 || r.Duplicates != 1 || !slices.Equal(r.Repeated, []int{1}) {
			t.Errorf("append %d was answered %+v", i, r)
		}
	}
}
