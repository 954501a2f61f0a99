package hub

import (
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// channel is one project: its newest datafile as frames, and the pages that follow its topics. Its lock makes "put the
// newest into a mailbox" and "this is the newest now" one step each, so an older datafile never overtakes a newer one.
type channel struct {
	resultsDirty atomic.Bool

	mu        sync.Mutex
	hash      string // of the newest; empty while there is none
	whole     *frame
	current   *frame
	followers map[*page][topics]bool
}

func newChannel() *channel {
	return &channel{followers: make(map[*page][topics]bool)}
}

func (c *channel) publish(u Update) {
	whole := newFrame(websocket.BinaryMessage, datafileBinary(u))
	current := newFrame(websocket.TextMessage, currentText(u))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hash, c.whole, c.current = u.Hash, whole, current
	c.sendLocked(datafile, whole)
}

// follow adds a page. One that follows the datafile is answered with the newest at once, or as soon as there is one.
func (c *channel) follow(p *page, hello *message) {
	follows := [topics]bool{datafile: hello.wants(TopicDatafile), results: hello.wants(TopicResults)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.followers[p] = follows
	if follows[datafile] {
		c.answerLocked(p, hello)
	}
}

func (c *channel) unfollow(p *page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.followers, p)
}

// answer sends the newest datafile, or current when the page already has it.
func (c *channel) answer(p *page, m *message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answerLocked(p, m)
}

func (c *channel) answerLocked(p *page, m *message) {
	switch {
	case c.hash == "":
	case m.Type != typeResync && m.has(c.hash):
		p.send(datafile, c.current)
	default:
		p.send(datafile, c.whole)
	}
}

func (c *channel) send(t topic, f *frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sendLocked(t, f)
}

func (c *channel) sendLocked(t topic, f *frame) {
	for p, follows := range c.followers {
		if follows[t] {
			p.send(slot(t), f)
		}
	}
}

// followed tells whether anyone would get what is sent to a topic.
func (c *channel) followed(t topic) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, follows := range c.followers {
		if follows[t] {
			return true
		}
	}
	return false
}
