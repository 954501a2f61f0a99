package e2e

import (
	"testing"

	"sortition/relay/e2e/internal/process"
)

func TestTheConsoleWeighsTheEngineAndMeasuresItOnThisDevice(t *testing.T) {
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#engine")
	console.until(`['Download', 'Compiled', 'Started', 'Datafile read', 'Memory'].every((name) =>
		[...document.querySelectorAll('.fact')].some((fact) => fact.textContent.startsWith(name) && /\d (KB|ms)/.test(fact.textContent)))`)
	must(t, console.Click("button", "Measure"))
	console.until(`/\d decisions a second: p50 [\d.]+ µs, p99 [\d.]+ µs, of [\d,]+ batches of [\d,]+:/.test(document.querySelector('[data-part="pace"]').textContent)`)
}

func TestTheConsoleTellsTheSameDownloadOnceTheEngineIsKept(t *testing.T) {
	const download = `[...document.querySelectorAll('.fact')].map((fact) => fact.textContent).find((text) => /^Download[\d,]+ KB/.test(text)) ?? ''`
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#engine")
	console.until(download)
	first := eval[string](console, download)
	console.mustBeKept()
	must(t, console.Reload())
	console.until(download)
	if later := eval[string](console, download); later != first {
		t.Errorf("the first visit tells %q, a later one %q", first, later)
	}
}

func TestTheRelaysEngineDecidesAsTheConsolesAndTellsNobody(t *testing.T) {
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#engine")
	console.chip("Live, revision 1")
	must(t, console.Click("button", "Compare"))
	console.sees("50 visitors asked of both engines: all alike.")
	if got := mustCount(t, relay); got.Visitors != 0 {
		t.Errorf("the demo counts %d visitors that were only asked about", got.Visitors)
	}
}
