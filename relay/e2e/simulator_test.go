package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// simulate starts a preset with so many visitors and waits until they are counted.
func (p *page) simulate(preset string, visitors int) {
	p.t.Helper()
	p.until(`!document.querySelector('button[type="submit"]').disabled`)
	must(p.t, p.Click("radio", preset))
	must(p.t, p.Type("spinbutton", "Visitors", strconv.Itoa(visitors)))
	p.until(`/ visitors, done/.test(document.querySelector('[data-field="progress"]').textContent)`)
	p.until(`!document.querySelector('.js-outcome').hidden`)
}

func TestABrokenSplitRaisesTheAlarmAndTheVisitorsOfTheShopAreLeftAlone(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	console.simulate("Broken split", 6000)
	console.sees("Not trustworthy: visitors are not split as they should be")
	console.sees("Sample ratio mismatch")
	console.until(`document.querySelector('.metric-table:not(.is-trustworthy)')`)
	console.sees("expected 50.0%")
	if got := mustCount(t, relay); got.Visitors != 0 {
		t.Errorf("the demo counts %d visitors of the simulator", got.Visitors)
	}
	sandbox := relaytest.MustGet(t, relay.URL+"/v1/results/sandbox?timeseries=false")
	if !strings.Contains(sandbox.Body, `"status":"mismatch"`) {
		t.Errorf("the sandbox: %s", sandbox.Body)
	}
}

func TestASimulationThatTheRelayDoesNotTakeIsNotCalledDone(t *testing.T) {
	t.Parallel()
	n := mustNetwork(t, mustStart(t, process.Options{}))
	n.when("/v1/events", replaced(http.StatusForbidden, "text/plain", "no"))
	console := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/console.html#simulate", "")
	console.until(`!document.querySelector('button[type="submit"]').disabled`)
	must(t, console.Click("button", "Simulate"))
	console.notice("The relay does not take the events: it answered with status 403.")
	console.sees("0 of 5,000 visitors, stopped")
}

// slowResults holds back the first results of a run until globalThis.release is called, and what is sent once globalThis.full is true. It
// says by globalThis.answered when the page has read those results and made something of them.
const slowResults = `
	const ask = globalThis.fetch;
	const released = new Promise((resolve) => { globalThis.release = resolve; });
	globalThis.fetch = async (url, init) => {
		if (globalThis.full && init?.method === 'POST') await new Promise(() => {});
		if (globalThis.held || !String(url).includes('start=')) return ask(url, init);
		globalThis.held = true;
		await released;
		const answer = await ask(url, init);
		const read = answer.text.bind(answer);
		answer.text = () => read().finally(() => setTimeout(() => { globalThis.answered = true; }));
		return answer;
	};`

func TestResultsOfTheRunBeforeAreNotShownAsTheNextOnes(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html#simulate", slowResults)
	console.until(`!document.querySelector('button[type="submit"]').disabled`)
	must(t, console.Type("spinbutton", "Visitors", "10"))
	console.sees("10 of 10 visitors, done")
	console.until(`globalThis.held`)
	eval[bool](console, `(globalThis.full = true)`)
	must(t, console.Type("spinbutton", "Visitors", "20"))
	console.sees("0 of 20 visitors")
	eval[bool](console, `(release(), true)`)
	console.until(`globalThis.answered`)
	if !eval[bool](console, `document.querySelector('.js-outcome').hidden`) {
		t.Errorf("before anyone of the second run has come it is told: %s", eval[string](console, `document.querySelector('.js-outcome').innerText`))
	}
}

func TestTheSimulatorComparesOursWithATestThatMustNotBeWatched(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	calledOff, err := console.CalledOff()
	must(t, err)
	console.simulate("Peeking trap", 2000)
	console.sees("An ordinary z-test, looked at all the time,")
	console.until(`/Visitors are split as they should be|The split looks odd: watch it/.test(document.body.innerText)`) // by chance they are split oddly now and then
	console.sees("2,000 decisions repeated by the relay’s own engine, all alike")
	console.until(`[...document.querySelector('table').tBodies[0].rows].reduce((sum, row) => sum + Number(row.cells[1].textContent.replace(',', '')), 0) === 2000`)
	if n := calledOff(); n > 0 {
		t.Errorf("%d requests were called off", n)
	}
	must(t, console.Go(eval[string](console, `document.querySelector('.js-more').href`)))
	console.sees("These are the results of the project sandbox, of visitors since")
	console.sees("2,000 visitors")
}

func TestSimulatedVisitorsAreThoseOfTheStoreAndWhoIsLeftOutIsTold(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	relaytest.MustWrite(t, file, onDesktops(t))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=", "--project", "sandbox=" + file}})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	console.simulate("A/A", 100)
	console.sees("100 of 100 visitors, done")
	console.until(`!document.body.innerText.includes('got a variation')`)

	markAsNotReloaded(console)
	phones := strings.NewReplacer(`"desktop"`, `"phone"`, `"revision": "1"`, `"revision": "2"`, `"revision":"1"`, `"revision":"2"`).Replace(onDesktops(t))
	mustReplace(t, file, phones)
	console.until(`[...Object.keys(localStorage)].some((key) => localStorage.getItem(key).includes('phone'))`)
	must(t, console.Click("button", "Simulate"))
	console.sees("None of them got a variation")
	console.sees("leaves out visitors with device desktop.")
	console.until(`document.querySelector('.js-outcome').hidden`)
	mustNotHaveReloaded(console)
}

func TestTheExposuresThatGetLostAreTheLastVariationsWhateverItsKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sandbox.json")
	keys := strings.NewReplacer(`"key": "price"`, `"key": "control"`, `"key": "category"`, `"key": "1"`) // objects have a key such as 1 first
	relaytest.MustWrite(t, file, keys.Replace(relaytest.MustRead(t, demo.File)))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=", "--project", "sandbox=" + file}})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	console.until(`!document.querySelector('button[type="submit"]').disabled`)
	eval[string](console, `(document.querySelector('#visitors').value = '200')`)
	must(t, console.Type("spinbutton", "Lost exposures", "100"))
	console.sees("200 of 200 visitors, done")
	eventually(t, func() (bool, string) {
		var report struct {
			Experiments []struct {
				Reach struct {
					Variations map[string]struct {
						Name  string
						Count int
					}
				}
			}
		}
		must(t, json.Unmarshal([]byte(relaytest.MustGet(t, relay.URL+"/v1/results/sandbox?timeseries=false").Body), &report))
		came := map[string]int{}
		for _, x := range report.Experiments {
			for _, v := range x.Reach.Variations {
				came[v.Name] = v.Count
			}
		}
		return came["control"] > 0 && came["1"] == 0, fmt.Sprintf("the relay counts %v", came)
	})
}
