package hub

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// channel is one project: its newest datafile, and the pages that follow it. Its lock makes "put the newest into a mailbox" and
// "this is the newest now" one step each, so an older datafile never overtakes a newer one.
type channel struct {
	notify       func(Update) *frame // makes what a page may be sent instead of the datafile; nil for nothing
	resultsDirty atomic.Bool
	results      *standing  // the newest, nil while there is none; pushResults' alone
	publishing   sync.Mutex // one at a time

	mu        sync.Mutex
	past      []Update // before the first edition
	newest    *edition // nil while there is none
	trouble   *frame   // nil while all is well
	followers map[*page]interests
}

// interests are the topics a page follows.
type interests struct{ datafile, results bool }

func followsDatafile(i interests) bool { return i.datafile }
func followsResults(i interests) bool  { return i.results }

func newChannel(notify func(Update) *frame) *channel {
	return &channel{notify: notify, followers: make(map[*page]interests)}
}

// publish gives a datafile to every page that follows it.
func (c *channel) publish(u Update, p *push) {
	c.publishing.Lock()
	defer c.publishing.Unlock()
	c.mu.Lock()
	previous, watched, past := c.newest, len(c.followers) > 0, c.past
	c.past = nil
	c.mu.Unlock()
	if previous != nil {
		past = slices.Concat(previous.before, []Update{previous.Update})
	}
	e := newEdition(u, past, c.notify(u))
	if previous != nil && watched {
		e.frame(previous.Hash, true).bytes(true) // nearly all pages will want this one: it is made before they are held up
	}
	due := c.put(followsDatafile, func(b *mailbox) {
		p.add()
		b.give(e, p)
	}, func() { c.newest = e })
	deliver(due)
	p.done()
}

func (c *channel) remember(u Update) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = append(c.past, u)
}

// report tells of a problem with the datafile, or of its end when the sentence is empty.
func (c *channel) report(sentence string) {
	news := newFrame(kindProblem, websocket.TextMessage, problemText(sentence))
	deliver(c.put(followsDatafile, func(b *mailbox) { b.frames[problem] = news }, func() {
		c.trouble = nil
		if sentence != "" {
			c.trouble = news
		}
	}))
}

// tellResults gives results to the pages that follow them. It is called by one at a time.
func (c *channel) tellResults(sdkKey string, r Results) {
	c.stand(sdkKey, r)
	deliver(c.put(followsResults, func(b *mailbox) { b.tell(c.results) }, func() {}))
}

// stand makes results the newest, unless they are.
func (c *channel) stand(sdkKey string, r Results) {
	if s := newStanding(sdkKey, r, c.results); !s.same(c.results) {
		c.results = s
	}
}

// put changes the channel and, in the same step, the mailboxes of those who follow something. It returns whose must be emptied.
func (c *channel) put(follow func(interests) bool, change func(*mailbox), also func()) (due []*page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	also()
	due = make([]*page, 0, len(c.followers))
	for p, interests := range c.followers {
		if follow(interests) && p.mailbox.put(change) {
			due = append(due, p)
		}
	}
	return due
}

var allWell = newFrame(kindProblem, websocket.TextMessage, problemText(""))

// wordOf is what a page hears before a datafile that may take long: what is wrong, or that nothing is.
func wordOf(trouble *frame) *frame { return cmp.Or(trouble, allWell) }

// follow adds a page. One that follows the datafile is answered with the newest at once, or as soon as there is one.
func (c *channel) follow(p *page, hello *message) {
	c.mu.Lock()
	c.followers[p] = interests{datafile: hello.wants(TopicDatafile), results: hello.wants(TopicResults)}
	newest, trouble := c.newest, c.trouble
	p.mailbox.changes = hello.Changes // nobody else knows the page yet
	mustEmpty := hello.wants(TopicDatafile) && p.mailbox.put(func(b *mailbox) {
		b.have, b.newest, b.notice, b.word = hello.has(), newest, hello.Notices, wordOf(trouble)
		b.frames[problem] = trouble
	})
	c.mu.Unlock()
	if mustEmpty {
		p.empty()
	}
}

func (c *channel) unfollow(p *page) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.followers, p)
}

// answer brings a page to the newest datafile from what it says it has. Where there is none the first will be the answer. A page that
// does not follow the datafile is only told which is the newest: its token may not open more.
func (c *channel) answer(p *page, m *message) {
	c.mu.Lock()
	newest, trouble := c.newest, c.trouble
	mayHave := c.followers[p].datafile
	mustEmpty := p.mailbox.put(func(b *mailbox) {
		b.have, b.newest, b.bytes, b.word = m.has(), newest, m.Type == typeResync, wordOf(trouble)
		switch {
		case newest == nil:
			b.frames[problem] = trouble
		case !mayHave:
			b.have = newest.Hash
		}
	})
	c.mu.Unlock()
	if mustEmpty {
		p.empty()
	}
}

// followed tells whether anyone follows the results.
func (c *channel) followed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, interests := range c.followers {
		if interests.results {
			return true
		}
	}
	return false
}
