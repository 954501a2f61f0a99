package hub

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// lingerTimeout is how long a page gets to answer our close frame before its connection is gone.
const lingerTimeout = time.Second

// page is one connection. Its reader leads the conversation; whoever puts something into an empty mailbox starts the one
// goroutine that empties it.
type page struct {
	hub     *Hub
	conn    *websocket.Conn
	beat    uint8 // which of the hub's beats pings it
	mailbox mailbox
	sent    chan struct{} // closed when nothing more will be written
}

func newPage(h *Hub, conn *websocket.Conn) *page {
	p := &page{hub: h, conn: conn, beat: uint8(rand.N(beats)), sent: make(chan struct{})}
	_ = conn.SetCompressionLevel(6)
	conn.SetPingHandler(func(payload string) error {
		p.put(func(b *mailbox) { b.pong = []byte(payload) })
		return nil
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

// read leads the conversation from hello to close.
func (p *page) read() {
	defer p.hub.leave(p)
	p.close(p.converse())
	p.linger()
}

// refuse closes a page that was never let in, on the caller's goroutine: the hub may be about to end.
func (p *page) refuse(reason *closing) {
	p.mailbox.put(func(b *mailbox) { b.last = reason })
	p.empty()
	p.linger()
}

// converse returns why the conversation ended, never nil.
func (p *page) converse() error {
	_ = p.conn.SetReadDeadline(time.Now().Add(p.hub.o.HelloTimeout))
	hello, err := p.next()
	if timeout(err) {
		return &closing{CloseNoHello, "no hello in time"}
	}
	if err == nil {
		err = hello.checkHello()
	}
	if err != nil {
		return err
	}
	c, err := p.hub.admit(hello)
	if err != nil {
		return err
	}
	c.follow(p, hello)
	defer c.unfollow(p)
	if hello.wants(TopicResults) {
		p.hub.ResultsChanged(hello.SDKKey)
	}
	return p.answer(c)
}

// answer answers the page's questions until it leaves. Only from here on do pongs prolong its life: browsers answer pings
// by themselves, and would never run out of time to say hello.
func (p *page) answer(c *channel) error {
	p.conn.SetPongHandler(func(string) error { return p.alive() })
	for {
		if err := p.alive(); err != nil {
			return err
		}
		m, err := p.next()
		if err != nil {
			return err
		}
		if m.Type == typeHello {
			return badFrame("one hello is enough")
		}
		c.answer(p, m)
	}
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
	return parse(text)
}

// alive gives the page until two and a half pings from now.
func (p *page) alive() error {
	if p.mailbox.closed() {
		return nil
	}
	return p.conn.SetReadDeadline(time.Now().Add(p.hub.o.PingInterval * 5 / 2))
}

// send puts a frame into the mailbox, in place of one that was not sent yet. It never blocks.
func (p *page) send(s slot, f *frame) {
	p.put(func(b *mailbox) { b.frames[s] = f })
}

func (p *page) ping() {
	p.put(func(b *mailbox) { b.ping = true })
}

// close ends the page with a close frame after whatever the mailbox still holds. Only the first close counts.
func (p *page) close(reason error) {
	var last *closing
	if !errors.As(reason, &last) {
		// The peer is gone, or silent for too long; if it is there after all, it may come back.
		last = &closing{websocket.CloseGoingAway, "connection lost"}
	}
	p.put(func(b *mailbox) { b.last = last })
}

func (p *page) put(change func(*mailbox)) {
	if p.mailbox.put(change) {
		p.hub.running.Go(p.empty)
	}
}

// empty writes what the mailbox holds until it holds nothing.
func (p *page) empty() {
	for {
		l, ok := p.mailbox.take()
		if !ok {
			return
		}
		err := p.write(l)
		switch {
		case l.control == websocket.CloseMessage || errors.Is(err, websocket.ErrCloseSent):
			// A page that does not answer the close frame is not waited for.
			_ = p.conn.NetConn().SetReadDeadline(time.Now().Add(lingerTimeout))
			close(p.sent)
			return
		case err != nil:
			p.lose(err)
			return
		}
	}
}

func (p *page) write(l letter) error {
	if l.frame == nil {
		return p.conn.WriteControl(l.control, l.payload, time.Time{}) // the connection has its own deadline
	}
	p.conn.EnableWriteCompression(l.frame.size >= compressFrom)
	return p.conn.WritePreparedMessage(l.frame.prepared)
}

// lose gives up a page that cannot be written to: half a frame may be on the line, so no close frame can follow.
func (p *page) lose(err error) {
	if timeout(err) {
		p.hub.o.Logger.Info("closed a slow page", "code", int(CloseTooSlow))
	}
	p.mailbox.abandon()
	close(p.sent)
	_ = p.conn.Close()
}

// linger waits for the last write, and then a moment for the page to close its end: closing ours while bytes of the page
// are unread would reset the connection, and the page might never see the close frame.
func (p *page) linger() {
	<-p.sent
	conn := p.conn.NetConn()
	if half, ok := conn.(*patientConn); ok {
		_ = half.CloseWrite()
	}
	_ = conn.SetReadDeadline(time.Now().Add(lingerTimeout))
	_, _ = io.Copy(io.Discard, conn)
	_ = conn.Close()
}

func timeout(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) && netErr.Timeout()
}
