package e2e

import (
	"path/filepath"
	"strconv"
	"testing"

	"sortition/relay/e2e/internal/process"
)

func TestTheConsoleWeighsTheEngineAndMeasuresItOnThisDevice(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#engine")
	console.until(`['Download', 'Compiled', 'Started', 'Datafile read', 'Memory'].every((name) =>
		[...document.querySelectorAll('.fact')].some((fact) => fact.textContent.startsWith(name) && /\d (KB|ms)/.test(fact.textContent)))`)
	must(t, console.Click("button", "Measure"))
	console.until(`/\d decisions a second: p50 [\d.]+ µs, p99 [\d.]+ µs, of [\d,]+ batches of [\d,]+:/.test(document.querySelector('[data-part="pace"]').textContent)`)
}

func TestTheConsoleTellsTheSameDownloadOnceTheEngineIsKept(t *testing.T) {
	t.Parallel()
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

// slowWithoutDatafile holds back what is compiled first, until globalThis.release is called.
const slowWithoutDatafile = `
	const { compile } = WebAssembly;
	const released = new Promise((resolve) => { globalThis.release = resolve; });
	let calls = 0;
	WebAssembly.compile = async (bytes) => {
		const isFirst = ++calls === 1;
		globalThis.held = true;
		const module = await compile(bytes);
		if (isFirst) await released;
		return module;
	};`

func TestTheConsoleKeepsWhatItMeasuredOfADatafileThatCameWhileItWeighedTheEngine(t *testing.T) {
	t.Parallel()
	source := filepath.Join(t.TempDir(), "demo.json")
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + source}, Unready: true})
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html#engine", slowWithoutDatafile)
	console.until(`globalThis.held`)
	mustReplace(t, source, demoDatafile(t, "1", "price"))
	const read = `[...document.querySelectorAll('.fact')].some(({ textContent }) => /^Datafile read[\d.]+ ms/.test(textContent))`
	console.until(read)
	eval[bool](console, `new Promise((resolve) => {
		new MutationObserver(resolve).observe(document.querySelector('[data-field="facts"]'), { childList: true });
		release();
	}).then(() => true)`)
	console.until(read)
}

func TestTheRelaysEngineDecidesAsTheConsolesAndTellsNobody(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#engine")
	console.chip("Live, revision 1")
	must(t, console.Click("button", "Compare"))
	console.sees("50 visitors asked of both engines: all alike.")
	if got := mustCount(t, relay); got.Visitors != 0 {
		t.Errorf("the demo counts %d visitors that were only asked about", got.Visitors)
	}
}

// slowToAnswer holds back what the relay is asked to decide until globalThis.release is called, and counts the answers that the page has
// read and made something of.
const slowToAnswer = `
	const ask = globalThis.fetch;
	const released = new Promise((resolve) => { globalThis.release = resolve; });
	globalThis.asked = globalThis.answered = 0;
	globalThis.fetch = async (url, init) => {
		if (!String(url).includes('/v1/activate')) return ask(url, init);
		globalThis.asked++;
		await released;
		const answer = await ask(url, init);
		const read = answer.json.bind(answer);
		answer.json = () => read().finally(() => setTimeout(() => globalThis.answered++));
		return answer;
	};`

func TestEnginesAreNotComparedAcrossDatafiles(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html#engine", slowToAnswer)
	console.chip("Live, revision 1")
	must(t, console.Click("button", "Compare"))
	console.until(`globalThis.asked > 0`)
	mustReplace(t, file, demoDatafile(t, "2", "category"))
	console.chip("Live, revision 2")
	eval[bool](console, `(release(), true)`)
	console.until(`globalThis.answered > 0`)
	if words := eval[string](console, `document.querySelector('[data-part="agreement"] [data-field="words"]').textContent`); words != "" {
		t.Errorf("of the datafile before it is told: %s", words)
	}
}

// openProjects counts the datafiles that the page's engine has in its memory.
const openProjects = `
	globalThis.open = 0;
	const { Instance } = WebAssembly;
	WebAssembly.Instance = function (...given) {
		const { exports } = new Instance(...given);
		return { exports: { ...exports, open: (...of) => (globalThis.open++, exports.open(...of)), close: (of) => (globalThis.open--, exports.close(of)) } };
	};`

func TestTheConsoleKeepsNoDatafileThatDecidesNoMore(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html?user=Matt#engine", openProjects)
	console.chip("Live, revision 1")
	console.until(`globalThis.open > 0 && document.querySelector('[data-field="outcome"]').textContent !== ''`)
	before := eval[int](console, `globalThis.open`)
	for i := range 3 {
		must(t, console.Click("button", "Measure"))
		revision := strconv.Itoa(i + 2)
		mustReplace(t, file, demoDatafile(t, revision, "category"))
		console.chip("Live, revision " + revision)
		console.until(`/decisions a second/.test(document.querySelector('[data-part="pace"]').textContent)`)
	}
	if after := eval[int](console, `globalThis.open`); before < 2 || after != before {
		t.Errorf("of %d datafiles in the engine's memory there are %d after three more came", before, after)
	}
	console.mustBeContent()
}
