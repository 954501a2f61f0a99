package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"sortition/relay/e2e/internal/natsserver"
	"sortition/relay/internal/fleet"
	"sortition/relay/internal/relaytest"
)

// watched are watches of a bucket by relays that are connected to the server which leads it.
type watched struct {
	t       *testing.T
	cluster *natsserver.Cluster
	fleet   *fleet.Fleet
	stream  jetstream.Stream
	heard   chan string
	all     sync.WaitGroup
}

func mustWatched(t *testing.T, cluster *natsserver.Cluster) *watched {
	t.Helper()
	const id = "watch"
	leader := mustLead(t, cluster, mustJoin(t, fleet.Options{URL: cluster.URL(), ID: id}))
	f := mustJoin(t, fleet.Options{URL: "nats://" + leader.Address, ID: id})
	stream, err := f.JetStream().Stream(t.Context(), "KV_"+f.Name("datafiles"))
	must(t, err)
	return &watched{t: t, cluster: cluster, fleet: f, stream: stream, heard: make(chan string, 100)}
}

// mustLead returns the server that leads a fleet's bucket of datafiles, and leaves the fleet.
func mustLead(t *testing.T, cluster *natsserver.Cluster, f *fleet.Fleet) *natsserver.Node {
	t.Helper()
	defer func() { must(t, f.Close()) }()
	stream, err := f.JetStream().Stream(t.Context(), "KV_"+f.Name("datafiles"))
	must(t, err)
	leader, err := cluster.Node(stream.CachedInfo().Cluster.Leader)
	must(t, err)
	return leader
}

// mustWatch begins one more watch until there is one whose consumer a server has.
func (w *watched) mustWatch(ctx context.Context, node *natsserver.Node) (watches int) {
	w.t.Helper()
	for ; w.on(node) == 0; watches++ {
		there := make(chan struct{})
		begun := sync.OnceFunc(func() { close(there) })
		w.all.Go(func() {
			w.fleet.Watch(ctx, w.fleet.Datafiles, "key", func(entry *fleet.Entry) {
				begun()
				if entry != nil {
					w.heard <- string(entry.Value)
				}
			})
		})
		<-there
	}
	return watches
}

// on counts the consumers that a server has.
func (w *watched) on(node *natsserver.Node) (consumers int) {
	w.t.Helper()
	lister := w.stream.ListConsumers(w.t.Context())
	for consumer := range lister.Info() {
		if consumer.Cluster != nil && consumer.Cluster.Leader == node.Name {
			consumers++
		}
	}
	must(w.t, lister.Err())
	return consumers
}

// mustNeither returns a server that leads neither the cluster nor the bucket: when it dies nobody has to be elected.
func (w *watched) mustNeither() *natsserver.Node {
	w.t.Helper()
	leader, err := w.cluster.Leader(w.t.Context())
	must(w.t, err)
	others := slices.DeleteFunc(slices.Clone(w.cluster.Nodes), func(n *natsserver.Node) bool {
		return n == leader || n.Name == w.stream.CachedInfo().Cluster.Leader
	})
	return others[0]
}

// A consumer dies with the one server of a cluster that has it, and who watches is connected to another.
func TestAWatchGoesOnSoonAfterTheServerThatServedItDied(t *testing.T) {
	t.Parallel()
	const soon = 7 * time.Second
	w := mustWatched(t, mustCluster(t, ""))
	defer func() { must(t, w.fleet.Close()) }()
	ctx, end := context.WithCancel(relaytest.Context(t))
	defer w.all.Wait()
	defer end()
	node := w.mustNeither()
	watches := w.mustWatch(ctx, node)
	must(t, node.Kill())
	began := time.Now()
	eventually(t, func() (bool, string) {
		_, err := w.fleet.Datafiles.Put(ctx, "key", []byte("new"))
		return err == nil, fmt.Sprint(err)
	})
	for range watches {
		select {
		case value := <-w.heard:
			if value != "new" {
				t.Errorf("a watch heard %q", value)
			}
		case <-ctx.Done():
			t.Fatal("a watch has heard nothing")
		}
	}
	if took := time.Since(began); took > soon {
		t.Errorf("of %d watches the last took %v", watches, took)
	}
}
