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
