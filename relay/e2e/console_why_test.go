package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/demo"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
	"sortition/wasm/engine/bucketing"
)

// outcome is what the console says came out, once it is about this visitor.
func (p *page) outcome(visitor string) string {
	p.t.Helper()
	p.until(`document.querySelector('[data-field="about"]').textContent.startsWith(` + quote(visitor+", ") + `)`)
	return eval[string](p, `document.querySelector('[data-field="outcome"]').textContent`)
}

func TestTheConsoleExplainsADecisionAsTheNativeEngineMakesIt(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html?user=Matt")
	console.outcome("Matt")
	for _, id := range []string{"Joe", "Matt", "日本語", `<img src=x onerror="document.title='run'">`} {
		must(t, console.Type("textbox", "Visitor", id))
		if got, native := console.outcome(id), mustDecideNatively(t, id); got != native {
			t.Errorf("%q: the console says %s, the native engine %s", id, got, native)
		}
		prefix := bucketing.NewPrefix(id)
		console.until(`document.querySelector('.line-hash').textContent.includes(` + quote(fmt.Sprintf("= %d,", prefix.Hash("20417730841"))) + `)`)
		if title := eval[string](console, `document.title`); title == "run" {
			t.Errorf("%s was run", id)
		}
	}
	if got := eval[string](console, `new URLSearchParams(location.search).get('user')`); got != `<img src=x onerror="document.title='run'">` {
		t.Errorf("the address names the visitor %q", got)
	}
}

func TestTheHashOfAnIdFromRightToLeftReadsFromLeftToRight(t *testing.T) {
	t.Parallel()
	const id = "משה 7"
	console := mustOpen(t, mustStart(t, process.Options{}).URL+"/console.html?user="+url.QueryEscape(id))
	console.outcome(id)
	// Where each part begins, in the order it is written.
	begins := eval[[]float64](console, `(() => {
		const formula = document.querySelector('.line-hash');
		const texts = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT);
		const found = [];
		while (texts.nextNode()) for (const { index, 0: { length } } of texts.currentNode.data.matchAll(/משה|20417730841|= \d+|÷|\d,\d+$/g)) {
			const part = document.createRange();
			part.setStart(texts.currentNode, index);
			part.setEnd(texts.currentNode, index + length);
			found.push(part.getBoundingClientRect().left);
		}
		return found;
	})()`)
	if len(begins) != 5 || !slices.IsSorted(begins) {
		t.Errorf("the formula's parts begin at %v", begins)
	}
}

func TestTheConsoleNamesAVisitorWithoutAnId(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html?user=Matt")
	console.outcome("Matt")
	must(t, console.Type("textbox", "Visitor", kb.Backspace))
	if got, native := console.outcome("A visitor without an id"), mustDecideNatively(t, ""); got != native {
		t.Errorf("the console says %s, the native engine %s", got, native)
	}
}

// demoWithAudience returns the demo's datafile with the audience "90", of those whose attribute matches.
func demoWithAudience(t *testing.T, name, attribute, match string, value any) (project map[string]any) {
	t.Helper()
	must(t, json.Unmarshal([]byte(relaytest.MustRead(t, demo.File)), &project))
	condition := map[string]any{"type": "custom_attribute", "name": attribute, "match": match, "value": value}
	project["typedAudiences"] = []any{map[string]any{"id": "90", "name": name, "conditions": []any{"and", condition}}}
	project["attributes"] = []any{map[string]any{"id": "91", "key": attribute}}
	return project
}

// gifts is the demo's datafile with a flag whose experiment is for an audience.
func gifts(t *testing.T) string {
	t.Helper()
	project := demoWithAudience(t, "grown-ups", "age", "ge", 18)
	rule := map[string]any{"id": "92", "key": "wrapping", "status": "Running", "layerId": "1", "audienceIds": []any{"90"},
		"variations":        []any{map[string]any{"id": "93", "key": "warm", "featureEnabled": true}},
		"trafficAllocation": []any{map[string]any{"entityId": "93", "endOfRange": 10_000}}}
	project["experiments"] = append(project["experiments"].([]any), rule)
	project["featureFlags"] = []any{map[string]any{"id": "94", "key": "gifts", "experimentIds": []any{"92"}, "rolloutId": "",
		"variables": []any{map[string]any{"id": "95", "key": "label", "type": "string", "defaultValue": "Gift wrap"}}}}
	text, err := json.Marshal(project)
	must(t, err)
	return string(text)
}

func TestTheConsoleTellsWhatEachConditionComesToForTheAttributesOneTypes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	relaytest.MustWrite(t, dir+"/gifts.json", gifts(t))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + dir + "/gifts.json"}})
	console := mustOpen(t, relay.URL+"/console.html?user=Matt&flag=gifts&attributes={}")
	console.sees("no variation")
	console.until(`document.querySelector('.station-outcome').textContent === 'gives no variation'`) // nothing comes after it
	console.sees("age at least 18")
	console.sees("is not set")
	truth := `document.querySelector('[data-kind="condition"] .audience-truth')?.textContent`
	console.until(truth + ` === 'unknown'`)

	must(t, console.Click("button", "Add an attribute"))
	must(t, console.Type("combobox", "Attribute", "age"))
	must(t, console.Type("textbox", "Value", "18"))
	console.until(truth + ` === 'unknown'`) // of text nobody can tell whether it is at least 18
	eval[bool](console, `(() => {
		const type = document.querySelector('.attribute-type');
		type.value = 'number';
		return type.dispatchEvent(new Event('input', { bubbles: true }));
	})()`)
	console.until(truth + ` === 'true'`)
	console.sees("On, decided by an experiment")
	console.sees("Gift wrap")
	if got := eval[string](console, `new URLSearchParams(location.search).get('attributes')`); got != `{"age":18}` {
		t.Errorf("the address has the attributes %s", got)
	}
	must(t, console.Reload())
	console.until(truth + ` === 'true'`)
}

func TestAnotherQuestionLeavesTheListOfQuestionsAsItIs(t *testing.T) {
	t.Parallel()
	console := mustOpen(t, mustStartTwo(t, byKind).URL+"/console.html?user=Matt")
	console.outcome("Matt")
	eval[any](console, `{
		window.subject = document.querySelector('[name="subject"]');
		window.offered = [...subject.options];
		subject.selectedIndex = 1;
		subject.dispatchEvent(new Event('change', { bubbles: true }));
		1;
	}`)
	console.until(`document.querySelector('[data-field="about"]').textContent.includes('shelf-order')`)
	console.until(`subject.selectedOptions[0].text === 'shelf-order'`)
	if !eval[bool](console, `offered.length === 2 && offered.every((option) => option.isConnected)`) {
		t.Error("the list was made anew")
	}
}

func TestTheConsoleSaysWhatItCannotExplain(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html?flag=no-such")
	console.sees("Revision 1 has no flag no-such.")
	must(t, console.Go(relay.URL+"/console.html?experiment=no-such"))
	console.sees("Revision 1 has no experiment no-such.")
}

func TestAnExplanationIsThereAsJSONWhereABrowserLetsNoPageCopy(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	const onPlainHTTP = `Object.defineProperty(navigator, 'clipboard', { value: undefined });`
	console := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/console.html?user=Matt", onPlainHTTP)
	want := console.outcome("Matt")
	must(t, console.Click("button", "Copy as JSON"))
	console.sees("Copy it from here")
	var told struct {
		Question struct{ Visitor string }
		Verdict  struct{ Variation string }
		Stations []struct{ Outcome string }
		Reasons  []string
	}
	must(t, json.Unmarshal([]byte(eval[string](console, `document.querySelector('.explanation-json').value`)), &told))
	if told.Question.Visitor != "Matt" || told.Verdict.Variation != want || len(told.Stations) != 1 || len(told.Reasons) == 0 {
		t.Errorf("Matt gets %s, but the JSON says %+v", want, told)
	}
}

func TestTheConsolesTabsGoByKeysAndByAddress(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	console := mustOpen(t, relay.URL+"/console.html#simulate")
	shown := func(name string) {
		t.Helper()
		console.until(fmt.Sprintf(`location.hash === '#%[1]s' && !document.querySelector('#panel-%[1]s').hidden
			&& document.querySelectorAll('[role="tabpanel"]:not([hidden])').length === 1
			&& document.querySelectorAll('[role="tab"][tabindex="0"]').length === 1
			&& document.activeElement.id === 'tab-%[1]s'`, name))
	}
	console.until(`!document.querySelector('#panel-simulate').hidden`)
	must(t, console.Press("tab", "Simulate", kb.ArrowLeft))
	shown("why")
	must(t, console.Press("tab", "Why", kb.End))
	last := eval[string](console, `document.querySelector('[role="tab"]:last-child').hash.slice(1)`)
	shown(last)
	must(t, console.Press("tab", "", kb.Home))
	shown("why")
}

func TestTheStoreLeadsToTheExplanationOfWhatItsVisitorSees(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	variation := store.enter("Matt & Joe")
	must(t, store.Go(eval[string](store, `document.querySelector('.variation-why').href`)))
	if got := store.outcome("Matt & Joe"); got != variation {
		t.Errorf("the console explains %s, the store showed %s", got, variation)
	}
	if device := eval[string](store, `document.querySelector('.attribute-key').value`); device != "device" {
		t.Errorf("the store's attribute is not taken along, but %q", device)
	}
}

// onDesktops is the demo's datafile whose experiment is for visitors at a desk.
func onDesktops(t *testing.T) string {
	t.Helper()
	project := demoWithAudience(t, "at a desk", "device", "exact", "desktop")
	project["experiments"].([]any)[0].(map[string]any)["audienceIds"] = []any{"90"}
	text, err := json.Marshal(project)
	must(t, err)
	return string(text)
}

func TestTheConsoleIsAskedAboutWhatTheStoreShowsWhateverLeadsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	relaytest.MustWrite(t, dir+"/desktops.json", onDesktops(t))
	relay := mustStart(t, process.Options{Args: []string{"--project", "demo=" + dir + "/desktops.json"}})
	b := mustBrowser(t)
	store := mustOpenInTrouble(t, b, relay.URL+"/", "")
	t.Cleanup(store.mustBeContent)
	variation := store.enter("Matt")
	asks := func(visitor, want string) {
		t.Helper()
		must(t, store.Click("link", "Console")) // which loads another page
		eventually(t, func() (bool, string) {
			is, err := browser.Eval[bool](store.Page, `location.pathname === '/console.html' && document.readyState === 'complete'`)
			return err == nil && is, "the link leads nowhere"
		})
		if got := store.outcome(visitor); got != want {
			t.Errorf("the console says that %s gets %s, the store showed %s", visitor, got, want)
		}
	}
	asks("Matt", variation)

	must(t, store.Go(relay.URL+`/?user=Joe&attributes={"device":"phone"}`))
	store.sees("Joe sees: our own order")
	asks("Joe", "no variation")

	other := map[string]string{"price": "category", "category": "price"}[variation]
	must(t, store.Go(relay.URL+`/?user=Matt&attributes={}&forced=`+other))
	store.sees("you chose this variation")
	asks("Matt", other)

	for _, path := range []string{`/?user=Matt&attributes={}&forced=` + other, "/results.html"} {
		must(t, store.Go(relay.URL+path))
		store.until(`document.querySelector('.js-to-console').search.includes('forced=')`)
		tab := mustOpenInTrouble(t, b, eval[string](store, `document.querySelector('.js-to-console').href`), "")
		if got := tab.outcome("Matt"); got != other {
			t.Errorf("in a tab of its own, opened on %s, the console says that Matt gets %s, the store showed %s", path, got, other)
		}
		tab.Close()
	}

	must(t, store.Go(relay.URL+"/console.html?user=Matt"))
	if got := store.outcome("Matt"); got != variation {
		t.Errorf("of a visitor named by the address the console says %s, not %s", got, variation)
	}
}
