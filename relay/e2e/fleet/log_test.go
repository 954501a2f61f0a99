package fleet

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

// fleetLog is a log with the connection it belongs to.
type fleetLog struct {
	*streamlog.Log
	fleet *fleet.Fleet
}

func (l fleetLog) Close() error { return l.fleet.Close() }

// idOf makes a fleet's id of a test's folder.
func idOf(dir string) string {
	h := fnv.New64a()
	fmt.Fprint(h, dir)
	return fmt.Sprintf("t%x", h.Sum64())
}

func mustJoin(tb testing.TB, o fleet.Options) *fleet.Fleet {
	tb.Helper()
	if o.URL == "" {
		o.URL = single.URL()
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 64 << 20
	}
	if o.Projects == nil {
		o.Projects = []string{"demo"}
	}
	o.Logger = slog.New(slog.NewTextHandler(tb.Output(), nil))
	f, err := fleet.Connect(relaytest.Context(tb), o)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func mustOpen(tb testing.TB, dir string) fleetLog {
	tb.Helper()
	f := mustJoin(tb, fleet.Options{ID: idOf(dir)})
	return fleetLog{streamlog.New(f, streamlog.Options{}), f}
}

func TestTheFleetsLogKeepsTheContract(t *testing.T) {
	eventlogtest.Contract(t, func(tb testing.TB, dir string) eventlogtest.Log {
		return mustOpen(tb, dir)
	})
}

// mustState returns the keys of what a reader of the name finds.
func mustState(t *testing.T, log fleetLog, name string) (keys []string) {
	t.Helper()
	reader, err := log.Reader(name)
	must(t, err)
	must(t, reader.State(func(key string, _ []byte) error { keys = append(keys, key); return nil }))
	must(t, reader.Close())
	return keys
}

// The list of what a state consists of may be longer than a message.
func TestAStateOfManyEntriesIsKept(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	const rounds, each = 2, 700
	for round := range rounds {
		reader, err := log.Reader("many")
		must(t, err)
		var changes []eventlog.Entry
		for i := range each {
			changes = append(changes, eventlog.Entry{Key: fmt.Sprint(round, "/", i, relaytest.Noise(1000)), Value: []byte("x")})
		}
		must(t, reader.Commit(eventlog.Position(round+1), changes...))
		must(t, reader.Close())
		if had := len(mustState(t, log, "many")); had != (round+1)*each {
			t.Fatalf("the state has %d entries after %d commits", had, round+1)
		}
	}
	blobs, err := log.fleet.State.Keys(t.Context(), "state.>")
	must(t, err)
	const listParts = 3 // of 512 KiB
	if len(blobs) != rounds*each+listParts {
		t.Errorf("%d keys hold the state", len(blobs))
	}
}

func TestWhatAnUnfinishedCommitLeftIsSweptAway(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	reader, err := log.Reader("one")
	must(t, err)
	must(t, reader.Commit(1, eventlog.Entry{Key: "kept", Value: []byte("x")}))
	left := "state." + base64.RawURLEncoding.EncodeToString([]byte("one")) + ".left"
	_, err = log.fleet.State.PutBlob(t.Context(), left, []byte(relaytest.Noise(600<<10)))
	must(t, err)
	if keys := mustState(t, log, "one"); len(keys) != 1 {
		t.Errorf("the state is %q", keys)
	}
	blobs, err := log.fleet.State.Keys(t.Context(), "state.>")
	must(t, err)
	if len(blobs) != 1 || strings.HasPrefix(blobs[0], left) {
		t.Errorf("in the bucket lie %q", blobs)
	}
}

// A replica that lags knows nothing of the claim, or of the commit, that there was a moment ago.
func TestWhatIsLeftIsSweptAwayThoughAReplicaLags(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	mustState(t, log, "one")
	mustLag(t, log.fleet)
	left := "state." + base64.RawURLEncoding.EncodeToString([]byte("one")) + ".left"
	for range 20 { // since it is asked by chance
		_, err := log.fleet.State.PutBlob(t.Context(), left, []byte("x"))
		must(t, err)
		mustState(t, log, "one")
		blobs, err := log.fleet.State.Keys(t.Context(), "state.>")
		must(t, err)
		if len(blobs) > 0 {
			t.Fatalf("in the bucket lie %q", blobs)
		}
	}
}

// A server drops a connection on which more waits to be read than max_pending; as many readers as there are projects share one.
func TestReadersOfALongBacklogAreNotCutOff(t *testing.T) {
	t.Parallel()
	const messages, readers = 20, 3
	server := mustServer(t, "max_pending: 10MB")
	shared := mustJoin(t, fleet.Options{URL: server.URL(), ID: "long"})
	defer func() { must(t, shared.Close()) }()
	log := streamlog.New(shared, streamlog.Options{})
	relaytest.MustRun(t, "event log", log.Run)
	for i := range messages {
		visitor := relaytest.Conversion("v"+relaytest.Noise(1_000_000), "9", "bought", fmt.Sprint(i), 1000, 0)
		eventlogtest.MustAppend(t, log, "", relaytest.Body(visitor))
	}
	var reading errgroup.Group
	for range readers {
		reading.Go(func() error {
			reader, err := log.Reader("")
			if err != nil {
				return err
			}
			for read := 0; read < messages; {
				records, err := reader.Next(relaytest.Context(t))
				if err != nil {
					return err
				}
				read += len(records)
			}
			return reader.Close()
		})
	}
	must(t, reading.Wait())
	if said := server.Nodes[0].Log(); strings.Contains(said, "Slow Consumer") {
		t.Errorf("the server says:\n%s", said)
	}
}

// bought is a body with a purchase for each uuid.
func bought(uuids ...string) string {
	var visitors []string
	for _, uuid := range uuids {
		visitors = append(visitors, relaytest.Conversion("Matt", "9", "bought", uuid, 1000, 0))
	}
	return relaytest.Body(visitors...)
}

// Who sends again what is safe already does not make the stream any longer.
func TestWhatIsKnownIsNotSentToTheStreamAgain(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	relaytest.MustRun(t, "event log", log.Run)
	for range 3 {
		eventlogtest.MustAppend(t, log, "", bought("the-one", "the-one"))
	}
	info, err := log.fleet.Events.Info(t.Context())
	must(t, err)
	first, err := log.fleet.Events.GetMsg(t.Context(), info.State.FirstSeq)
	must(t, err)
	if times := strings.Count(string(first.Data), "the-one"); info.State.Msgs != 1 || times != 1 {
		t.Errorf("there are %d messages, and the first has the event %d times", info.State.Msgs, times)
	}
}

// It may be of a newer relay, or nobody's.
func TestAMessageThatCannotBeReadIsPassedOver(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	relaytest.MustRun(t, "event log", log.Run)
	const messages = 12 // more than a relay keeps in memory
	for i := range messages {
		_, err := log.fleet.JetStream().Publish(t.Context(), log.fleet.Subject("events"), []byte("EVS\x02"))
		must(t, err)
		visitor := relaytest.Conversion("v"+relaytest.Noise(700_000), "9", "bought", fmt.Sprint(i), 1000, 0)
		eventlogtest.MustAppend(t, log, "", relaytest.Body(visitor))
	}
	if had := len(eventlogtest.MustReplay(t, log)); had != messages {
		t.Errorf("a reader gets %d records", had)
	}
	had := 0
	unread, err := streamlog.Scan(relaytest.Context(t), log.fleet, time.Time{}, func(eventlog.Record) error { had++; return nil })
	must(t, err)
	if had != messages || unread != messages {
		t.Errorf("a scan gets %d records, and tells of %d messages", had, unread)
	}
}

// appending counts the appends of this process that wait for an answer.
func appending() (waiting int) {
	const much = 4 << 20
	stacks := make([]byte, much)
	for stack := range strings.SplitSeq(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
		if strings.Contains(stack, "[select") && strings.Contains(stack, "streamlog.(*Log).Append(") {
			waiting++
		}
	}
	return waiting
}

// A relay that stops takes back nothing: it waits for the servers, and sends what waits behind that as well.
func TestWhatWaitsWhenALogIsStoppedIsSafe(t *testing.T) { // not parallel: it counts goroutines
	server := mustServer(t, "")
	shared := mustJoin(t, fleet.Options{URL: server.URL(), ID: "stops"})
	defer func() { must(t, shared.Close()) }()
	log := streamlog.New(shared, streamlog.Options{})
	stop := relaytest.MustRun(t, "event log", log.Run)
	eventlogtest.MustAppend(t, log, "", bought("first"))
	const many, messages = 100, 20 // since what comes while others are under way shares one
	var batches []eventlog.Batch
	for i := range many {
		visitor := relaytest.Conversion("v"+relaytest.Noise(60_000), "9", "bought", fmt.Sprint(i), 1000, 0)
		batches = append(batches, eventlogtest.MustDecode(t, "", relaytest.Body(visitor)))
	}
	must(t, server.Nodes[0].Freeze()) // before all of them wait the log must not take it for gone
	var appends errgroup.Group
	for _, batch := range batches {
		appends.Go(func() error {
			_, err := log.Append(relaytest.Context(t), batch)
			return err
		})
	}
	eventually(t, func() (bool, string) { return appending() == many, "not all of them wait" })
	stopped := make(chan struct{})
	go func() { defer close(stopped); stop() }()
	must(t, server.Nodes[0].Thaw())
	must(t, appends.Wait())
	<-stopped
	if syncs := log.Stats().Syncs; syncs > messages {
		t.Errorf("they are %d messages", syncs)
	}
	had := 0
	_, err := streamlog.Scan(relaytest.Context(t), shared, time.Time{}, func(eventlog.Record) error { had++; return nil })
	must(t, err)
	if had != 1+many {
		t.Errorf("the stream has %d records", had)
	}
}

// After weeks without an event retention has let go of all of them.
func TestALogOfWhichEverythingHasGoneTakesEvents(t *testing.T) {
	dir := t.TempDir()
	for _, uuid := range []string{"one", "two"} {
		log := mustOpen(t, dir)
		stop := relaytest.MustRun(t, "event log", log.Run)
		eventlogtest.MustAppend(t, log, "", relaytest.Body(relaytest.Conversion("Matt", "9", "bought", uuid, 1000, 0)))
		must(t, log.fleet.Events.Purge(t.Context()))
		reader, err := log.Reader("one") // which has not lost what was let go of
		must(t, err)
		must(t, reader.Close())
		stop()
		must(t, log.Close())
	}
}

// Who counts asks with a deadline, and goes on behind what was read then.
func TestAReaderThatIsInterruptedPassesOverNothing(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	relaytest.MustRun(t, "event log", log.Run)
	const messages = 12 // more than a relay keeps in memory
	for i := range messages {
		visitor := relaytest.Conversion("v"+relaytest.Noise(700_000), "9", "bought", fmt.Sprint(i), 1000, 0)
		eventlogtest.MustAppend(t, log, "", relaytest.Body(visitor))
	}
	reader, err := log.Reader("")
	must(t, err)
	ended, end := context.WithCancel(t.Context())
	end()
	var got []string
	for i := 0; len(got) < messages; i++ {
		ctx := relaytest.Context(t)
		if i%2 == 1 {
			ctx = ended
		}
		records, err := reader.Next(ctx)
		if err != nil && ctx != ended {
			t.Fatalf("after %d events: %v", len(got), err)
		}
		got = append(got, eventlogtest.UUIDs(t, records)...)
	}
	for i, uuid := range got {
		if uuid != fmt.Sprint(i) {
			t.Fatalf("event %d is %s", i, uuid)
		}
	}
	must(t, reader.Close())
}

// The answer to a commit is lost, and so is the one to the question what became of it; the servers had it all the same.
func TestAReaderGoesOnAfterACommitOfWhichNobodyTold(t *testing.T) {
	t.Parallel()
	server := mustServer(t, "")
	shared := mustJoin(t, fleet.Options{URL: server.URL(), ID: "doubt"})
	defer func() { must(t, shared.Close()) }()
	log := fleetLog{streamlog.New(shared, streamlog.Options{}), shared}
	reader, err := log.Reader("one")
	must(t, err)
	must(t, server.Nodes[0].Freeze())
	at := eventlog.Position(1)
	for reader.Commit(at) == nil { // the server takes a moment to fall silent
		at++
	}
	must(t, server.Nodes[0].Thaw())
	eventually(t, func() (bool, string) {
		err := reader.Commit(at+1, eventlog.Entry{Key: "kept", Value: []byte("x")})
		return err == nil, fmt.Sprint(err)
	})
	if keys := mustState(t, log, "one"); len(keys) != 1 {
		t.Errorf("the state is %q", keys)
	}
}

// The answer to a commit comes later than it is waited for, and the one to the question what became of it in time.
func TestACommitWhoseAnswerIsLateIsMade(t *testing.T) {
	t.Parallel()
	line := mustLay(t, mustServer(t, "").Nodes[0].Address)
	shared := mustJoin(t, fleet.Options{URL: line.url, ID: "late"})
	defer func() { must(t, shared.Close()) }()
	log := fleetLog{streamlog.New(shared, streamlog.Options{}), shared}
	reader, err := log.Reader("one")
	must(t, err)
	must(t, reader.Commit(1, eventlog.Entry{Key: "dropped", Value: []byte("x")}))
	line.slow.Store(int64(2500 * time.Millisecond)) // half a second longer than a request waits
	committed := make(chan error, 1)
	go func() { committed <- reader.Commit(0) }()
	eventually(t, func() (bool, string) { return line.late.Load() > 0, "the server does not answer" })
	line.slow.Store(0)
	must(t, <-committed)
	must(t, reader.Commit(2, eventlog.Entry{Key: "kept", Value: []byte("x")}))
	if keys := mustState(t, log, "one"); len(keys) != 1 {
		t.Errorf("the state is %q", keys)
	}
}

// Of a message that is too large to be kept in memory a reader may have committed a part.
func TestAReaderGoesOnInTheMiddleOfTheLastAndLargestMessage(t *testing.T) {
	t.Parallel()
	shared := mustJoin(t, fleet.Options{URL: mustServer(t, "max_payload: 8MB").URL(), ID: "large"})
	defer func() { must(t, shared.Close()) }()
	log := streamlog.New(shared, streamlog.Options{})
	relaytest.MustRun(t, "event log", log.Run)
	visitor := relaytest.Conversion("v"+relaytest.Noise(5_000_000), "9", "bought", "one", 1000, 0)
	eventlogtest.MustAppend(t, log, "", relaytest.Body(visitor))
	reader, err := log.Reader("middle")
	must(t, err)
	const inside = eventlog.Position(1 << 16) // the first message
	must(t, reader.Commit(inside))
	must(t, reader.Close())
	reader, err = log.Reader("middle")
	must(t, err)
	records, err := reader.Next(relaytest.Context(t))
	must(t, err)
	if got := eventlogtest.UUIDs(t, records); len(got) != 1 {
		t.Errorf("it reads %q", got)
	}
	must(t, reader.Close())
}

// mustLag adds a server that is asked for keys of the state as others are, and has but one of them: a replica that lags.
func mustLag(t *testing.T, f *fleet.Fleet) {
	t.Helper()
	const there, missing = "there", "missing"
	bucket := f.Name("state")
	_, err := f.JetStream().CreateStream(t.Context(), jetstream.StreamConfig{
		Name:         f.Name("lagging"),
		Mirror:       &jetstream.StreamSource{Name: "KV_" + bucket, FilterSubject: "$KV." + bucket + "." + there},
		MirrorDirect: true,
	})
	must(t, err)
	for _, key := range []string{missing, there} { // it takes part as soon as something has come
		_, err = f.State.Put(t.Context(), key, nil)
		must(t, err)
	}
	eventually(t, func() (bool, string) {
		_, err := f.State.Get(t.Context(), missing)
		return fleet.Missing(err), "it is never asked"
	})
}

func TestAStateIsWholeThoughAReplicaLags(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	reader, err := log.Reader("one")
	must(t, err)
	const entries = 40 // of which the replica is asked for about half
	var changes []eventlog.Entry
	for i := range entries {
		changes = append(changes, eventlog.Entry{Key: fmt.Sprint(i), Value: []byte("x")})
	}
	must(t, reader.Commit(1, changes...))
	mustLag(t, log.fleet)
	had := 0
	must(t, reader.State(func(string, []byte) error { had++; return nil }))
	if had != entries {
		t.Errorf("it has %d entries", had)
	}
}

// Who finds a state damaged can drop it, and begin anew.
func TestAStateWhoseListHasGoneIsDamaged(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	reader, err := log.Reader("many")
	must(t, err)
	var changes []eventlog.Entry
	for i := range 700 { // more than a key has room for
		changes = append(changes, eventlog.Entry{Key: fmt.Sprint(i, relaytest.Noise(1000)), Value: []byte("x")})
	}
	must(t, reader.Commit(1, changes...))
	must(t, log.fleet.State.Drop(t.Context(), "state.>"))
	reader, err = log.Reader("many")
	must(t, err)
	if err := reader.State(func(string, []byte) error { return nil }); !errors.Is(err, eventlog.ErrStateDamaged) {
		t.Errorf("its state is read with %v", err)
	}
	if err := reader.Commit(2, eventlog.Entry{Key: "new", Value: []byte("x")}); !errors.Is(err, eventlog.ErrStateDamaged) {
		t.Errorf("it is committed to with %v", err)
	}
	must(t, reader.Commit(0))
	must(t, reader.Commit(1, eventlog.Entry{Key: "new", Value: []byte("x")}))
	if keys := mustState(t, log, "many"); len(keys) != 1 {
		t.Errorf("the state is %q", keys)
	}
}

// Relays may let go of what somebody is about to read.
func TestAScanEndsWhereWhatWasToComeHasGone(t *testing.T) {
	t.Parallel()
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	relaytest.MustRun(t, "event log", log.Run)
	const messages = 12 // more than are on their way at once
	for i := range messages {
		visitor := relaytest.Conversion("v"+relaytest.Noise(700_000), "9", "bought", fmt.Sprint(i), 1000, 0)
		eventlogtest.MustAppend(t, log, "", relaytest.Body(visitor))
	}
	read := 0
	_, err := streamlog.Scan(relaytest.Context(t), log.fleet, time.Time{}, func(eventlog.Record) error {
		read++
		return log.fleet.Events.Purge(t.Context())
	})
	must(t, err)
	if read == messages {
		t.Error("nothing had gone before it was read")
	}
}

// Who stops waits for a last commit, and is killed in the end if that asks for one entry after the other in vain.
func TestACommitEndsWithTheFirstEntryThatCannotBeWritten(t *testing.T) {
	log := mustOpen(t, t.TempDir())
	defer func() { must(t, log.Close()) }()
	reader, err := log.Reader("many")
	must(t, err)
	must(t, log.fleet.JetStream().DeleteStream(t.Context(), "KV_"+log.fleet.Name("state")))
	const entries, longest = 500, 5 * time.Second // of which each takes half a second
	var changes []eventlog.Entry
	for i := range entries {
		changes = append(changes, eventlog.Entry{Key: fmt.Sprint(i), Value: []byte("x")})
	}
	began := time.Now()
	if reader.Commit(1, changes...) == nil {
		t.Error("it was committed")
	}
	if took := time.Since(began); took > longest {
		t.Errorf("it took %v", took)
	}
}

// While there is always something old, retention looks for its end every second.
func TestTheServersSoonForgetWhoLookedForTheEndOfWhatIsOld(t *testing.T) {
	shared := mustJoin(t, fleet.Options{ID: idOf(t.TempDir())})
	defer func() { must(t, shared.Close()) }()
	log := streamlog.New(shared, streamlog.Options{Consumers: []string{"one"}, Retain: time.Second})
	relaytest.MustRun(t, "event log", log.Run)
	reader, err := log.Reader("one")
	must(t, err)
	const longest = 30 * time.Second
	taken := 0
	eventually(t, func() (bool, string) {
		eventlogtest.MustAppend(t, log, "", bought(fmt.Sprint(taken))) // so that there is something new as well
		taken++
		must(t, reader.Commit(log.End()))
		looked := false
		for consumer := range shared.Events.ListConsumers(t.Context()).Info() {
			if consumer.Config.InactiveThreshold > longest {
				t.Fatalf("a consumer is remembered for %v", consumer.Config.InactiveThreshold)
			}
			looked = looked || consumer.Config.HeadersOnly
		}
		return looked, "nobody looks"
	})
}

// The message at the end of which a consumer is stays as well, since there may be more in it.
func TestRetentionLeavesWhatTheSlowestConsumerHasNotRead(t *testing.T) {
	for _, consumers := range [][]string{{"fast", "slow"}, {"slow", "fast"}} {
		shared := mustJoin(t, fleet.Options{ID: idOf(t.TempDir())})
		log := streamlog.New(shared, streamlog.Options{Consumers: consumers, Retain: time.Nanosecond})
		stop := relaytest.MustRun(t, "event log", log.Run)
		const messages, read = 10, 4
		for i := range messages {
			eventlogtest.MustAppend(t, log, "", bought(fmt.Sprint(i)))
		}
		for consumer, at := range map[string]eventlog.Position{"fast": log.End(), "slow": eventlogtest.MustReplay(t, log)[read-1].Position} {
			reader, err := log.Reader(consumer)
			must(t, err)
			must(t, reader.Commit(at))
		}
		first := uint64(1)
		eventually(t, func() (bool, string) {
			info, err := shared.Events.Info(t.Context())
			must(t, err)
			first = info.State.FirstSeq
			return first > 1, "nothing goes"
		})
		if first != read {
			t.Errorf("with the consumers %q the first message is %d", consumers, first)
		}
		stop()
		must(t, shared.Close())
	}
}

// Who asks for the events of the last days gets them though every consumer has had them.
func TestRetentionLeavesWhatIsNotOld(t *testing.T) {
	const retain = time.Second
	shared := mustJoin(t, fleet.Options{ID: idOf(t.TempDir())})
	defer func() { must(t, shared.Close()) }()
	log := streamlog.New(shared, streamlog.Options{Consumers: []string{"one"}, Retain: retain})
	relaytest.MustRun(t, "event log", log.Run)
	reader, err := log.Reader("one")
	must(t, err)
	var began []time.Time // by the sequence of its message, from 1
	eventually(t, func() (bool, string) {
		began = append(began, time.Now())
		eventlogtest.MustAppend(t, log, "", bought(fmt.Sprint(len(began))))
		must(t, reader.Commit(log.End()))
		info, err := shared.Events.Info(t.Context())
		must(t, err)
		gone := info.State.FirstSeq - 1
		if gone > 0 && time.Since(began[gone-1]) < retain {
			t.Fatalf("message %d has gone after %v", gone, time.Since(began[gone-1]))
		}
		return gone > 0, "nothing goes"
	})
}
