package datasource

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sortition/relay/internal/relaytest"
)

func TestAFileThatWasEditedSinceItWasReadIsNotWrittenOver(t *testing.T) {
	for _, test := range []struct {
		name, read, inForce, file, want string
	}{
		{"it was read with what is in force", "2", "2", "3", "3"},
		{"it was read with an older one, which is still there", "1", "2", "1", "2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "demo.json")
			relaytest.MustWrite(t, path, revisionText(test.file))
			p := &project{Project: Project{SDKKey: "demo", Own: true}, source: newFileSource(path)}
			p.newest.Store(mustParse(t, test.inForce))
			if err := p.passOver(mustParse(t, test.read)); err != nil {
				t.Fatal(err)
			}
			if got := relaytest.MustRead(t, path); got != revisionText(test.want) {
				t.Errorf("the file has %s", got)
			}
		})
	}
}

func TestARelayThatDoesNotAskForgetsWhenItWasToldOnceThatIsOver(t *testing.T) {
	p := &project{shared: struct{ Shared }{}}
	p.newest.Store(mustParse(t, "4"))
	p.want("5")
	p.announced = time.Now().Add(-wantTime - time.Second)
	if got := p.wanted(); got != "" {
		t.Errorf("it still wants %s, for which nobody asks any more", got)
	}
	p.want("6")
	if got := p.wanted(); got != "6" {
		t.Errorf("it wants %q right after it was told of 6", got)
	}
	p.newest.Store(mustParse(t, "6"))
	p.arrived()
	p.want("") // by a webhook that does not name its project's revision
	p.newest.Store(mustParse(t, "7"))
	p.arrived()
	if !p.takeAnnounced().IsZero() {
		t.Error("what comes next is said to have been announced")
	}
}

// offers takes every edition, and has the last.
type offers struct {
	Shared
	last Edition
}

func (o *offers) Offer(_ context.Context, _ string, e Edition, after uint64) (uint64, error) {
	o.last = e
	return after + 1, nil
}

func TestAPinOfWhatWasRolledBackToLeavesItAsNewAsItIsForAllRelays(t *testing.T) {
	shared := &offers{}
	p := Options{Dir: t.TempDir(), Shared: shared, Logger: slog.New(slog.DiscardHandler)}.withDefaults().newProject(Project{SDKKey: "demo", Source: SourceCDN}, leftovers{})
	for _, revision := range []string{"3", "5"} {
		d := mustParse(t, revision)
		d.Modified = time.Now().Add(time.Hour).UTC().Truncate(time.Second) // by the clock of the source
		if err := p.put(d, nil); err != nil {
			t.Fatal(err)
		}
	}
	bad := p.newest.Load().Modified
	for _, pinned := range []bool{false, true} {
		if _, err := p.keepTo("3", pinned); err != nil {
			t.Fatal(err)
		}
		if good := shared.last.Modified; !good.After(bad) {
			t.Errorf("pinned %v: a relay that comes anew has it of %v, and tells whoever has the bad one of %v that nothing has changed", pinned, good, bad)
		}
	}
}

func TestWhatWasInForceBeforeARelayBeganIsNoPushOfItsOwn(t *testing.T) {
	var came *Datafile
	o := Options{Dir: t.TempDir(), Shared: &offers{}, Logger: slog.New(slog.DiscardHandler), OnChange: func(d *Datafile) { came = d }}
	p := o.withDefaults().newProject(Project{SDKKey: "demo", Source: SourceCDN}, leftovers{})
	p.adopt(Edition{Version: 1, Bytes: mustParse(t, "5").Bytes, Announced: time.Now().Add(-48 * time.Hour)})
	if came.Revision != "5" || !came.Announced.IsZero() {
		t.Errorf("revision %s is on its way to pages since %v", came.Revision, came.Announced)
	}
	close(p.synced)
	announced := time.Now()
	p.adopt(Edition{Version: 2, Bytes: mustParse(t, "6").Bytes, Announced: announced})
	if came.Revision != "6" || !came.Announced.Equal(announced) {
		t.Errorf("revision %s is on its way to pages since %v, not %v", came.Revision, came.Announced, announced)
	}
}

func mustParse(tb testing.TB, revision string) *Datafile {
	tb.Helper()
	d, err := parse("demo", []byte(revisionText(revision)), time.Time{})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func revisionText(revision string) string {
	return `{"version":"4","projectId":"7","accountId":"1","revision":"` + revision + `"}`
}
