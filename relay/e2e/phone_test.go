package e2e

import (
	"testing"

	"sortition/relay/e2e/internal/process"
)

const (
	// headerRows is in how many rows the header's parts stand.
	headerRows = `[...document.querySelectorAll('.site-header > :not([popover])')].map((part) => part.getBoundingClientRect())
		.sort((a, b) => a.top - b.top).reduce(({ rows, below }, { top, bottom }) => top >= below
			? { rows: rows + 1, below: bottom } : { rows, below: Math.max(below, bottom) }, { rows: 0, below: -Infinity }).rows`
	// stateIsCut is whether something is missing of the word for the connection's state.
	stateIsCut = `(() => {
		const words = document.querySelector('.connection-words').getBoundingClientRect();
		const word = document.createRange();
		word.selectNodeContents(document.querySelector('[data-field="status"]').firstChild);
		const { left, right, top, bottom } = word.getBoundingClientRect();
		return left < words.left || right > words.right || top < words.top - 1 || bottom > words.bottom + 1;
	})()`
)

func TestTheHeaderTakesTwoRowsOfAPhoneWhateverTheConnectionSays(t *testing.T) {
	n := mustNetwork(t, mustStart(t, process.Options{}))
	store := mustOpenInTrouble(t, mustBrowser(t), n.URL+"/", "")
	look := func(state string) {
		t.Helper()
		for _, width := range []int64{360, 378, 390, 412} {
			must(t, store.Resize(width, 800))
			if rows := eval[int](store, headerRows); rows != 2 {
				t.Errorf("%s, %d px wide: the header takes %d rows", state, width, rows)
			}
			if eval[bool](store, stateIsCut) {
				t.Errorf("%s, %d px wide: the state is cut", state, width)
			}
			if wide := eval[[]string](store, tooWide); len(wide) > 0 {
				t.Errorf("%s, %d px wide: it scrolls sideways: %v", state, width, wide)
			}
		}
	}
	store.chip("Live, revision 1")
	look("live")
	n.cut()
	store.until(`document.querySelector('[data-status="reconnecting"] [data-retry]')`)
	look("reconnecting")
}
