package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// shyPage has a button that moves away from the first click.
const shyPage = `<!doctype html><link rel="icon" href="data:,"><title>shy</title><button>Buy</button><script>
	const button = document.querySelector('button');
	addEventListener('pointerdown', () => { button.style.marginLeft = '300px'; }, { capture: true });
	button.addEventListener('click', () => { document.title = 'bought'; });
</script>`

func TestAClickThatMissesWhatHasMovedIsMadeAgain(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, shyPage) }))
	t.Cleanup(server.Close)
	page := mustOpen(t, server.URL)
	must(t, page.Click("button", "Buy"))
	page.until(`document.title === 'bought'`)
}
