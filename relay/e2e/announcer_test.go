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

// noBreath has whatever waits for seconds wait for ever, as news after others do.
const noBreath = `
	const later = globalThis.setTimeout;
	globalThis.setTimeout = (call, ms, ...more) => ms > 100 && ms <= 5000 ? 0 : later(call, ms, ...more);`

func TestWhatAVisitorAsksForIsSaidAtOnceAfterOtherNews(t *testing.T) {
	t.Parallel()
	relay := mustStart(t, process.Options{})
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/", noBreath)
	for _, visitor := range []string{"Matt", "Ann"} {
		store.enter(visitor)
		store.until(`document.querySelector('[role=status]').textContent.startsWith(` + quote(visitor+" sees: ") + `)`)
	}
}
