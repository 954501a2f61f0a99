package fleet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/eventlog"
	"sortition/relay/internal/eventlog/eventlogtest"
	"sortition/relay/internal/eventlog/streamlog"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

// forgetful is a single server without sync_interval: always. A power cut takes what came since mustRemember.
type forgetful struct {
	t      *testing.T
	nats   *natsserver.Cluster
	stream string
	dir    string
}

func mustForgetful(t *testing.T, id string) *forgetful {
	t.Helper()
	return &forgetful{t: t, nats: mustServer(t, ""), stream: id + "-events", dir: t.TempDir()}
}

// mustRemember has the disk get all there is.
func (f *forgetful) mustRemember() {
	f.t.Helper()
	f.mustRestart((*natsserver.Node).Copy)
}

// mustForget has it lose what came since.
func (f *forgetful) mustForget() {
	f.t.Helper()
	f.mustRestart((*natsserver.Node).Restore)
}

// mustRestart kills the server, does something to what it has of the stream, and starts it again.
func (f *forgetful) mustRestart(meanwhile func(node *natsserver.Node, stream, dir string) error) {
	f.t.Helper()
	node := f.nats.Nodes[0]
	must(f.t, node.Kill())
	must(f.t, meanwhile(node, f.stream, f.dir))
	must(f.t, node.Start())
	must(f.t, node.Await(f.t.Context()))
}

// mustOpen opens the log and runs it until the test ends, or until stop; then it tells how it ended.
func (f *forgetful) mustOpen(o streamlog.Options, of fleet.Options) (log fleetLog, stop func()) {
	f.t.Helper()
	of.URL, of.ID = f.nats.URL(), strings.TrimSuffix(f.stream, "-events")
	shared := mustJoin(f.t, of)
	log = fleetLog{streamlog.New(shared, o), shared}
	stopRun := relaytest.MustRun(f.t, "event log", log.Run)
	return log, func() {
		stopRun()
		must(f.t, log.Close())
	}
}

// mustBuy appends events, a message each.
func mustBuy(t *testing.T, log fleetLog, name string, n int) (uuids []string) {
	t.Helper()
	for i := range n {
		uuid := fmt.Sprint(name, i)
		uuids = append(uuids, uuid)
		eventually(t, func() (bool, string) {
			batch := eventlogtest.MustDecode(t, "", relaytest.Body(relaytest.Conversion("Matt", "9", "bought", uuid, 1000, 0)))
			_, err := log.Append(relaytest.Context(t), batch)
			return err == nil, fmt.Sprint(err)
		})
	}
	return uuids
}

// mustReadOn returns what the reader "one" gets of n events or more, and notes that it had them.
func mustReadOn(t *testing.T, log fleetLog, n int) (uuids []string) {
	t.Helper()
	reader, err := log.Reader("one")
	must(t, err)
	for len(uuids) < n {
		records, err := reader.Next(relaytest.Context(t))
		must(t, err)
		uuids = append(uuids, eventlogtest.UUIDs(t, records)...)
	}
	must(t, reader.Commit(reader.Position()))
	must(t, reader.Close())
	return uuids
}

// Sequences that a reader has had are others' after a power cut, whether there are fewer of these or more than were lost.
func TestReadersGoOnBehindWhatIsLeftOfAStreamThatLostItsNewestMessages(t *testing.T) {
	t.Parallel()
	for _, new := range []int{0, 1, 3, 20} {
		f := mustForgetful(t, "left")
		log, stop := f.mustOpen(streamlog.Options{}, fleet.Options{})
		mustBuy(t, log, "kept", 5)
		f.mustRemember()
		mustBuy(t, log, "lost", 10)
		mustReadOn(t, log, 15)
		stop()
		f.mustForget()
		log, stop = f.mustOpen(streamlog.Options{}, fleet.Options{})
		want := mustBuy(t, log, "new", new)
		if got := mustReadOn(t, log, new); !slices.Equal(got, want) {
			t.Errorf("it reads %q", got)
		}
		want = mustBuy(t, log, "newer", 1)
		if got := mustReadOn(t, log, 1); !slices.Equal(got, want) {
			t.Errorf("then it reads %q", got)
		}
		stop()
	}
}

// What a reader had not got to is not what it is behind, and it loses none of that.
func TestAReaderThatWasNotYetAtWhatIsLostGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	f := mustForgetful(t, "slow")
	log, stop := f.mustOpen(streamlog.Options{}, fleet.Options{})
	mustBuy(t, log, "read", 5)
	mustReadOn(t, log, 5)
	want := mustBuy(t, log, "kept", 5)
	f.mustRemember()
	mustBuy(t, log, "lost", 10)
	reader, err := log.Reader("one")
	must(t, err)
	must(t, reader.Commit(reader.Position()))
	must(t, reader.Close())
	stop()
	f.mustForget()
	log, stop = f.mustOpen(streamlog.Options{}, fleet.Options{})
	defer stop()
	want = append(want, mustBuy(t, log, "new", 5)...)
	if got := mustReadOn(t, log, 10); !slices.Equal(got, want) {
		t.Errorf("it reads %q", got)
	}
}

// A relay that knows the messages which are lost must not take those in their place for what comes next.
func TestALogEndsWhenTheStreamLosesItsNewestMessages(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // a server must answer five times in a row, and is busy when it has just started
	defer cancel()
	for _, new := range []int{0, 3, 20} {
		f := mustForgetful(t, "ends")
		shared := mustJoin(t, fleet.Options{URL: f.nats.URL(), ID: "ends"})
		log := fleetLog{streamlog.New(shared, streamlog.Options{}), shared}
		ended := make(chan error, 1)
		go func() { ended <- log.Run(ctx) }()
		mustBuy(t, log, "kept", 5)
		f.mustRemember()
		mustBuy(t, log, "lost", 10)
		f.mustForget()
		other, stop := f.mustOpen(streamlog.Options{}, fleet.Options{})
		mustBuy(t, other, "new", new)
		if err := <-ended; err == nil || !strings.Contains(err.Error(), "lost its newest events") {
			t.Errorf("after %d new events it ended with %v", new, err)
		}
		stop()
		must(t, log.Close())
	}
}

// A consumer that has not been opened since says that it is past messages which it has never seen, and one that has been may be behind none.
func TestRetentionKeepsWhatHasTheSequencesOfLostMessages(t *testing.T) {
	t.Parallel()
	t.Run("not opened", func(t *testing.T) { testRetentionAfterALoss(t, 1, func(fleetLog) {}) })
	t.Run("opened, and all is lost", func(t *testing.T) {
		testRetentionAfterALoss(t, 0, func(log fleetLog) {
			reader, err := log.Reader("one")
			must(t, err)
			must(t, reader.Close())
		})
	})
}

func testRetentionAfterALoss(t *testing.T, kept int, since func(fleetLog)) {
	t.Helper()
	const room, refusals = 256 << 10, 100
	f := mustForgetful(t, "retain")
	options := streamlog.Options{Consumers: []string{"one"}}
	log, stop := f.mustOpen(options, fleet.Options{MaxBytes: room})
	mustBuy(t, log, "kept", kept)
	f.mustRemember()
	mustBuy(t, log, "lost", 100)
	mustReadOn(t, log, kept+100)
	stop()
	f.mustForget()
	log, stop = f.mustOpen(options, fleet.Options{MaxBytes: room})
	defer stop()
	since(log)
	taken, refused := 0, 0
	eventually(t, func() (bool, string) { // retention looks meanwhile, and again
		visitor := relaytest.Conversion("v"+relaytest.Noise(4<<10), "9", "bought", fmt.Sprint(taken), 1000, 0)
		_, err := log.Append(relaytest.Context(t), eventlogtest.MustDecode(t, "", relaytest.Body(visitor)))
		switch {
		case err == nil:
			taken++
		case errors.Is(err, eventlog.ErrFull):
			refused++
		}
		return refused == refusals, fmt.Sprintf("%d were taken, %d refused, the last said %v", taken, refused, err)
	})
	got := mustReadOn(t, log, taken)
	if len(got) != taken || got[0] != "0" {
		t.Errorf("of %d it reads %d, the first is %s", taken, len(got), got[0])
	}
}

func TestEventsAfterAPowerCutThatTookTheNewestAreForwardedAndCountedOnce(t *testing.T) {
	t.Parallel()
	f := mustForgetful(t, "")
	h := mustHouse(t, f.nats, 2)
	f.stream = h.id + "-events"
	shop := h.openShop(1)
	shop.mustTake(10)
	f.mustRemember()
	shop.mustTake(20)
	purchases := shop.close()
	h.mustHaveAll(purchases)
	before := h.all()
	f.mustForget()
	h.mustEndAsLost(before)
	h.mustStart()
	h.mustStart()
	for range 30 {
		purchases++
		eventually(t, func() (bool, string) { return shop.buy(http.DefaultClient, 0, purchases), "an event is refused" })
	}
	h.mustHaveAll(purchases)
	h.mustHaveSaid("a reader goes on behind those that are left")
}

// mustHaveSaid checks that the log of a relay tells of something.
func (h *house) mustHaveSaid(what string) {
	h.t.Helper()
	if !slices.ContainsFunc(h.all(), func(relay *process.Relay) bool { return strings.Contains(relay.Log(), what) }) {
		h.t.Errorf("no relay says that %s", what)
	}
}

// cursors are how far the readers of a house's events have committed.
type cursors struct {
	t     *testing.T
	fleet *fleet.Fleet
}

var readersOfDemo = []string{"dispatcher/demo", "results"}

func (h *house) openCursors() cursors {
	h.t.Helper()
	f := mustJoin(h.t, fleet.Options{URL: h.nats.URL(), ID: h.id})
	h.t.Cleanup(func() { must(h.t, f.Close()) })
	return cursors{h.t, f}
}

// at returns up to where a reader has committed.
func (c cursors) at(reader string) (at eventlog.Position) {
	c.t.Helper()
	eventually(c.t, func() (bool, string) {
		entry, err := c.fleet.State.Newest(c.t.Context(), "cursor."+base64.RawURLEncoding.EncodeToString([]byte(reader)))
		if err != nil {
			return false, err.Error()
		}
		var cursor struct{ Position eventlog.Position }
		must(c.t, json.Unmarshal(entry.Value, &cursor))
		at = cursor.Position
		return true, ""
	})
	return at
}

func (c cursors) all() map[string]eventlog.Position {
	c.t.Helper()
	at := map[string]eventlog.Position{}
	for _, reader := range readersOfDemo {
		at[reader] = c.at(reader)
	}
	return at
}

// mustMove waits until every reader has committed something behind where it was.
func (c cursors) mustMove(from map[string]eventlog.Position) {
	c.t.Helper()
	for _, reader := range readersOfDemo {
		eventually(c.t, func() (bool, string) { return c.at(reader) > from[reader], "the reader " + reader + " does not commit" })
	}
}

// mustBuyMore makes more purchases after a shop was closed, and returns how many there are then.
func (s *shoppers) mustBuyMore(purchases int64) int64 {
	s.house.t.Helper()
	for range 10 {
		purchases++
		eventually(s.house.t, func() (bool, string) { return s.buy(http.DefaultClient, 0, purchases), "an event is refused" })
	}
	return purchases
}

// A reader that took this for another's doing would never commit again: all would come anew after the next start, and nothing
// could be let go of meanwhile.
func TestReadersGoOnFromWhatIsLeftOfTheirCommits(t *testing.T) {
	t.Parallel()
	f := mustForgetful(t, "")
	h := mustHouse(t, f.nats, 2)
	f.stream = "KV_" + h.id + "-state"
	committed := h.openCursors()
	shop := h.openShop(1)
	shop.mustTake(10)
	committed.mustMove(nil)
	f.mustRemember()
	remembered := committed.all()
	shop.mustTake(20)
	purchases := shop.close()
	h.mustHaveAll(purchases)
	committed.mustMove(remembered)
	lost := committed.all()
	f.mustForget()
	purchases = shop.mustBuyMore(purchases)
	committed.mustMove(lost)
	h.mustHaveAll(purchases)
}

// A relay that was silent may open a reader when that has long been another's turn.
func TestReadersGoOnAfterALatecomerHasOpenedOnesOfTheirNames(t *testing.T) {
	t.Parallel()
	h := mustHouse(t, single, 2)
	committed := h.openCursors()
	shop := h.openShop(1)
	shop.mustTake(10)
	purchases := shop.close()
	h.mustHaveAll(purchases)
	committed.mustMove(nil)
	late := streamlog.New(committed.fleet, streamlog.Options{})
	for _, name := range readersOfDemo {
		reader, err := late.Reader(name)
		must(t, err)
		must(t, reader.Close())
	}
	before := committed.all()
	purchases = shop.mustBuyMore(purchases)
	committed.mustMove(before)
	h.mustHaveAll(purchases)
}
