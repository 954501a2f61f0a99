package e2e

import (
	"testing"

	"sortition/relay/e2e/internal/process"
)

func TestWhatIsSaidCloseTogetherIsAllHeard(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	eval[bool](store, `(globalThis.heard = [], new MutationObserver(([{ target }]) => heard.push(target.textContent))
		.observe(document.querySelector('[role=status]'), { childList: true }), true)`)
	store.enter("Matt")
	for i := range 2 {
		eval[bool](store, `(document.querySelectorAll('.js-shelf-items button')[`+quote(i)+`].click(), true)`)
	}
	store.until(`/Matt sees: sorted by ` + mustDecideNatively(t, "Matt") + `\. (.+: bought, and safe with the relay\. ?){2}$/.test(heard.join(' '))`)
}

func TestWhatAVisitorAsksForIsSaidAtOnceAfterOtherNews(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpen(t, relay.URL+"/")
	eval[bool](store, `(globalThis.asked = 0, globalThis.heard = [], new MutationObserver(([{ target }]) => heard.push([target.textContent, performance.now()]))
		.observe(document.querySelector('[role=status]'), { childList: true }), addEventListener('keydown', () => { asked = performance.now(); }), true)`)
	for _, visitor := range []string{"Matt", "Ann"} {
		store.enter(visitor)
		store.until(`heard.at(-1)?.[0].startsWith(` + quote(visitor+" sees: ") + `)`)
		if waited := eval[float64](store, `heard.at(-1)[1] - asked`); waited > 2500 {
			t.Errorf("what %s sees was said after %.0f ms", visitor, waited)
		}
	}
}
