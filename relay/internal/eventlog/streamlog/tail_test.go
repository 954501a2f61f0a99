package streamlog

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
)

// mustDeliver adds batches to a tail as the message of a sequence.
func mustDeliver(tb testing.TB, t *tail, sequence uint64, at time.Time, batches ...eventlog.Batch) {
	tb.Helper()
	flights := mustMake(tb, 4<<20, batches...)
	if len(flights) != 1 {
		tb.Fatalf("there are %d messages", len(flights))
	}
	records, err := decodeMessage(sequence, flights[0].text)
	if err != nil {
		tb.Fatal(err)
	}
	t.add(sequence, len(flights[0].text), records, at)
}

// uuidsBehind are those of the events that a tail has behind a position.
func uuidsBehind(tb testing.TB, t *tail, at eventlog.Position) string {
	tb.Helper()
	records, ok := t.after(at)
	if !ok {
		return "others"
	}
	return strings.Join(eventlogtest.UUIDs(tb, records), " ")
}

func TestAnEventOfTheStreamIsFreshOnceWithinTheWindow(t *testing.T) {
	tail, start := newTail(time.Hour, 1000), time.UnixMilli(1_790_000_000_000)
	mustDeliver(t, &tail, 1, start, batchOf(t, 0, "a", "b"), batchOf(t, 0, "b", "c"))
	mustDeliver(t, &tail, 2, start.Add(58*time.Minute), batchOf(t, 0, "a"))
	end := tail.end
	if got := uuidsBehind(t, &tail, 0); got != "a b c" || end != position(1, 1) {
		t.Errorf("within the hour: %q up to %x", got, end)
	}
	if second := tail.repeats[position(1, 1)]; len(tail.repeats) != 2 || !slices.Equal(second, []bool{false, true}) {
		t.Errorf("of the records %v something was there before", tail.repeats)
	}
	mustDeliver(t, &tail, 3, start.Add(62*time.Minute), batchOf(t, 0, "a"))
	if got := uuidsBehind(t, &tail, end); got != "a" {
		t.Errorf("after the hour: %q", got)
	}
}

func TestWhatIsRecentGoesMessageByMessageAndLeavesNoGap(t *testing.T) {
	const each = 1_200_000
	tail := newTail(time.Hour, 1000)
	moved := tail.moved
	mustDeliver(t, &tail, 5, time.Now(), batchOf(t, each, "a"), batchOf(t, 0, "b"))
	if got := uuidsBehind(t, &tail, position(3, 0)); got != "others" {
		t.Errorf("behind what came before the first message that was read: %q", got)
	}
	if got := uuidsBehind(t, &tail, position(5, 0)); got != "b" {
		t.Errorf("behind a: %q", got)
	}
	select {
	case <-moved:
	default:
		t.Error("nobody is told that the tail has moved")
	}
	mustDeliver(t, &tail, 6, time.Now(), batchOf(t, each, "c"), batchOf(t, 0, "d"))
	mustDeliver(t, &tail, 7, time.Now(), batchOf(t, each, "e"))
	if got := uuidsBehind(t, &tail, position(5, 0)); got != "b c" { // as much as one Next may bring
		t.Errorf("behind a, with more there: %q", got)
	}
	mustDeliver(t, &tail, 8, time.Now(), batchOf(t, each, "f"))
	for at, want := range map[eventlog.Position]string{
		behindMessage(4): "others", position(5, 0): "others", position(5, 1): "others",
		behindMessage(5): "c", position(6, 0): "d e", position(7, 0): "f", position(8, 0): "",
	} {
		if got := uuidsBehind(t, &tail, at); got != want {
			t.Errorf("behind %x: %q, want %q", at, got, want)
		}
	}
	if len(tail.recent) != 4 {
		t.Errorf("%d records are kept", len(tail.recent))
	}
}

// The last message of a stream that has rested for long may be one of a newer relay, and readers not as far yet.
func TestWhoeverIsNotAtTheFirstMessageThatWasReadIsPastNothing(t *testing.T) {
	tail := newTail(time.Hour, 1000)
	tail.add(1000, 50, nil, time.Now())
	for at, want := range map[eventlog.Position]bool{0: false, position(500, 0): false, behindMessage(998): false, behindMessage(999): true, position(1000, 0): true} {
		if got := tail.past(at); got != want {
			t.Errorf("behind %v: past everything is %t", at, got)
		}
	}
	mustDeliver(t, &tail, 1001, time.Now(), batchOf(t, 0, "a"))
	for at, want := range map[eventlog.Position]bool{behindMessage(999): false, behindMessage(1000): false, position(1001, 0): true, behindMessage(1001): true} {
		if got := tail.past(at); got != want {
			t.Errorf("behind %v, with an event in the next: past everything is %t", at, got)
		}
	}
}

// Of a stream that has lost all that was read of it a reader is behind its message 0.
func TestAMessageIsDoneWithWhenItsLastRecordIs(t *testing.T) {
	tail := newTail(time.Hour, 1000)
	mustDeliver(t, &tail, 1, time.Now(), batchOf(t, 0, "a"), batchOf(t, 0, "b"))
	mustDeliver(t, &tail, 2, time.Now(), batchOf(t, 0, "c"))
	tail.add(3, 50, nil, time.Now())
	for at, want := range map[eventlog.Position]uint64{
		0: 0, behindMessage(0): 0, position(1, 0): 0, position(1, 1): 0, behindMessage(1): 0, position(2, 0): 3, behindMessage(3): 3,
	} {
		if got := tail.done(at); got != want {
			t.Errorf("behind %v: done is message %d, want %d", at, got, want)
		}
	}
}

func TestBehindAPositionLieItsMessagesOfAverageLength(t *testing.T) {
	tail := newTail(time.Hour, 1000)
	if got := tail.behind(0); got != 0 {
		t.Errorf("of nothing %d bytes are behind", got)
	}
	for i, size := range []int{50, 100, 150} {
		sequence := uint64(7 + i)
		text := mustMake(t, 1<<20, batchOf(t, 0, fmt.Sprint(i)), batchOf(t, 0, fmt.Sprint(i, "too")))[0].text
		records, err := decodeMessage(sequence, text)
		if err != nil {
			t.Fatal(err)
		}
		tail.add(sequence, size, records, time.Now())
	}
	for at, want := range map[eventlog.Position]int64{position(7, 0): 200, position(8, 1): 100, position(9, 0): 100, position(9, 1): 0, behindMessage(9): 0} {
		if got := tail.behind(at); got != want {
			t.Errorf("behind %x are %d bytes, want %d", at, got, want)
		}
	}
}
