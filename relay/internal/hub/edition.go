package hub

import (
	"sync"

	"github.com/gorilla/websocket"

	"sortition/wasm/engine/delta"
)

// How many datafiles before the newest are kept, to make deltas from, and how many bytes of them.
const (
	historyLength = 16
	historyBytes  = 32 << 20
)

// edition is a datafile as frames, made when the first page needs them: the whole, and deltas from what pages may have.
type edition struct {
	Update
	before  []Update // the newest last
	whole   func() *frame
	current *frame
	notice  *frame // nil where pages are sent the bytes

	mu     sync.Mutex
	deltas map[string]func() *frame // by the hash they start from
}

// newEdition makes the edition that follows others, the newest of them last.
func newEdition(u Update, before []Update, notice *frame) *edition {
	e := &edition{Update: u, before: recent(before, u.Hash), notice: notice, deltas: make(map[string]func() *frame)}
	e.whole = sync.OnceValue(func() *frame { return newFrame(kindDatafile, websocket.BinaryMessage, datafileBinary(u)) })
	e.current = newFrame(kindCurrent, websocket.TextMessage, currentText(u))
	return e
}

// recent returns the last of some updates that are worth keeping beside one of the given hash.
func recent(updates []Update, hash string) (kept []Update) {
	size, from := 0, len(updates)
	for from > 0 && len(updates)-from < historyLength && size+len(updates[from-1].Datafile) <= historyBytes {
		from--
		size += len(updates[from].Datafile)
	}
	for _, u := range updates[from:] {
		if u.Hash != hash {
			kept = append(kept, u)
		}
	}
	return kept
}

// frame brings a page that has the datafile of a hash to this one: by a notice, if the page can take that and there is one.
func (e *edition) frame(have string, notices bool) *frame {
	if have == e.Hash {
		return e.current
	}
	if notices && e.notice != nil {
		return e.notice
	}
	for _, u := range e.before {
		if u.Hash == have {
			return e.delta(u)()
		}
	}
	return e.whole()
}

// delta returns what makes the delta from an earlier datafile. Whoever asks for it while it is made waits.
func (e *edition) delta(from Update) func() *frame {
	e.mu.Lock()
	defer e.mu.Unlock()
	made, ok := e.deltas[from.Hash]
	if !ok {
		made = sync.OnceValue(func() *frame {
			change := delta.Make(from.Datafile, e.Datafile)
			if len(change) > len(e.Datafile)/2 {
				return e.whole() // which compresses better
			}
			return newFrame(kindDelta, websocket.BinaryMessage, deltaBinary(e.Update, from.Hash, change))
		})
		e.deltas[from.Hash] = made
	}
	return made
}
