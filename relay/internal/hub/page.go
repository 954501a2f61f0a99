package hub

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

const (
	// lingerTimeout is how long a page gets to answer our close frame before its connection is gone.
	lingerTimeout = time.Second
	// maxSilent is how many pings a page may leave unanswered.
	maxSilent = 2
	// maxFrames is how much a page may say between two pings: it asks twice a minute, and when it wakes up.
	maxFrames = 1000
)

// page is one connection. Whoever puts something into an empty mailbox empties it, as far as that needs no waiting; beyond that
// the page gets a goroutine for it. At rest there is one goroutine, which waits for what the page says.
type page struct {
	hub     *Hub
	conn    *websocket.Conn
	line    *line
	channel *channel     // nil before the hello
	beat    uint8        // where on the hub's wheel it is
	silent  atomic.Int32 // pings that were sent, without an answer
	frames  atomic.Int32 // since the last ping
	mailbox mailbox
}

func newPage(h *Hub, conn *websocket.Conn, l *line) *page {
	p := &page{hub: h, conn: conn, line: l}
	conn.SetPongHandler(func(string) error {
		p.heard()
		return p.count()
	})
	conn.SetPingHandler(func(payload string) error {
		pong := control(websocket.PongMessage, []byte(payload))
		p.put(func(b *mailbox) { b.pong = pong })
		p.heard()
		return p.count()
	})
	conn.SetCloseHandler(func(code int, _ string) error {
		if code == websocket.CloseNoStatusReceived {
			code = websocket.CloseNormalClosure
		}
		p.close(&closing{code: CloseCode(code)})
		return nil
	})
	return p
}

// greet waits for the page's hello, answers it, and leaves the conversation to a goroutine of its own.
func (p *page) greet() {
	if err := p.welcome(); err != nil {
		p.leave(err)
		return
	}
	go p.listen()
}

func (p *page) welcome() error {
	_ = p.conn.SetReadDeadline(time.Now().Add(p.hub.o.HelloTimeout))
	hello, err := p.next()
	if timeout(err) {
		return &closing{CloseNoHello, "no hello in time"}
	}
	if err == nil {
		err = hello.checkHello()
	}
	if err == nil {
		p.channel, err = p.hub.admit(hello)
	}
	if err != nil {
		return err
	}
	p.channel.follow(p, hello)
	if hello.wants(TopicResults) {
		p.hub.ResultsChanged(hello.SDKKey)
	}
	// From here on it is pings that tell whether the page is there; a close frame sets a deadline again.
	if p.mailbox.closed() {
		return nil
	}
	return p.conn.SetReadDeadline(time.Time{})
}

// listen waits for the page's next frame. Reading and answering it need a larger stack than waiting, and there are many pages that
// wait: so that is another goroutine's, and yet another one waits for the next frame.
func (p *page) listen() {
	p.line.await()
	go p.hear()
}

// hear answers the page's next frame.
func (p *page) hear() {
	if err := p.takeNext(); err != nil {
		p.leave(err)
		return
	}
	go p.listen()
}

func (p *page) takeNext() error {
	if p.line.takePong() {
		p.heard()
		return p.count()
	}
	m, err := p.next()
	if err == nil && m.Type == typeHello {
		err = badFrame("one hello is enough")
	}
	if err == nil {
		err = p.count()
	}
	if err == nil {
		p.channel.answer(p, m)
	}
	return err
}

// count counts a frame, and says when there are too many.
func (p *page) count() error {
	if p.frames.Add(1) > maxFrames {
		return badFrame("too many frames")
	}
	return nil
}

// admit finds the project a hello asks for.
func (h *Hub) admit(hello *message) (*channel, error) {
	c, ok := h.channels[hello.SDKKey]
	if !ok {
		return nil, &closing{CloseUnknownKey, "unknown sdkKey"}
	}
	for _, topic := range []string{TopicDatafile, TopicResults} {
		if hello.wants(topic) && !h.o.Admit(hello.SDKKey, topic, hello.Token) {
			return nil, &closing{CloseUnknownKey, "this token does not open the " + topic + " of this sdkKey"}
		}
	}
	return c, nil
}

// next reads the page's next frame. The limit holds for inflated bytes: a deflated frame of 64 KB can be 64 MB.
func (p *page) next() (*message, error) {
	kind, r, err := p.conn.NextReader()
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, PageFrameBytes+1))
	switch {
	case err != nil:
		return nil, err
	case len(text) > PageFrameBytes:
		return nil, &closing{CloseTooBig, "a frame may have 64 KB"}
	case kind != websocket.TextMessage:
		return nil, badFrame("frames of a page are text")
	}
	p.heard()
	return parse(text)
}

// heard notes that the page is there.
func (p *page) heard() { p.silent.Store(0) }

// put changes the mailbox and empties it if nobody does.
func (p *page) put(change func(*mailbox)) {
	if p.mailbox.put(change) {
		p.empty()
	}
}

// close ends the page with a close frame after whatever the mailbox still holds. Only the first close counts.
func (p *page) close(reason *closing) {
	p.put(func(b *mailbox) { b.last = reason })
}

// empty writes what the mailbox holds and never waits: a page that does not take a frame at once gets a goroutine that does.
func (p *page) empty() {
	for {
		l, ok := p.mailbox.take()
		if !ok {
			return
		}
		if l.frame == pingFrame {
			p.silent.Add(1) // not before: a page that reads a large frame has not heard what waits behind it
		}
		data := l.frame.bytes(p.line.deflates)
		n, err := 0, error(nil)
		if len(data) <= atOnce {
			n, err = p.line.try(data)
		}
		if err == nil && n < len(data) {
			go p.wait(l, data, n) // the page is held until its last write
			return
		}
		if !p.written(l, err) {
			return
		}
	}
}

// wait writes the rest of a frame, after its first n bytes, for as long as the page takes some of it.
func (p *page) wait(l letter, data []byte, n int) {
	if p.written(l, p.line.send(data[n:], p.hub.turns)) {
		p.empty()
	}
}

// written settles a letter and tells whether others may follow.
func (p *page) written(l letter, err error) bool {
	defer l.push.done()
	switch {
	case err != nil:
		p.lose(err)
		return false
	case l.last:
		// A page that does not answer the close frame is not waited for.
		_ = p.line.SetReadDeadline(time.Now().Add(lingerTimeout))
		p.mailbox.end()
	}
	p.hub.numbers.sent(l.frame, p.line.deflates)
	return !l.last
}

// lose gives up a page that cannot be written to: half a frame may be on the line, so no close frame can follow.
func (p *page) lose(err error) {
	if timeout(err) {
		p.hub.numbers.slow.Add(1)
		p.hub.o.Logger.Info("closed a slow page", "code", int(CloseTooSlow))
	}
	p.mailbox.abandon()
	_ = p.line.Close()
}

// leave ends the page's conversation, for a reason that is never nil.
func (p *page) leave(reason error) {
	if p.channel != nil {
		p.channel.unfollow(p)
	}
	p.close(p.farewell(reason))
	p.linger()
	p.hub.forget(p)
}

// farewell makes a close frame of the reason why a conversation ended.
func (p *page) farewell(reason error) *closing {
	var last *closing
	switch broken := p.line.farewell; {
	case errors.As(reason, &last):
		return last
	case len(broken) >= 4: // a frame of the library's: two bytes of header, then code and reason
		return &closing{CloseCode(binary.BigEndian.Uint16(broken[2:])), string(broken[4:])}
	}
	// The peer is gone; if it is there after all, it may come back.
	return &closing{websocket.CloseGoingAway, "connection lost"}
}

// linger waits for the last write, and then a moment for the page to close its end: closing ours while bytes of the page
// are unread would reset the connection, and the page might never see the close frame.
func (p *page) linger() {
	<-p.mailbox.ended()
	p.line.closeWrite()
	_ = p.line.SetReadDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.Copy(io.Discard, p.line.Conn)
	_ = p.line.Close()
}

func timeout(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}
