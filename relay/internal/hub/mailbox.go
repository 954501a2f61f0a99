package hub

import (
	"sync"

	"github.com/gorilla/websocket"
)

// slot is a place in a mailbox. The slots are emptied in this order.
type slot int

const (
	datafile slot = iota
	problem
	results
	drain
	slots
)

// frame is one message, encoded and compressed once for all pages that get it.
type frame struct {
	prepared *websocket.PreparedMessage
	size     int
}

// compressFrom is the size from which a frame is worth inflating at the other end.
const compressFrom = 512

func newFrame(kind int, data []byte) *frame {
	// The only error is that of writing a frame of an unknown kind.
	prepared, err := websocket.NewPreparedMessage(kind, data)
	if err != nil {
		panic("hub: " + err.Error())
	}
	return &frame{prepared, len(data)}
}

// mailbox is what one page is still to be sent: of each kind the newest only, so it is bounded whatever the page does.
type mailbox struct {
	mu     sync.Mutex
	frames [slots]*frame
	ping   bool
	pong   []byte   // the payload of a ping to answer
	last   *closing // when set, the close frame goes out after the rest and nothing is taken any more
	busy   bool     // someone is emptying the box
}

// put changes the box's content and tells whether its owner must now empty it.
func (b *mailbox) put(change func(*mailbox)) (empty bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != nil {
		return false
	}
	change(b)
	empty = !b.busy
	b.busy = true
	return empty
}

// letter is one thing to write.
type letter struct {
	frame   *frame // nil for a control frame
	control int
	payload []byte
}

// take returns what to write next; false means that the box is empty and nobody's to empty any more.
func (b *mailbox) take() (letter, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, f := range b.frames {
		if f != nil {
			b.frames[i] = nil
			return letter{frame: f}, true
		}
	}
	switch {
	case b.pong != nil:
		payload := b.pong
		b.pong = nil
		return letter{control: websocket.PongMessage, payload: payload}, true
	case b.ping:
		b.ping = false
		return letter{control: websocket.PingMessage}, true
	case b.last != nil && b.busy:
		b.busy = false
		payload := websocket.FormatCloseMessage(int(b.last.code), b.last.reason)
		return letter{control: websocket.CloseMessage, payload: payload}, true
	}
	b.busy = false
	return letter{}, false
}

// closed tells whether the box takes nothing any more.
func (b *mailbox) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last != nil
}

// abandon throws the content away and takes nothing any more.
func (b *mailbox) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frames = [slots]*frame{}
	b.last = &closing{code: CloseTooSlow}
}
