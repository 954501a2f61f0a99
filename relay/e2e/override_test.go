package e2e

import (
	"fmt"
	"strings"
	"testing"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

func TestADecisionIsCheckedHereByTheRelayAndAtTheNextVisit(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.sees("checked 100 times here and by the relay")
	must(t, store.Reload())
	store.sees("checked 100 times here, at the last visit and by the relay")
}

func TestAnotherVariationByAnotherDatafileOfTheSameRevisionIsNoFault(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	store.until(facts + `.Variation === 'price'`)
	store.sees("checked 100 times here and by the relay")
	mustReplace(t, file, demoDatafile(t, "1", "category"))
	store.until(facts + `.Variation === 'category'`)
	store.sees("checked 100 times here and by the relay")
	must(t, store.Reload())
	store.sees("checked 100 times here, at the last visit and by the relay")
}

func TestAForcedVariationIsSeenAsSuchSendsNothingAndCanBeShared(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	decided := mustDecideNatively(t, "Matt")
	other := map[string]string{"price": "category", "category": "price"}[decided]
	store := mustOpen(t, relay.URL+"/?forced="+other)
	store.until(`!document.querySelector('main').textContent.includes('Engine loading')`)
	must(t, store.Type("textbox", "visitor", "Matt"))
	store.sees("you chose this variation")
	if got := store.variation(); got != other || store.order() != other {
		t.Errorf("Matt is in %s and the shelf by %s, though %s is forced", got, store.order(), other)
	}
	must(t, store.Click("button", "buy now"))
	store.sees("not recorded · you chose the variation")
	store.until(`/: not recorded, you chose the variation\.$/.test(document.querySelector('[role=status]').textContent)`)

	shared := mustOpen(t, eval[string](store, `location.href`))
	shared.sees("you chose this variation")
	if got := shared.variation(); got != other {
		t.Errorf("the shared link shows %s, not %s", got, other)
	}
	must(t, shared.Click("DisclosureTriangle", "look as somebody else"))
	must(t, shared.Click("button", "reset all"))
	shared.sees("checked 100 times")
	if got := shared.variation(); got != decided {
		t.Errorf("without the override Matt is in %s, not in %s", got, decided)
	}
	upstream.WaitEvents(t, 1) // the impression of the decision that was not forced
	if batches := upstream.Batches(); len(batches) != 1 || strings.Contains(batches[0].Raw, "item_purchase") {
		t.Errorf("what was forced was sent: %+v", batches)
	}
}

// follow clicks a link and waits until the page it leads to is there.
func (p *page) follow(link string) {
	p.t.Helper()
	eval[bool](p, `(window.isLeft = true)`)
	must(p.t, p.Click("link", link))
	eventually(p.t, func() (bool, string) {
		there, err := browser.Eval[bool](p.Page, `!window.isLeft && document.readyState === 'complete'`)
		return err == nil && there, "the link " + link + " leads nowhere"
	})
}

func TestTheWayBackToTheStoreKeepsWhatOneLooksAs(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	other := map[string]string{"price": "category", "category": "price"}[mustDecideNatively(t, "Matt")]
	store := mustOpenInTrouble(t, b, relay.URL+`/?user=Matt&forced=`+other+`&attributes={"plan":"gold"}`, "")
	for _, way := range [][]string{{"Results", "Store"}, {"Console", "Store"}, {"Results", "Console", "Attic"}, {"Store"}} {
		for _, link := range way {
			store.sees("Live")
			store.follow(link)
		}
		store.sees("you chose this variation")
		if got := eval[string](store, `new URLSearchParams(location.search).get('attributes')`); got != `{"plan":"gold"}` {
			t.Errorf("after the way %v the store is seen with the attributes %q", way, got)
		}
	}

	tab := mustOpenInTrouble(t, b, eval[string](store, `document.querySelector('.js-to-console').href`), "")
	tab.outcome("Matt")
	tab.follow("Store")
	tab.sees("you chose this variation")
	store.mustBeContent()
	tab.mustBeContent()
}

func TestALinkWithAVariationThatThereIsNotSaysSoAndSendsNothing(t *testing.T) {
	t.Parallel()
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	decided := mustDecideNatively(t, "Matt")
	store := mustOpen(t, relay.URL+"/?user=Matt&forced=zzz")
	store.sees("there is no variation zzz: nothing is sent, and nothing counted.")
	store.sees("no such variation")
	if got := store.variation(); got != decided {
		t.Errorf("Matt is in %s, not in %s", got, decided)
	}
	must(t, store.Click("button", "buy now"))
	store.sees("not recorded · you chose the variation")
	must(t, store.Click("DisclosureTriangle", "look as somebody else"))
	must(t, store.Click("button", "reset all"))
	store.sees("checked 100 times")
	upstream.WaitEvents(t, 1) // the impression of the decision that was not to be forced
	if batches := upstream.Batches(); len(batches) != 1 || strings.Count(batches[0].Raw, `"uuid"`) != 1 {
		t.Errorf("what was only looked at was sent: %+v", batches)
	}

	long := mustOpen(t, relay.URL+"/?user=Matt&forced="+strings.Repeat("z", 300))
	long.sees("there is no variation zzz")
	must(t, long.Resize(320, 800))
	long.until(browser.Still)
	if wide := eval[[]string](long, tooWide); len(wide) > 0 {
		t.Errorf("it scrolls sideways: %v", wide)
	}
}

func TestAttributesDecideAndGoWithTheEventsAndTheLink(t *testing.T) {
	t.Parallel()
	const hostile = `<img src=x onerror=alert(1)>`
	upstream := relaytest.NewEventAPI(t)
	relay := mustStart(t, process.Options{Args: []string{"--events-url", upstream.URL}})
	store := mustOpen(t, relay.URL+`/?user=Matt&attributes={"device":"`+hostile+`","age":30}`)
	store.sees("checked 100 times here and by the relay")
	store.sees("other attributes")
	if got := eval[string](store, `document.querySelector('.attribute-value').value`); got != hostile {
		t.Errorf("the attribute is shown as %q", got)
	}
	if got := eval[int](store, `document.querySelectorAll('img[src="x"]').length`); got != 0 {
		t.Error("an attribute's value became markup")
	}
	why := eval[string](store, `document.querySelector('.variation-why').href`)
	console := mustOpen(t, why)
	console.until(`[...document.querySelectorAll('.attribute-value')].some((input) => input.value === ` + quote(hostile) + `)`)
	upstream.WaitEvents(t, 1)
	if raw := upstream.Batches()[0].Raw; !strings.Contains(raw, "onerror") {
		t.Errorf("the impression does not have the attribute: %s", raw)
	}
}

func TestAnAttributeThatDoesNotCountSaysWhy(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	for _, address := range []string{"/?user=Matt", "/console.html?user=Matt"} {
		p := mustOpenInTrouble(t, b, relay.URL+address+`&attributes={"age":30,"plan":"gold"}`, "")
		p.until(`document.querySelectorAll('.attribute-row').length === 2`)
		eval[bool](p, `(document.querySelectorAll('main details').forEach((details) => { details.open = true; }), true)`)
		// described tells what a screen reader adds to a field that is wrong.
		described := func(field string, row int, want string) {
			t.Helper()
			p.until(fmt.Sprintf(`((field) => (field.getAttribute('aria-invalid') === 'true' ? document.getElementById(field.getAttribute('aria-describedby')).innerText : ''))(
				document.querySelectorAll('.attribute-row')[%d].querySelector('.attribute-%s')) === %s`, row, field, quote(want)))
		}
		must(t, p.Type("textbox", "Value", "abc"))
		described("value", 0, "This is no number: the attribute does not count.")
		must(t, p.Type("textbox", "Value", "31"))
		described("value", 0, "")
		must(t, p.Type("combobox", "Attribute", "plan"))
		described("key", 0, "The same attribute stands below: that one counts.")
		described("key", 1, "")
		p.until(`new URLSearchParams(location.search).get('attributes') === '{"plan":"gold"}'`)
		must(t, p.Type("combobox", "Attribute", "age"))
		described("key", 0, "")
		p.mustBeContent()
		p.Close()
	}
}

func TestALinkWhoseAttributesCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	b := mustBrowser(t)
	store := mustOpenInTrouble(t, b, relay.URL+"/?user=Matt&attributes=%7Bbad", "")
	store.sees("unreadable link")
	must(t, store.Click("DisclosureTriangle", "look as somebody else"))
	store.sees("The attributes in this link could not be read: these are the usual ones.")
	must(t, store.Click("button", "Add an attribute"))
	must(t, store.Type("combobox", "Attribute", "plan"))
	store.sees("other attributes")
	store.until(`!document.body.innerText.includes('this link')`)

	console := mustOpenInTrouble(t, b, relay.URL+"/console.html?user=Matt&attributes=%7Bbad", "")
	console.notice("The attributes in this link could not be read: these are the usual ones.")
	must(t, console.Click("button", "Random"))
	console.until(noNotice)
}
