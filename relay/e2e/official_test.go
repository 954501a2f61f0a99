package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// officialLine is what official.mjs prints.
type officialLine struct {
	Revision    string
	Variations  []string
	StatusCodes []int
}

func TestTheOfficialSDKInNodeWorksUnchangedAgainstTheRelay(t *testing.T) {
	t.Parallel()
	const visitors = 100
	data := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: data})
	official := mustRunOfficial(t, relay.URL, visitors)

	first := official.next(t)
	for i, variation := range first.Variations {
		if native := mustDecideNatively(t, fmt.Sprintf("visitor-%d", i)); variation != native {
			t.Errorf("visitor-%d: the official SDK says %s, the native engine %s", i, variation, native)
		}
	}
	mustCountUntil(t, relay, counts{Visitors: visitors, Conversions: visitors / 2})

	mustReplace(t, filepath.Join(data, "demo.json"), demoDatafile(t, "42", "category"))
	second := official.next(t)
	if second.Revision != "42" {
		t.Errorf("after the change the official SDK has revision %s", second.Revision)
	}
	for i, variation := range second.Variations {
		if variation != "category" {
			t.Errorf("revision 42 puts everyone in category, but visitor-%d is in %s", i, variation)
		}
	}
	for _, status := range second.StatusCodes {
		if status != 204 {
			t.Errorf("an event batch of the official SDK was answered %d", status)
		}
	}
	if len(second.StatusCodes) == 0 {
		t.Error("the official SDK sent no event batch")
	}
}

// official is the running script.
type official struct {
	lines  *bufio.Scanner
	stderr *strings.Builder
}

func mustRunOfficial(t *testing.T, relayURL string, visitors int) *official {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*relaytest.Patience) // beyond the test's own, to let it end
	command := exec.CommandContext(ctx, "node", "official.mjs", relayURL, fmt.Sprint(visitors))
	o := &official{stderr: &strings.Builder{}}
	command.Stderr = o.stderr
	stdout, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() {
		defer cancel()
		_, _ = io.Copy(io.Discard, stdout)
		if err := command.Wait(); err != nil {
			t.Errorf("official.mjs: %v: %s", err, o.stderr)
		}
	})
	o.lines = bufio.NewScanner(stdout)
	return o
}

func (o *official) next(t *testing.T) officialLine {
	t.Helper()
	if !o.lines.Scan() {
		t.Fatalf("official.mjs ended early: %v", o.lines.Err())
	}
	var line officialLine
	must(t, json.Unmarshal(o.lines.Bytes(), &line))
	return line
}

func TestBatchesOfTheOfficialPythonAndGoSDKsAreTakenUnchanged(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	source := filepath.Join(t.TempDir(), "shop.json")
	theirs := strings.NewReplacer("12198292375", "12001", "20410805626", "15000").Replace(demoDatafile(t, "7", "price"))
	relaytest.MustWrite(t, source, theirs)
	relay := mustStart(t, process.Options{Args: []string{"--project", "shop=" + source, "--events-url", upstream.URL}})
	for client, uuids := range map[string][]string{
		"go":     {"b1f5f3a0-0000-4000-8000-000000000001", "b1f5f3a0-0000-4000-8000-000000000002"},
		"python": {"u-1", "u-2"},
	} {
		body := relaytest.MustRead(t, "../../wasm/engine/event/testdata/sdk/"+client+".json")
		if answer := relaytest.MustPost(t, relay.URL+"/v1/events", body); answer.Status != http.StatusNoContent {
			t.Errorf("a batch of the %s SDK is answered %d %s", client, answer.Status, answer.Body)
			continue
		}
		eventually(t, func() (bool, string) {
			for _, batch := range upstream.Batches() {
				if batch.ClientName == client+"-sdk" && slices.Equal(batch.UUIDs(), uuids) {
					return true, ""
				}
			}
			return false, "the batch of the " + client + " SDK was not delivered"
		})
	}
}
