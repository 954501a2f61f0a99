package e2e

import (
	"strings"
	"testing"

	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestGoldenVectorsAreAnsweredTheSameInThePage(t *testing.T) {
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	play := strings.Replace(relaytest.MustRead(t, "conformance/vectors.js"), "export async function", "async function", 1)
	vectors := relaytest.MustRead(t, "../../wasm/engine/enginetest/testdata/vectors.json")
	result := eval[struct {
		Checked  int
		Failures []string
	}](store, `(async () => {
		`+play+`
		const sdk = await import('/sdk/index.js');
		await sdk.ready;
		return checkVectors(sdk, `+vectors+`);
	})()`)
	if result.Checked < 900 {
		t.Errorf("only %d cases: the reader has gone blind", result.Checked)
	}
	for _, failure := range result.Failures {
		t.Error(failure)
	}
}
