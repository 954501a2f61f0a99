package e2e

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"sortition/relay/e2e/internal/browser"
	"sortition/relay/e2e/internal/process"
	"sortition/relay/internal/relaytest"
)

// outlined is what the tour speaks of, when one sees it: marked, and inside the window.
const outlined = `((e) => {
	const { top, height } = e?.getBoundingClientRect() ?? {};
	return e && getComputedStyle(e).outlineStyle === 'solid' && top >= 0 && top < innerHeight && height > 0;
})(document.querySelector('.tour-target'))`

// mustBeAtStep waits until the tour is at a step, and until what the step speaks of has come to rest in sight.
func (p *page) mustBeAtStep(step int) {
	p.t.Helper()
	p.sees(fmt.Sprintf("step %d of 5", step))
	p.until(outlined)
}

func TestTheTourIsTakenByKeysAloneAndRemembered(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	store.chip("Live, revision 1")
	must(t, store.Press("button", "Take the tour", kb.Enter))
	store.until(focused + ` === 'Next'`)
	for step := 1; step < 5; step++ {
		store.mustBeAtStep(step)
		must(t, store.Keys(kb.Enter))
	}
	store.mustBeAtStep(5)
	guide := eval[string](store, `document.querySelector('.tour-words a').href`)
	if answer := relaytest.MustDo(t, http.MethodGet, guide, "", nil); answer.Status != http.StatusOK {
		t.Errorf("the last step's link %s answers %d", guide, answer.Status)
	}
	must(t, store.Press("button", "Back", kb.Enter))
	store.mustBeAtStep(4)
	must(t, store.Keys(kb.Escape))
	store.until(`!document.querySelector('.tour, .tour-target')`)
	store.until(focused + ` === 'Take the tour again'`)

	must(t, store.Reload())
	store.until(`document.querySelector('.js-tour').textContent === 'Take the tour again' && !document.querySelector('.tour')`)
	must(t, store.Click("button", "Take the tour again"))
	store.mustBeAtStep(1)
	must(t, store.Click("button", "Skip"))
	store.until(focused + ` === 'Take the tour again'`)
}

func TestTheStoreIsInUseDuringTheTourAndEscapeEndsItFromThere(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	must(t, store.Click("button", "Take the tour"))
	store.mustBeAtStep(1)
	store.enter("Matt")
	store.mustBeAtStep(1)
	must(t, store.Press("textbox", "visitor", kb.Escape))
	store.until(focused + ` === 'Take the tour again'`)
}

func TestTheTourIsAccessibleInBothThemesOnADeskAndOnAPhone(t *testing.T) {
	t.Parallel()
	axe := relaytest.MustRead(t, "node_modules/axe-core/axe.min.js")
	relay := mustStart(t, process.Options{})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/?user=Matt", axe)
	store.sees("Matt sees: sorted by")
	for _, width := range []int64{1280, 320} {
		must(t, store.Resize(width, 900))
		must(t, store.Click("button", "Take the tour"))
		for step := 1; step <= 5; step++ {
			for _, dark := range []bool{false, true} {
				must(t, store.SetDark(dark))
				store.mustBeAtStep(step)
				store.until(browser.Still)
				for _, offence := range store.offences() {
					t.Errorf("step %d, %d px wide, dark %t: %s", step, width, dark, offence)
				}
			}
			if wide := eval[[]string](store, tooWide); len(wide) > 0 {
				t.Errorf("step %d, %d px wide, it scrolls sideways: %v", step, width, wide)
			}
			must(t, store.Click("button", map[bool]string{true: "Next", false: "Done"}[step < 5]))
		}
	}
	store.mustBeContent()
}

func TestTheTourStaysWithItsTargetWhenThePhoneIsTurned(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/?user=Matt")
	store.sees("Matt sees: sorted by")
	must(t, store.Resize(390, 844))
	must(t, store.Click("button", "Take the tour"))
	for range 2 {
		must(t, store.Click("button", "Next"))
	}
	store.mustBeAtStep(3)
	const atTop = `(({ top }) => top >= 0 && top < 60)(document.querySelector('.tour-target').getBoundingClientRect())`
	store.until(atTop)
	for _, size := range [][2]int64{{844, 390}, {320, 640}, {1280, 800}} {
		must(t, store.Resize(size[0], size[1]))
		store.until(`innerWidth === ` + quote(size[0]) + ` && ` + atTop)
	}
	eval[bool](store, `(scrollTo({ top: 0, behavior: 'instant' }), true)`)
	must(t, store.Resize(1280, 700))
	store.until(`innerHeight === 700`)
	if at := eval[float64](store, `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(scrollY))))`); at != 0 {
		t.Errorf("who had scrolled away is taken back to %v when the window's height changes", at)
	}
}

// apart tells, in JavaScript, whether two elements do not touch, the first with the line that is drawn around it.
const apart = `((a, b) => {
	const { outlineOffset, outlineWidth } = getComputedStyle(a);
	const [{ top, bottom }, other] = [a.getBoundingClientRect(), b.getBoundingClientRect()];
	const reach = parseFloat(outlineOffset) + parseFloat(outlineWidth);
	return bottom + reach <= other.top || other.bottom <= top - reach;
})`

func TestTheToursLineAndItsSheetTouchNothingOnAPhone(t *testing.T) {
	t.Parallel()
	n, file := mustStartDemo(t, "1", "price")
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/?user=Matt", "")
	must(t, store.Resize(390, 844))
	store.sees("Matt sees: sorted by")
	must(t, store.Click("button", "Take the tour"))
	must(t, store.Click("button", "Next"))
	store.mustBeAtStep(2)
	for _, other := range []string{".tape", ".item-card"} {
		if !eval[bool](store, apart+`(document.querySelector('.tour-target'), document.querySelector('`+other+`'))`) {
			t.Errorf("the line around the shelf's head touches the %s", other)
		}
	}
	const sheet = `(({ left, right, bottom }) => [left, innerWidth - right, innerHeight - bottom])(document.querySelector('.tour').getBoundingClientRect())`
	if beside := eval[[]float64](store, sheet); beside[0] != 0 || beside[1] != 0 || beside[2] != 0 {
		t.Errorf("beside the sheet and below it the page shows through: %v", beside)
	}
	mustReplace(t, file, demoDatafile(t, "2", "category"))
	store.sees("Revision 1 → 2")
	store.until(browser.Still)
	if !eval[bool](store, apart+`(document.querySelector('.toast'), document.querySelector('.tour'))`) {
		t.Error("the tour hides what the change of the experiment says")
	}
}
