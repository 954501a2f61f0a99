package hub

import (
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// channel is one project: its newest datafile as frames, and the pages that follow it. Its lock makes "put the newest into a
// mailbox" and "this is the newest now" one step each, so an older datafile never overtakes a newer one.
type channel struct {
	resultsDirty atomic.Bool

	mu        sync.Mutex
	hash      string // of the newest; empty while there is none
	whole     *frame
	current   *frame
	trouble   *frame // nil while all is well
	followers map[*page]interests
}

// interests are the topics a page follows.
type interests struct{ datafile, results bool }

// in tells whether a page with these interests gets what goes into a slot.
func (i interests) in(s slot) bool {
	if s == results {
		return i.results
	}
	return i.datafile
}

func newChannel() *channel {
	return &channel{followers: make(map[*page]interests)}
}

func (c *channel) publish(u Update) {
	whole := newFrame(websocket.BinaryMessage, datafileBinary(u))
	current := newFrame(websocket.TextMessage, currentText(u))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hash, c.whole, c.current = u.Hash, whole, current
	c.sendLocked(datafile, whole)
}

// report tells of a problem with the datafile, or of its end when the sentence is empty.
func (c *channel) report(sentence string) {
	news := newFrame(websocket.TextMessage, problemText(sentence))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.trouble = nil
	if sentence != "" {
		c.trouble = news
	}
	c.sendLocked(problem, news)
}

// follow adds a page. One that follows the datafile is answered with the newest at once, or as soon as there is one.
func (c *channel) follow(p *page, hello *message) {
	follows := interests{datafile: hello.wants(TopicDatafile), results: hello.wants(TopicResults)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.followers[p] = follows
	if !follows.datafile {
		return
	}
	c.answerLocked(p, hello)
	if c.trouble != nil {
		p.send(problem, c.trouble)
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
	case c.hash == "" && c.trouble == nil:
		// The first datafile will be the answer.
	case c.hash == "":
		p.send(problem, c.trouble)
	case m.Type != typeResync && m.has(c.hash):
		p.send(datafile, c.current)
	default:
		p.send(datafile, c.whole)
	}
}

func (c *channel) send(s slot, f *frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sendLocked(s, f)
}

func (c *channel) sendLocked(s slot, f *frame) {
	for p, follows := range c.followers {
		if follows.in(s) {
			p.send(s, f)
		}
	}
}

// followed tells whether anyone would get what goes into a slot.
func (c *channel) followed(s slot) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, follows := range c.followers {
		if follows.in(s) {
			return true
		}
	}
	return false
}
