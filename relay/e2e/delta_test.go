package e2e

import (
	"path/filepath"
	"testing"

	"sortition/relay/e2e/internal/process"
)

// listening makes the page's websockets keep the header of each frame, with its size, in frames, and what the page sends in sent. While
// mangled is true a delta's bytes are turned round on their way.
const listening = `
globalThis.frames = []; globalThis.sent = []; globalThis.mangled = false;
globalThis.WebSocket = class extends WebSocket {
	set onmessage(hear) {
		super.onmessage = hear && ((event) => {
			const { data } = event;
			const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
			const header = JSON.parse(text.split('\n')[0]);
			frames.push({ ...header, size: data.byteLength ?? data.length });
			const turned = mangled && header.type === 'delta';
			hear(turned ? { data: new Uint8Array([...new TextEncoder().encode(text.split('\n')[0] + '\n'), 7, 7, 7]).buffer } : event);
		});
	}
	send(text) {
		sent.push(JSON.parse(text).type);
		super.send(text);
	}
};`

func TestAChangeComesAsADelta(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	relay := mustStart(t, process.Options{DataDir: data})
	file := filepath.Join(data, "demo.json")
	mustReplace(t, file, demoDatafile(t, "100", "price"))
	eventually(t, func() (bool, string) { return servesRevision(t, relay, "100"), "revision 100 is not served" })
	store := mustOpenInTrouble(t, mustBrowser(t), relay.URL+"/", listening)
	store.enter("Matt")
	markAsNotReloaded(store)
	datafile := eval[int](store, `frames.find(({ type }) => type === 'datafile').size`)

	mustReplace(t, file, demoDatafile(t, "101", "category"))
	store.until(facts + `.Variation === 'category'`)
	if size := eval[int](store, `frames.find(({ type, revision }) => type === 'delta' && revision === '101')?.size ?? 0`); size == 0 || size > datafile/4 {
		t.Errorf("a change of a datafile of %d bytes came as %d bytes, or as no delta at all", datafile, size)
	}

	eval[bool](store, `globalThis.mangled = true`)
	mustReplace(t, file, demoDatafile(t, "102", "price"))
	store.until(facts + `.Variation === 'price'`)
	if asked := eval[bool](store, `sent.includes('resync') && frames.at(-1).type === 'datafile'`); !asked {
		t.Errorf("after a broken delta the page sent %v and heard %v", eval[[]string](store, `sent`), eval[[]any](store, `frames`))
	}
	mustNotHaveReloaded(store)
}
