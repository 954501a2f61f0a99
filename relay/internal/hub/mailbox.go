package hub

import "sync"

// slot is a place in a mailbox for a frame. The slots are emptied in this order, after the datafile and the results.
type slot int

const (
	problem slot = iota
	drain
	slots
)

// mailbox is what one page is still to be sent: of each kind the newest only, so it is bounded whatever the page does. Which frame
// brings the newest datafile, or the newest results, is settled when it is written, by what the page has then.
type mailbox struct {
	mu     sync.Mutex
	have   string   // hash of the datafile the page has, as far as is known
	newest *edition // to be sent
	notice bool     // a notice of it will do, unless
	bytes  bool     // the page has asked for the datafile itself
	push   *push    // that brought it, if one did
	word   *frame   // the page waits for an answer, and gets this before one that may take long
	behind letter   // what follows that word, once it is taken

	results *standing // to be sent
	stands  uint64    // the number of the standing the page has; 0: none
	changes bool      // what has changed since will do

	frames [slots]*frame
	ping   bool
	pong   *frame        // answers a ping
	last   *closing      // when set, the close frame goes out after the rest and nothing is taken any more
	busy   bool          // someone is emptying the box
	shut   bool          // nothing will be written any more
	sent   chan struct{} // if someone waits for that
}

// put changes the box's content and tells whether its owner must now empty it.
func (b *mailbox) put(change func(*mailbox)) (mustEmpty bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != nil || b.shut {
		return false
	}
	change(b)
	mustEmpty = !b.busy
	b.busy = true
	return mustEmpty
}

// letter is one thing to write.
type letter struct {
	frame *frame
	push  *push // that it belongs to, if it does
	last  bool  // nothing follows
}

// take returns what to write next; false means that the box is empty and nobody's to empty any more.
func (b *mailbox) take() (letter, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.behind; l.frame != nil {
		b.behind = letter{}
		return l, true
	}
	if e := b.newest; e != nil {
		return b.takeDatafile(e), true
	}
	if s := b.results; s != nil {
		return b.takeResults(s), true
	}
	for i, f := range b.frames {
		if f != nil {
			b.frames[i] = nil
			return letter{frame: f}, true
		}
	}
	switch {
	case b.pong != nil:
		l := letter{frame: b.pong}
		b.pong = nil
		return l, true
	case b.ping:
		b.ping = false
		return letter{frame: pingFrame}, true
	case b.last != nil && !b.shut:
		b.shut = true
		return letter{frame: b.last.frame(), last: true}, true
	}
	b.busy = false
	return letter{}, false
}

// takeDatafile lets go of the lock while it gets the frame, which may have to be made. A page that has asked gives up a line that says
// nothing for AnswerMs, and hears of a frame only when it has come to its end: so before a large one there is a word.
func (b *mailbox) takeDatafile(e *edition) letter {
	have, notice, word, l := b.have, b.notice && !b.bytes, b.word, letter{push: b.push}
	b.have, b.newest, b.push, b.bytes, b.word = e.Hash, nil, nil, false, nil
	b.mu.Unlock()
	l.frame = e.frame(have, notice)
	b.mu.Lock()
	if word != nil && len(l.frame.plain) > atOnce {
		b.behind = l
		return letter{frame: word}
	}
	return l
}

// takeResults lets go of the lock as takeDatafile does.
func (b *mailbox) takeResults(s *standing) letter {
	from := b.stands
	if !b.changes {
		from = 0
	}
	b.results, b.stands = nil, s.number
	b.mu.Unlock()
	defer b.mu.Lock()
	return letter{frame: s.frame(from)}
}

// tell puts the newest results into the box, unless the page has them: they come to everyone again when one page more follows them.
func (b *mailbox) tell(s *standing) {
	if b.stands != s.number {
		b.results = s
	}
}

// give puts the newest datafile into the box, in place of an older one that was not sent yet.
func (b *mailbox) give(e *edition, p *push) {
	b.push.done()
	b.newest, b.push = e, p
}

// abandon throws the content away; nothing will be written any more.
func (b *mailbox) abandon() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.give(nil, nil)
	b.behind.push.done()
	b.behind, b.results = letter{}, nil
	b.frames = [slots]*frame{}
	b.endLocked()
}

// end says that the last was written.
func (b *mailbox) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endLocked()
}

func (b *mailbox) endLocked() {
	b.shut, b.busy = true, false
	if b.sent != nil {
		close(b.sent)
	}
}

// ended returns a channel that is closed when nothing will be written any more. It is for one caller.
func (b *mailbox) ended() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent = make(chan struct{})
	if b.shut && !b.busy {
		close(b.sent)
	}
	return b.sent
}

// closed tells whether the box takes nothing any more.
func (b *mailbox) closed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last != nil || b.shut
}
