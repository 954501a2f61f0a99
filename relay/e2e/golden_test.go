package e2e

import (
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// vectorsPlayed is what the player of the golden vectors tells.
type vectorsPlayed struct {
	Checked  int
	Failures []string
}

func (v vectorsPlayed) check(t *testing.T) {
	t.Helper()
	if v.Checked < 900 {
		t.Errorf("only %d cases: the reader has gone blind", v.Checked)
	}
	for _, failure := range v.Failures {
		t.Error(failure)
	}
}

// playingVectors is, in JavaScript, the golden vectors played on the relay's SDK.
func playingVectors(t *testing.T) string {
	t.Helper()
	play := strings.Replace(relaytest.MustRead(t, "conformance/vectors.js"), "export async function", "async function", 1)
	vectors := relaytest.MustRead(t, "../../wasm/engine/enginetest/testdata/vectors.json")
	return `(async () => {
		` + play + `
		const sdk = await import('/sdk/index.js');
		await sdk.ready;
		return checkVectors(sdk, ` + vectors + `);
	})()`
}

func TestGoldenVectorsAreAnsweredTheSameInThePage(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	eval[vectorsPlayed](mustOpen(t, relay.URL+"/"), playingVectors(t)).check(t)
}
